package metric

import (
	"slices"
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
	names := Names()
	for _, want := range []string{
		"valid.auc", "test.auc", "test.gauc", "test.pr_auc", "test.logloss", "test.ne", "test.accuracy", "test.calibration",
		"test.ece", "test.brier", "test.attained", "test.rmse", "test.mae", "test.hr@10", "test.ndcg@10", "oracle.auc", "oracle.logloss",
		"train.examples_per_second", "infer.examples_per_second", "train.seconds", "epochs", "best_step", "params", "params.dense",
		"interaction.width", "flops", "peak_rss",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("no metric %s", want)
		}
	}
	for i, name := range names {
		if slices.Index(names, name) != i {
			t.Errorf("%s is there twice", name)
		}
		if m, ok := Find(name); !ok || m.Title == "" || m.About == "" {
			t.Errorf("%s has the row %+v", name, m)
		}
	}
}
