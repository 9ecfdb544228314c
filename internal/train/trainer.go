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
	"ctrlab/embeddings"
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
	offset    float32 // from the logit to that of rows whose negatives are thinned, in which it is trained
	optimizer nn.Optimizer
	seed      uint64
	team      *team
	predictor *Predictor
	steps     int
	rate      float64  // of learning, before the schedule
	average   *average // nil: none

	tables  []table
	keys    []embeddings.Rows // that tables are looked up by
	uses    []nn.Uses         // of every key
	places  [][]int32         // of every key's rows in uses, where every row is updated; else nil
	pieces  []piece           // of the batch
	chunks  []chunk
	workers []worker
	lanes   []lane
	courses []course // a lane each, where the model reduces; else nil
	b       *batch.Batch
	sums    []float64 // loss of each shard
	square  []float64 // squared norm of each owner's gradient
	norms   []float64 // of parameters and tables, where a penalty wants them; else nil
	factor  float32   // that clipping puts on gradients
	hyper   nn.Hyper  // of the step
	// The phases of a step, as values made once: a method value allocates.
	passes, resumes, norming, measures, updates func(worker, task int)
}

// Times are seconds by phase.
type Times struct{ Forward, Backward, Update float64 }

// lane is what a lane knows of the step under way.
type lane struct {
	step              nn.Step
	voices            *nn.Voices // nil: no auxiliary loss
	forward, backward time.Duration
	sum               func([]float64) // of step.Reduce, where the model reduces
	waited            time.Duration   // in it
	_                 [64]byte        // lanes write at once: not into one cache line
}

// NewTrainer returns a trainer on a number of threads; Close ends them.
func NewTrainer(m *models.Model, o Options, seed uint64, workers int) *Trainer {
	t := &Trainer{
		Model: m, options: o, seed: seed, team: newTeam(workers),
		workers: make([]worker, workers), lanes: make([]lane, len(m.Lanes)),
	}
	loss, _ := nn.FindLoss(o.Loss)
	t.loss, t.offset = o.Of(loss), float32(-math.Log(o.NegativeRate))
	for l := range t.lanes {
		t.lanes[l].voices = m.Voices(loss, t.loss)
	}
	t.optimizer, _ = nn.FindOptimizer(o.Optimizer)
	t.hyper, t.rate = t.optimizer.Hyper(o.Constants), o.LearningRate
	t.average = newAverage(m, o.Average)
	t.declare()
	t.sums = make([]float64, t.shards(o.BatchSize))
	t.predictor = newPredictor(m, t.team)
	t.passes, t.resumes, t.norming, t.measures, t.updates = t.pass, t.resume, t.normOf, t.measure, t.update
	if row, _ := findPenalty(o.Penalty); row.norm {
		t.norms = make([]float64, len(m.Params())+len(t.tables))
	}
	if m.Spec.Reduces() {
		for l := range t.lanes {
			t.courses = append(t.courses, t.newCourse(l))
		}
	}
	return t
}

// Close ends the trainer's threads.
func (t *Trainer) Close() {
	for _, c := range t.courses {
		c.stop()
	}
	t.team.close()
}

// Step trains on a batch and returns its mean loss from before the update. Where that is not finite nothing is
// updated, and the error names the step and the first parameter at fault.
func (t *Trainer) Step(b *batch.Batch) (float64, error) {
	if b.N > t.options.BatchSize {
		panic("train: a batch larger than batch_size")
	}
	t.ready(b)
	began := time.Now()
	t.team.do(len(t.lanes)+len(t.keys), t.passes)
	for t.reduce() {
		t.team.do(len(t.lanes), t.resumes)
	}
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
	t.hyper.LearningRate, t.hyper.Step = float32(t.options.at(t.steps, t.rate)), t.steps
	t.share()
	t.team.do(len(t.norms), t.norming)
	if t.options.ClipNorm > 0 {
		t.team.do(len(t.square), t.measures)
		t.clip()
	}
	t.team.do(len(t.square), t.updates)
	if t.average != nil {
		t.team.do(len(t.average.spans), t.average.follow)
	}
	t.clock(passed.Sub(began), time.Since(passed))
	return loss, nil
}

