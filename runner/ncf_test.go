package runner

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ctrlab/datasets"
	"ctrlab/experiments"
	"ctrlab/internal/metric"
)

// ncf is experiments/ncf.toml on the NCF repository's files beside the project.
func ncf(t *testing.T, sets ...string) *Plan {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "data", "ml-1m-ncf")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the real data is not here: %v", err)
	}
	e, err := experiments.Load("ncf", append(sets, "data.train="+filepath.Join(dir, "ml-1m.train.*"),
		"data.test="+filepath.Join(dir, "ml-1m.test.rating"), "data.test_negative="+filepath.Join(dir, "ml-1m.test.negative")))
	must(t, err)
	p, err := NewPlan(t.Context(), datasets.Env{}, e)
	must(t, err)
	return p
}

// Item popularity of the whole train file: HR@10 0.4538 and NDCG@10 0.2543, as the data's README states.
func TestNCFPopularity(t *testing.T) {
	p := ncf(t, "data.valid_from=none", "train.patience=0")
	i := slices.IndexFunc(p.Trials, func(t Trial) bool { return t.Model.Name == "popularity" })
	m, err := trainer{workers: 2, progress: func(*Trial, metric.Progress) {}}.Execute(context.Background(), &p.Trials[i], nil)
	must(t, err)
	for name, want := range map[string]float64{"test.hr@10": 0.4538, "test.ndcg@10": 0.2543} {
		if got := math.Round(m.Metrics[name]*1e4) / 1e4; got != want {
			t.Errorf("%s is %v, want %v", name, m.Metrics[name], want)
		}
	}
}
