package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ctrlab/datasets"
	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
	"ctrlab/runner"
)

// many has 10,000 trials: a thousand variants, ten seeds each.
const many = `
name = "many"
seeds = %d
data = { source = "synthetic", rows = 3000, fields = 4, rows_per_field = 20 }
[[model]]
name = "lr"
[matrix]
"train.learning_rate" = [%s]
`

// guessed gives trials results and curves as training does, at no cost.
type guessed struct{}

func (guessed) Execute(_ context.Context, t *runner.Trial, record func(metric.Point)) (train.Result, error) {
	r := rand.New(rand.NewPCG(t.Seed, uint64(t.Ordinal)))
	for step := range 5 {
		for _, name := range []string{"train.loss", "valid.logloss", "valid.auc"} {
			record(metric.Point{Name: name, Step: 100 * step, Examples: int64(step) << 14, Seconds: float64(step) / 10, Value: r.Float64()})
		}
	}
	out := map[string]float64{}
	for _, m := range metric.All {
		if m.Kind != metric.Quality {
			out[m.Name] = r.Float64()
		} else if m.Name != "rmse" && m.Name != "mae" && m.Name != "hr@10" && m.Name != "ndcg@10" {
			out["valid."+m.Name], out["test."+m.Name] = r.Float64(), r.Float64()
		}
	}
	return train.Result{Metrics: out}, nil
}

// makeMany makes many.toml, and a database in which this build has done all of its trials.
func makeMany(b testing.TB, variants, seeds int) {
	b.Helper()
	rates := ""
	for i := range variants {
		rates += fmt.Sprintf("%g, ", 0.001*float64(i+1))
	}
	if err := os.WriteFile("many.toml", fmt.Appendf(nil, many, seeds, rates), 0o666); err != nil {
		b.Fatal(err)
	}
	e, err := experiments.Load("many.toml", nil)
	if err != nil {
		b.Fatal(err)
	}
	p, err := runner.NewPlan(b.Context(), datasets.Env{}, e)
	if err != nil {
		b.Fatal(err)
	}
	st, err := store.Open(filepath.FromSlash(defaultDB))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := runner.Run(b.Context(), p, st, runner.Options{Executor: guessed{}}); err != nil {
		b.Fatal(err)
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkMany is how long commands take with 10,000 finished trials in one database.
func BenchmarkMany(b *testing.B) {
	b.Chdir(b.TempDir())
	makeMany(b, 100, 100)
	for _, args := range [][]string{{"plan", "many.toml"}, {"runs"}, {"report", "many"}, {"run", "many.toml", "--quiet"}} {
		b.Run("command="+args[0], func(b *testing.B) {
			for b.Loop() {
				var out, errs bytes.Buffer
				if status := Main(b.Context(), args, &out, &errs); status != 0 {
					b.Fatal(errs.String())
				}
			}
		})
	}
}
