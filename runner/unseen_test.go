package runner

import (
	"testing"

	"ctrlab/datasets"
	"ctrlab/experiments"
	"ctrlab/internal/metric"
)

// What experiments/fm-svm.toml says, as an order: of pairs that train does not have an FM learns what is planted and no SVM does. Over
// data.seed 1 to 5, each with two seeds, FM has AUC 0.878 to 0.888, the others 0.487 to 0.505.
func TestFMLearnsPairsNeverSeen(t *testing.T) {
	e, err := experiments.Load("fm-svm", []string{"seeds=1"})
	must(t, err)
	p, err := NewPlan(t.Context(), datasets.Env{}, e)
	must(t, err)
	auc := map[string]float64{}
	for i := range p.Trials {
		m, err := trainer{workers: 2, progress: func(*Trial, metric.Progress) {}}.Execute(t.Context(), &p.Trials[i], nil)
		must(t, err)
		auc[p.Trials[i].Label] = m.Metrics["test.auc"]
	}
	for label, got := range auc {
		if fm := auc["FM"]; label == "FM" && got < 0.87 || label != "FM" && (got < 0.47 || got > 0.53 || got > fm-0.3) {
			t.Errorf("%s has AUC %.4f, FM %.4f", label, got, fm)
		}
	}
	if len(auc) != 5 {
		t.Errorf("there are %v, want FM and four without factors", auc)
	}
}
