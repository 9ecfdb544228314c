package train

import (
	"ctrlab/datasets/batch"
	"ctrlab/models"
	"ctrlab/nn"
)

// Predictor computes the logits (or ratings) of batches with a model, one built by models.Infer or one in training.
// It allocates nothing.
type Predictor struct {
	model  *models.Model
	team   *team
	steps  []nn.Step
	b      *batch.Batch
	logits []float32
	lane   func(worker, lane int) // a method value, made once
}

// NewPredictor returns a predictor on a number of threads; Close ends them.
func NewPredictor(m *models.Model, workers int) *Predictor {
	return newPredictor(m, newTeam(workers))
}

func newPredictor(m *models.Model, t *team) *Predictor {
	p := &Predictor{model: m, team: t, steps: make([]nn.Step, len(m.Lanes))}
	p.lane = p.predict
	return p
}

// Close ends the predictor's threads.
func (p *Predictor) Close() { p.team.close() }

// Predict writes the logits (or ratings) of a batch of any size.
func (p *Predictor) Predict(dst []float32, b *batch.Batch) {
	p.b, p.logits = b, dst
	p.model.Begin(b)
	p.team.do(min(len(p.model.Lanes), (b.N+p.model.Shard-1)/p.model.Shard), p.lane)
}

func (p *Predictor) predict(_, l int) {
	for from := l * p.model.Shard; from < p.b.N; from += p.model.Shard * len(p.model.Lanes) {
		to := min(from+p.model.Shard, p.b.N)
		p.steps[l].Row = from
		copy(p.logits[from:to], p.model.Lanes[l].Forward(&p.steps[l], p.b, from, to))
	}
}
