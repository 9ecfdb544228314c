package train

import (
	"strings"

	"ctrlab/internal/vec"
	"ctrlab/models"
)

// average is the exponential moving average of parameters and tables over steps, from the initial values: a ← β a + (1−β) w, β the
// key average. Valid and test see it in place of the values. Every step walks all of it, tables whole.
type average struct {
	model  *models.Model
	decay  float32
	means  []array
	spans  []span              // of them
	follow func(worker, i int) // a method value, made once
}

// span is a part of a parameter or table, with its average.
type span struct{ value, average []float32 }

// newAverage returns nil where there is nothing to average.
func newAverage(m *models.Model, decay float64) *average {
	if decay == 0 {
		return nil
	}
	a := &average{model: m, decay: float32(decay)}
	for _, v := range arrays(m) {
		if !strings.HasPrefix(v.name, runningPrefix) {
			a.add(v)
		}
	}
	a.follow = a.step
	return a
}

func (a *average) add(v array) {
	mean := append([]float32(nil), v.value...)
	a.means = append(a.means, array{v.name, v.shape, mean})
	for from := 0; from < len(mean); from += chunkSize {
		to := min(from+chunkSize, len(mean))
		a.spans = append(a.spans, span{v.value[from:to], mean[from:to]})
	}
}

// step takes span i on after an update.
func (a *average) step(_, i int) {
	s := a.spans[i]
	vec.Scale(s.average, a.decay)
	vec.Axpy(s.average, 1-a.decay, s.value)
}

// swap exchanges the values with their averages; once more, it takes them back.
func (a *average) swap() {
	if a == nil {
		return
	}
	for _, s := range a.spans {
		for i := range s.value {
			s.value[i], s.average[i] = s.average[i], s.value[i]
		}
	}
	a.model.Repack()
}
