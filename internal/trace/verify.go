package trace

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"ctrlab/internal/train"
	"ctrlab/models"
)

// Result is what a comparison found: the largest relative errors, and the worst number of all.
type Result struct {
	Trace                     string
	OK                        bool
	Logit, Loss, Grads, Final float64
	Worst                     Worst
}

// Worst is the number that is furthest off.
type Worst struct {
	What  string  `json:"what"`  // logit, loss, grads or final
	Param string  `json:"param"` // "" for logit and loss
	Index int     `json:"index"` // in the parameter, row-major; the step's row for logit, the step for loss
	Got   float64 `json:"got"`
	Want  float64 `json:"want"`
	error float64
}

// MarshalJSON writes numbers that are not finite as null.
func (r Result) MarshalJSON() ([]byte, error) {
	n := func(v float64) any {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	}
	w := map[string]any{"what": r.Worst.What, "param": r.Worst.Param, "index": r.Worst.Index, "got": n(r.Worst.Got), "want": n(r.Worst.Want)}
	return json.Marshal(map[string]any{"trace": r.Trace, "ok": r.OK, "logit": n(r.Logit), "loss": n(r.Loss),
		"grads": n(r.Grads), "final": n(r.Final), "worst": w, "error": ""})
}

// String is the line of a trace.
func (r Result) String() string {
	line := fmt.Sprintf("%-20s logit %.1e  loss %.1e  grads %.1e  final %.1e", r.Trace, r.Logit, r.Loss, r.Grads, r.Final)
	if r.OK {
		return "ok    " + line
	}
	at := r.Worst.What
	if r.Worst.Param != "" {
		at += " " + r.Worst.Param
	}
	return fmt.Sprintf("FAIL  %s\n      %s[%d] is %.7g, want %.7g", line, at, r.Worst.Index, r.Worst.Got, r.Worst.Want)
}

// replay is a verification under way.
type replay struct {
	*Trace
	model   *models.Model
	trainer *train.Trainer
	values  map[string][]float32 // of parameters and tables
	result  Result
}

// Verify rebuilds the model, loads the parameters and replays the steps. All errors within tolerance is ok; a loss
// that is not finite ends the replay.
func (t *Trace) Verify(tolerance float64) Result {
	r := t.replay()
	defer r.trainer.Close()
	for i, s := range t.steps {
		if !r.step(i, s) {
			return r.result
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.final)) {
		r.compare("final", name, r.values[name], t.final[name].Data, &r.result.Final)
	}
	r.result.OK = max(r.result.Logit, r.result.Loss, r.result.Grads, r.result.Final) <= tolerance
	return r.result
}

// replay rebuilds the model and loads the parameters.
func (t *Trace) replay() *replay {
	m := models.New(t.spec, t.train.BatchSize, t.train.ShardRows, t.train.Lanes, 1)
	r := &replay{Trace: t, model: m, trainer: train.NewTrainer(m, t.train, 1, 1), values: map[string][]float32{}, result: Result{Trace: t.Name}}
	for _, p := range m.Params() {
		r.values[p.Name] = p.Value
	}
	for _, tb := range m.Tables() {
		r.values[tb.Name] = tb.Value
	}
	for _, n := range m.Runnings() {
		r.values[n.Name] = n.Value
	}
	r.load()
	return r
}

func (r *replay) load() {
	for name, v := range r.values {
		for i, x := range r.params[name].Data {
			v[i] = float32(x)
		}
	}
	r.model.Repack()
}

// step replays a step, and says whether the next makes sense.
func (r *replay) step(i int, s step) bool {
	b := r.batch(s)
	logits := make([]float32, b.N)
	r.trainer.Predict(logits, b)
	if s.Logit != nil {
		r.compare("logit", "", logits, s.Logit, &r.result.Logit)
	}
	loss, err := r.trainer.Step(b)
	want := number(math.NaN())
	if s.Loss != nil {
		want = *s.Loss
	}
	if s.Loss != nil || err != nil {
		r.number(Worst{What: "loss", Index: i, Got: loss, Want: float64(want)}, &r.result.Loss)
	}
	if err != nil {
		return false
	}
	if i == 0 && r.grads != nil {
		got := r.gradients()
		for _, name := range slices.Sorted(maps.Keys(r.grads)) {
			r.compare("grads", name, got[name], r.grads[name].Data, &r.result.Grads)
		}
	}
	return true
}

// gradients are those of the first step, which is taken once more where penalties are in it.
func (r *replay) gradients() map[string][]float32 {
	if r.train.Penalties == (train.Penalties{Penalty: r.train.Penalty}) && r.train.ClipNorm == 0 {
		return r.trainer.Gradients()
	}
	plain := *r.Trace
	plain.train.Penalties, plain.train.ClipNorm = train.Penalties{Penalty: r.train.Penalty}, 0
	p := plain.replay()
	defer p.trainer.Close()
	_, _ = p.trainer.Step(p.batch(p.steps[0]))
	return p.trainer.Gradients()
}

func (r *replay) compare(what, param string, got []float32, want []number, largest *float64) {
	for i, w := range want {
		r.number(Worst{What: what, Param: param, Index: i, Got: float64(got[i]), Want: float64(w)}, largest)
	}
}

func (r *replay) number(w Worst, largest *float64) {
	w.error = Error(w.Got, w.Want)
	*largest = max(*largest, w.error)
	if w.error > r.result.Worst.error || r.result.Worst.What == "" {
		r.result.Worst = w
	}
}
