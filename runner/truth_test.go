package runner

import (
	"context"
	"path/filepath"
	"testing"

	"ctrlab/datasets"
	"ctrlab/experiments"
	"ctrlab/internal/store"
)

// On a million rows whose truth is a factorization machine, fm attains nearly all that can be had and lr nothing: the
// bench measures what it says. Two passes: learning P parameters from n rows costs some P/2n nats whatever one does.
func TestFMTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("trains on a million rows")
	}
	e, err := experiments.Parse("truth.toml", []byte(`
name = "truth"
[data]
source = "synthetic"
rows = 1000000
[[data.truth]]
kind = "fm"
strength = 2
[train]
epochs = 2
[[model]]
name = "fm"
embedding_dim = 8
[[model]]
name = "lr"
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(context.Background(), datasets.Env{}, e)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(filepath.Join(t.TempDir(), "truth.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	attained := map[string]float64{}
	if _, err := Run(context.Background(), p, st, Options{Event: func(e Event) {
		if e.Kind == Ended {
			attained[e.Trial.Label] = e.Results["test.attained"]
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if attained["fm"] < 0.97 || attained["fm"] > 1.005 {
		t.Errorf("fm attains %.4f, want at least 0.97 and no more than the truth", attained["fm"])
	}
	if attained["lr"] > 0.05 {
		t.Errorf("lr attains %.4f of a truth in which no id says anything by itself", attained["lr"])
	}
}