// Steps is the number of updates so far.
func (t *Trainer) Steps() int { return t.steps }

func (t *Trainer) shards(n int) int { return (n + t.Model.Shard - 1) / t.Model.Shard }

// pass runs a lane, or sorts a key's lookups for the update to come, which wants no gradients yet.
func (t *Trainer) pass(w, i int) {
	if i < len(t.lanes) {
		t.begin(i)
	} else {
		t.turn(&t.workers[w], i-len(t.lanes))
	}
}

// train runs the shards of lane l forward and backward.
func (t *Trainer) train(l int) {
	net, ln := t.Model.Lanes[l], &t.lanes[l]
	for _, p := range net.Params() {
		clear(p.Grad)
	}
	*ln = lane{sum: ln.sum, voices: ln.voices}
	n, rows := t.b.N, t.Model.Shard
	for shard := l; shard < t.shards(n); shard += len(t.Model.Lanes) {
		from, to := shard*rows, min((shard+1)*rows, n)
		ln.step = nn.Step{Seed: t.seed, Step: t.steps, Row: from, Train: true, Sum: ln.sum}
		t0 := time.Now()
		z := net.Forward(&ln.step, t.b, from, to)
		dz := t.Model.DLogit[from:to]
		t.sums[shard] = t.grad(ln, net, dz, z, t.b.Label[from:to])
		t1, waited := time.Now(), ln.waited
		net.Backward(&ln.step, t.b, dz, from, to)
		ln.forward += t1.Sub(t0) - waited
		ln.backward += time.Since(t1) - (ln.waited - waited)
	}
}

// grad returns the summed loss of a shard's logits, which it moves to where they are trained, and writes its gradient.
func (t *Trainer) grad(ln *lane, net *models.Net, dz, z, label []float32) float64 {
	shift(z, t.offset)
	sum := t.loss.Grad(dz, z, label, 1/float64(t.b.N))
	if ln.voices == nil {
		return sum
	}
	voices, dvoices := net.Voices(len(z))
	shift(voices.Data, t.offset)
	return ln.voices.Add(&ln.step, sum, nn.Heard{Z: z, Dz: dz, Label: label, Voices: voices, Dvoices: dvoices, Rows: t.b.N})
}

func shift(z []float32, by float32) {
	if by == 0 {
		return
	}
	for i := range z {
		z[i] += by
	}
}

// clock shares the wall time of the passes between forward, backward and update as the tasks' own clocks ran.
func (t *Trainer) clock(passes, update time.Duration) {
	var f, b, u time.Duration
	for i := range t.lanes {
		f, b = f+t.lanes[i].forward, b+t.lanes[i].backward
	}
	for i := range t.workers {
		u += t.workers[i].turning
	}
	each := passes.Seconds() / float64(max(f+b+u, 1))
	t.Times.Forward += each * float64(f)
	t.Times.Backward += each * float64(b)
	t.Times.Update += each*float64(u) + update.Seconds()
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

// Gradients returns the gradient of the last step by parameter name, a table's as a full matrix and without the part of
// L2. It allocates, and is for comparison with other implementations.
func (t *Trainer) Gradients() map[string][]float32 {
	all := map[string][]float32{}
	for _, p := range t.Model.Params() {
		all[p.Name] = append([]float32(nil), p.Grad...)
	}
	for _, tb := range t.tables {
		all[tb.Table.Name] = make([]float32, len(tb.Table.Value))
	}
	for _, p := range t.pieces {
		tb, g := t.tables[p.table], t.rows(&t.workers[0], p)
		t.scale(g)
		if tb.place != nil {
			copy(all[tb.Table.Name][p.from*tb.Table.D:], g)
			continue
		}
		for i, r := range t.uses[tb.key].Rows[p.from:p.to] {
			copy(all[tb.Table.Name][int(r)*tb.Table.D:], g[i*tb.Table.D:][:tb.Table.D])
		}
	}
	return all
}
