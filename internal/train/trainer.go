// Package train trains one model on one source: a Trainer takes steps and predicts, Run is a whole trial.
//
// The number of threads never changes a bit. A batch is cut into shards of a fixed number of rows; lane l treats
// shards l, l+L, … in order and sums their gradients; lanes are summed in lane order, and every parameter and table
// has one owner at a time, which applies the optimiser. Any thread may do any of this.
package train

import (
	"fmt"
	"math"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/vec"
	"ctrlab/models"
	"ctrlab/nn"
)

// Trainer takes optimiser steps on a model. A step allocates nothing once it has seen the largest batch.
type Trainer struct {
	Model *models.Model
	// Times are seconds spent so far: forward, backward and update of training.
	Times Times

	options   Options
	loss      nn.Loss
	optimizer nn.Optimizer
	seed      uint64
	team      *team
	predictor *Predictor
	steps     int

	chunks []chunk
	tables []table
	b      *batch.Batch
	sums   []float64 // loss of each shard
	lanes  []lane
	square []float64 // squared norm of each owner's gradient
	factor float32   // that clipping puts on gradients
	// The phases of a step, as values made once: a method value allocates.
	trainLane, reduceOwner, updateOwner, reduceAndUpdate func(int)
}

// Times are seconds by phase.
type Times struct{ Forward, Backward, Update float64 }

// lane is what a lane knows of the step under way.
type lane struct {
	step              nn.Step
	forward, backward time.Duration
	_                 [64]byte // lanes write at once: not into one cache line
}

// chunk is rows of a dense parameter that one owner updates.
type chunk struct {
	param    int // of every lane
	from, to int // rows, from a multiple of vec.Panel
	state    nn.State
}

// table is a lookup with its optimiser's state and a batch's gradient.
type table struct {
	models.Lookup
	state nn.State
	grads nn.RowGrads
}

// chunkSize is about how many numbers an owner treats at a time.
const chunkSize = 1 << 15

// NewTrainer returns a trainer on a number of threads; Close ends them.
func NewTrainer(m *models.Model, o Options, seed uint64, workers int) *Trainer {
	t := &Trainer{Model: m, options: o, seed: seed, team: newTeam(workers), lanes: make([]lane, len(m.Lanes))}
	t.loss, _ = nn.FindLoss(o.Loss)
	t.optimizer, _ = nn.FindOptimizer(o.Optimizer)
	for _, l := range m.Lookups {
		t.tables = append(t.tables, table{Lookup: l, state: t.optimizer.NewRowState(l.Table)})
	}
	for i, p := range m.Params() {
		out, in := p.Dims()
		rows := (chunkSize/in + vec.Panel) / vec.Panel * vec.Panel
		for from := 0; from < out; from += rows {
			to := min(from+rows, out)
			t.chunks = append(t.chunks, chunk{i, from, to, t.optimizer.NewState((to - from) * in)})
		}
	}
	t.sums = make([]float64, t.shards(o.BatchSize))
	t.square = make([]float64, len(t.tables)+len(t.chunks))
	t.predictor = newPredictor(m, t.team)
	t.trainLane = t.train
	t.reduceOwner, t.updateOwner = t.reduce, t.update
	t.reduceAndUpdate = func(i int) { t.reduce(i); t.update(i) }
	return t
}

// Close ends the trainer's threads.
func (t *Trainer) Close() { t.team.close() }

// Step trains on a batch and returns its mean loss from before the update. Where that is not finite nothing is
// updated, and the error names the step and the first parameter at fault.
func (t *Trainer) Step(b *batch.Batch) (float64, error) {
	if b.N > t.options.BatchSize {
		panic("train: a batch larger than batch_size")
	}
	t.b = b
	began := time.Now()
	t.team.do(len(t.Model.Lanes), t.trainLane)
	passed := time.Now()
	loss := 0.0
	for _, s := range t.sums[:t.shards(b.N)] {
		loss += s
	}
	loss /= float64(b.N)
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, t.diverged("the loss is %v", loss)
	}
	t.steps++
	t.factor = 1
	owners := len(t.tables) + len(t.chunks)
	if t.options.ClipNorm > 0 {
		t.team.do(owners, t.reduceOwner)
		t.clip()
		t.team.do(owners, t.updateOwner)
	} else {
		t.team.do(owners, t.reduceAndUpdate)
	}
	t.clock(passed.Sub(began), time.Since(passed))
	return loss, nil
}

// Steps is the number of updates so far.
func (t *Trainer) Steps() int { return t.steps }

func (t *Trainer) shards(n int) int { return (n + t.Model.Shard - 1) / t.Model.Shard }

// train runs the shards of lane l forward and backward.
func (t *Trainer) train(l int) {
	net, ln := t.Model.Lanes[l], &t.lanes[l]
	for _, p := range net.Params() {
		clear(p.Grad)
	}
	*ln = lane{}
	n, rows := t.b.N, t.Model.Shard
	for shard := l; shard < t.shards(n); shard += len(t.Model.Lanes) {
		from, to := shard*rows, min((shard+1)*rows, n)
		ln.step = nn.Step{Seed: t.seed, Step: t.steps, Row: from}
		t0 := time.Now()
		z := net.Forward(&ln.step, t.b, from, to)
		dz := t.Model.DLogit[from:to]
		t.sums[shard] = t.loss.Grad(dz, z, t.b.Label[from:to], 1/float64(n))
		t1 := time.Now()
		net.Backward(&ln.step, t.b, dz, from, to)
		ln.forward += t1.Sub(t0)
		ln.backward += time.Since(t1)
	}
}

