package metric

import (
	"testing"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, row string }{
		{"auc", "auc"},
		{"valid.auc", "auc"},
		{"test.ndcg@10", "ndcg@10"},
		{"oracle.auc", "oracle.auc"},
		{"train.loss", "train.loss"},
		{"params.dense", "params.dense"},
		{"test.params", ""},
		{"test.oracle.auc", ""},
		{"valid.test.auc", ""},
		{"train.auc", ""},
		{"acu", ""},
	} {
		if m, ok := Find(c.name); m.Name != c.row || ok != (c.row != "") {
			t.Errorf("%s finds %q", c.name, m.Name)
		}
	}
}

// Every name that the experiments' page promises to scripts is there, and every row is whole.
func TestTable(t *testing.T) {
	for _, want := range []string{
		"valid.auc", "test.auc", "test.gauc", "test.pr_auc", "test.logloss", "test.ne", "test.accuracy", "test.calibration",
		"test.ece", "test.brier", "test.attained", "test.rmse", "test.mae", "test.hr@10", "test.ndcg@10", "oracle.auc", "oracle.logloss",
		"train.examples_per_second", "infer.examples_per_second", "train.seconds", "epochs", "best_step", "params", "params.dense",
		"interaction.width", "flops", "peak_rss",
	} {
		if _, ok := Find(want); !ok {
			t.Errorf("no metric %s", want)
		}
	}
	seen := map[string]bool{}
	for _, m := range All {
		if seen[m.Name] || m.Title == "" || m.About == "" {
			t.Errorf("a row is there twice or not whole: %+v", m)
		}
		seen[m.Name] = true
	}
}
