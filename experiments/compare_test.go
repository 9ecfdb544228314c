package experiments

import (
	"maps"
	"testing"
)

const comparing = "data = { source = \"synthetic\", rows = 100, fields = 2 }\n[[model]]\nname = \"lr\"\n[[model]]\nname = \"fm\"\n[matrix]\n\"model.embedding_dim\" = [4, 8]\n"

func TestCompare(t *testing.T) {
	e, err := Parse("x.toml", []byte(comparing+"[compare]\nbaseline = \"fm\"\nmargin = { auc = 0.001, \"train.examples_per_second\" = 0.05, test.logloss = 0.002 }\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"auc": 0.001, "train.examples_per_second": 0.05, "test.logloss": 0.002}
	if e.Compare.Baseline != "fm" || !maps.Equal(e.Compare.Margin, want) {
		t.Errorf("got %+v", e.Compare)
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, c := range []struct{ table, want string }{
		{`baseline = "dnn"`, `x.toml:9: compare.baseline is "dnn", which no variant is called, want one of fm embedding_dim=4, fm embedding_dim=8, lr`},
		{`margin = { aux = 0.001 }`, `x.toml:9: compare.margin.aux is no metric; did you mean auc?`},
		{`margin = { auc = 0 }`, `x.toml:9: compare.margin.auc is 0, want more than 0`},
		{`margin = { epochs = 1 }`, `x.toml:9: compare.margin.epochs is nothing that variants are compared by on test`},
		{`margins = { auc = 1 }`, `x.toml:9: compare.margins is not a key here; did you mean margin?`},
	} {
		_, err := Parse("x.toml", []byte(comparing+"[compare]\n"+c.table+"\n"), nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.table, err, c.want)
		}
	}
}
