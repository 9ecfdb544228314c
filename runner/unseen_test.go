package runner

import (
	"testing"

	"ctrlab/datasets"
	"ctrlab/experiments"
)

// What experiments/fm-svm.toml says, as an order: on pairs that train does not have an FM learns what is planted and no SVM does. Over
// seeds 1 to 5 FM has AUC … to …, the others … to ….
func TestFMLearnsPairsNeverSeen(t *testing.T) {
	e, err := experiments.Load("fm-svm", []string{"seeds=1"})
	must(t, err)
	p, err := NewPlan(t.Context(), datasets.Env{}, e)
	must(t, err)
	auc := map[string]float64{}
	for i := range p.Trials {
		m, err := trainer{workers: 2, progress: func(*Trial, int64, int64) {}}.Execute(t.Context(), &p.Trials[i], nil)
		must(t, err)
		auc[p.Trials[i].Label] = m["test.auc"]
	}
	t.Log(auc)
}
