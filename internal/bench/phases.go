package bench

import (
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/models"
	"ctrlab/nn"
)

// PhaseNames are the phases of a step in their order. Gather is looking embeddings up, interaction the operators'
// forward and backward passes, forward and backward the rest of these.
var PhaseNames = []string{"read", "gather", "forward", "interaction", "backward", "update"}

// phases returns seconds an example by phase. The trainer's clock tells forward, backward and update. Gather and
// interaction happen inside: on one thread they are done once more by themselves, as are whole passes, and so their
// shares of these are known.
func (s *subject) phases() map[string]float64 {
	examples := float64(len(s.rates) * s.steps * s.batches[0].N)
	forward, backward, update := s.times.Forward/examples, s.times.Backward/examples, s.times.Update/examples
	if !s.train {
		forward = 1 / median(s.rates)
	}
	r := newReplay(s)
	ahead, back := r.passes()
	gather, interact, undo := r.gather()/ahead, 0.0, 0.0
	for _, o := range r.operators() {
		interact += o.forward() / ahead
		if s.train {
			undo += o.backward() / back
		}
	}
	if all := gather + interact; all > 1 {
		gather, interact = gather/all, interact/all
	}
	undo = min(undo, 1)
	return map[string]float64{
		"read": 0, "gather": gather * forward, "interaction": interact*forward + undo*backward, "update": update,
		"forward": max(1-gather-interact, 0) * forward, "backward": (1 - undo) * backward,
	}
}

// replay does parts of a step by themselves, a shard at a time.
type replay struct {
	*subject
	batches []*batch.Batch
	net     *models.Net
	rows    int // of a shard
	next    int
}

func newReplay(s *subject) *replay {
	r := &replay{subject: s, batches: s.batches, net: s.model.Lanes[0], rows: min(s.model.Shard, s.batches[0].N)}
	if s.model.Spec.Products > 0 { // they are those of the batch that the model was begun on
		r.batches = r.batches[:1]
		s.model.Begin(r.batches[0])
	}
	return r
}

// shard returns the batch and the rows that come next.
func (r *replay) shard() (b *batch.Batch, from, to int) {
	b = r.batches[r.next%len(r.batches)]
	from = r.next / len(r.batches) * r.rows % (b.N - b.N%r.rows)
	r.next++
	return b, from, from + r.rows
}

// passes returns the seconds of a shard's forward and backward pass.
func (r *replay) passes() (forward, backward float64) {
	step, dz := &nn.Step{Train: r.train}, make([]float32, r.rows)
	var ahead, back []float64
	for began := time.Now(); len(ahead) < 5 || time.Since(began) < 50*time.Millisecond; {
		b, from, to := r.shard()
		r.model.Ready(b)
		step.Row = from
		t0 := time.Now()
		r.net.Forward(step, b, from, to)
		t1 := time.Now()
		ahead = append(ahead, t1.Sub(t0).Seconds())
		if r.train {
			r.net.Backward(step, b, dz, from, to)
			back = append(back, time.Since(t1).Seconds())
		}
	}
	return median(ahead), median(back)
}

// gather returns the seconds that looking a shard's embeddings up takes.
func (r *replay) gather() float64 {
	step := &nn.Step{Train: r.train}
	return typical(func() {
		b, from, to := r.shard()
		r.net.Look(step, b, from, to)
	})
}

// operator is an interaction with a shard for itself.
type operator struct {
	interactions.Interaction
	x, dx nn.Block
	y     nn.Mat
	step  nn.Step
}

func (o *operator) forward() float64 { return typical(func() { o.Forward(&o.step, o.y, o.x) }) }

func (o *operator) backward() float64 {
	return typical(func() { o.Backward(&o.step, o.dx, o.y, o.x) })
}

// operators builds those of the model once more.
func (r *replay) operators() []*operator {
	spec, n := r.model.Spec, r.rows
	var all []*operator
	for _, br := range spec.Branches {
		for _, u := range br.Interactions {
			f, d := spec.Shape(br, u)
			v, _ := interactions.Find(u.Name)
			o := &operator{Interaction: v.New(nn.NewBuilder(n, 1, r.train, spec.Init), f, d, u.Options), x: nn.NewBlock(n, f, d), dx: nn.NewBlock(n, f, d), step: nn.Step{Train: r.train}}
			o.y = nn.NewMat(n, o.Width())
			for i := range o.x.Data {
				o.x.Data[i] = float32(i%7) / 70
			}
			all = append(all, o)
		}
	}
	return all
}

// typical returns the median of the seconds of some calls.
func typical(f func()) float64 {
	var all []float64
	for began := time.Now(); len(all) < 5 || time.Since(began) < 20*time.Millisecond; {
		from := time.Now()
		f()
		all = append(all, time.Since(from).Seconds())
	}
	return median(all)
}