// reduce brings the gradient of owner i together: a table's rows, or the sum of the lanes.
func (t *Trainer) reduce(i int) {
	if i < len(t.tables) {
		tb := &t.tables[i]
		bags := t.b.Sparse[tb.Field]
		tb.grads.Set(tb.Table, bags.IDs, bags.Offsets, tb.Mean, tb.Grad.Rows(t.b.N))
		if t.options.L2 > 0 {
			tb.grads.Decay(tb.Table, float32(t.options.L2/float64(t.b.N)))
		}
		if t.options.ClipNorm > 0 {
			t.square[i] = vec.SumSquares(tb.grads.Grad)
		}
		return
	}
	c := t.chunks[i-len(t.tables)]
	_, g, _ := t.dense(c)
	for _, l := range t.Model.Lanes[1:] {
		p := l.Params()[c.param]
		_, in := p.Dims()
		vec.Add(g, p.Grad[c.from*in:c.to*in])
	}
	if t.options.ClipNorm > 0 {
		t.square[i] = vec.SumSquares(g)
	}
}

// dense returns a chunk's values and summed gradient.
func (t *Trainer) dense(c chunk) (w, g []float32, p *nn.Param) {
	p = t.Model.Params()[c.param]
	_, in := p.Dims()
	return p.Value[c.from*in : c.to*in], p.Grad[c.from*in : c.to*in], p
}

// update applies the optimiser for owner i.
func (t *Trainer) update(i int) {
	h := nn.Hyper{LearningRate: float32(t.options.LearningRate), Step: t.steps}
	if i < len(t.tables) {
		tb := &t.tables[i]
		if t.factor != 1 {
			vec.Scale(tb.grads.Grad, t.factor)
		}
		t.optimizer.UpdateRows(tb.Table.Value, tb.state, tb.Table.D, tb.grads.Rows, tb.grads.Grad, h)
		return
	}
	c := t.chunks[i-len(t.tables)]
	w, g, p := t.dense(c)
	if t.factor != 1 {
		vec.Scale(g, t.factor)
	}
	t.optimizer.Update(w, g, c.state, h)
	p.Repack(c.from, c.to)
}

// clip sets the factor that brings the gradient's norm down to clip_norm.
func (t *Trainer) clip() {
	sum := 0.0
	for _, s := range t.square {
		sum += s
	}
	if norm := math.Sqrt(sum); norm > t.options.ClipNorm {
		t.factor = float32(t.options.ClipNorm / norm)
	}
}

// clock shares the wall time of the lanes between forward and backward as their own clocks ran.
func (t *Trainer) clock(lanes, update time.Duration) {
	var f, b time.Duration
	for i := range t.lanes {
		f, b = f+t.lanes[i].forward, b+t.lanes[i].backward
	}
	share := float64(f) / float64(max(f+b, 1))
	t.Times.Forward += lanes.Seconds() * share
	t.Times.Backward += lanes.Seconds() * (1 - share)
	t.Times.Update += update.Seconds()
}

// diverged is the error of a number that is not finite, with the step and what is at fault.
func (t *Trainer) diverged(format string, args ...any) error {
	return fmt.Errorf("%s at step %d: %s", fmt.Sprintf(format, args...), t.steps+1, t.fault())
}

// fault names the first parameter at fault.
func (t *Trainer) fault() string {
	for _, p := range t.Model.Params() {
		if !finite(p.Value) {
			return "parameter " + p.Name + " is not finite"
		}
	}
	for _, tb := range t.tables {
		if !finite(tb.Table.Value) {
			return "parameter " + tb.Table.Name + " is not finite"
		}
	}
	for _, l := range t.Model.Lanes {
		for _, p := range l.Params() {
			if !finite(p.Grad) {
				return "the logits overflow, and first the gradient of " + p.Name + " is not finite"
			}
		}
	}
	return "the logits overflow, or a label or dense feature is not finite"
}

func finite(v []float32) bool {
	for _, x := range v {
		if x-x != 0 {
			return false
		}
	}
	return true
}

// Predict writes the logits (or ratings) of a batch of any size.
func (t *Trainer) Predict(dst []float32, b *batch.Batch) { t.predictor.Predict(dst, b) }

// Gradients returns the gradient of the last step by parameter name, a table's as a full matrix. It allocates, and is
// for comparison with other implementations.
func (t *Trainer) Gradients() map[string][]float32 {
	all := map[string][]float32{}
	for _, p := range t.Model.Params() {
		all[p.Name] = append([]float32(nil), p.Grad...)
	}
	for _, tb := range t.tables {
		g := make([]float32, len(tb.Table.Value))
		for i, r := range tb.grads.Rows {
			copy(g[int(r)*tb.Table.D:], tb.grads.Grad[i*tb.Table.D:][:tb.Table.D])
		}
		all[tb.Table.Name] = g
	}
	return all
}
