package train

import (
	"math"

	"ctrlab/internal/metric"
	"ctrlab/models"
)

// keeper holds the state that was best on valid.
type keeper struct {
	model    *models.Model
	better   metric.Better
	patience int

	seen    int // the last step that was offered
	step    int // the best one; that of the model as it is where nothing was offered
	score   float64
	values  map[string]float64 // all metrics of the best step
	waited  int                // evaluations since
	current bool               // the model is in the best state
	saved   [][]float32
}

func newKeeper(m *models.Model, o Options) *keeper {
	row, _ := metric.Find("valid." + o.Select)
	return &keeper{model: m, better: row.Better, patience: o.Patience, score: math.NaN(), current: true}
}

// offer takes the score of a step, and says whether patience is at its end. After the last offer the model stays as
// it is, and a best state that is the last needs no copy.
func (k *keeper) offer(step int, score float64, values map[string]float64, last bool) (stop bool) {
	k.seen = step
	improved := math.IsNaN(k.score) || score > k.score
	if k.better == metric.Lower {
		improved = math.IsNaN(k.score) || score < k.score
	}
	if !improved {
		k.waited++
		k.current = false
		return k.patience > 0 && k.waited >= k.patience
	}
	k.step, k.score, k.values, k.waited, k.current = step, score, values, 0, true
	if !last {
		k.save()
	}
	return false
}

func (k *keeper) save() {
	values := k.model.Values()
	if k.saved == nil {
		k.saved = make([][]float32, len(values))
	}
	for i, v := range values {
		k.saved[i] = append(k.saved[i][:0], v...)
	}
}

// restore brings the best state back.
func (k *keeper) restore() {
	if k.current {
		return
	}
	for i, v := range k.model.Values() {
		copy(v, k.saved[i])
	}
	k.model.Repack()
}
