package train

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"ctrlab/internal/checkpoint"
	"ctrlab/internal/metric"
)

// Checkpoint is how a run's state is kept on its way: every so many steps, or so much time, and when the run is interrupted.
type Checkpoint struct {
	Steps int           // 0: time decides
	Every time.Duration // 0: steps decide
	// Save makes a file of what write writes. What goes wrong is its own affair: training goes on.
	Save func(step int, write func(*checkpoint.Writer))
}

// share is how many times as long as a checkpoint takes training goes on before the next that time asks for.
const share = 20

// place is how far a run has come, beside what the arrays say.
type place struct {
	Epoch    int // under way, from 0
	Batch    int // of it that are trained on
	Examples int64
	LossSum  float64 // since the last point
	LossRows int
	Read     float64 // seconds
	Speed    rate
	Falls    []fall
	Chosen   bool // training is over, and the arrays are the state that was chosen
}

// saved is all of a run that is no array.
type saved struct {
	place
	Steps   int
	Rate    float64 // of learning, before the schedule
	Waited  int     // of plateau
	Times   Times
	Predict rate
	Best    best
	Scores  map[string]exact // of the best
	Points  []savedPoint
	Again   *choice // that is repeated
}

// savedPoint is a metric.Point.
type savedPoint struct {
	Name     string
	Step     int
	Examples int64
	Seconds  float64
	Value    exact
}

// exact is a number that JSON keeps to the bit, also one that is not finite.
type exact float64

// MarshalText implements encoding.TextMarshaler.
func (e exact) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(e), 'g', -1, 64), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *exact) UnmarshalText(b []byte) error {
	v, err := strconv.ParseFloat(string(b), 64)
	*e = exact(v)
	return err
}

// keepState writes a checkpoint where one is due.
func (r *run) keepState() {
	c := r.Checkpoint
	if c == nil {
		return
	}
	due := c.Steps > 0 && r.steps()%c.Steps == 0
	if !due && (c.Every <= 0 || time.Since(r.saved) < max(c.Every, share*r.saving)) {
		return
	}
	r.save()
}

// save writes a checkpoint, if there is anything to keep.
func (r *run) save() {
	if r.Checkpoint == nil || r.steps() == 0 {
		return
	}
	began := time.Now()
	r.Checkpoint.Save(r.steps(), r.write)
	r.saved = time.Now()
	r.saving = r.saved.Sub(began)
}

// steps are those of the run, and of the one before that it repeats.
func (r *run) steps() int {
	n := r.trainer.Steps()
	if r.again != nil {
		n += r.again.Steps
	}
	return n
}

// write is a checkpoint's sections: place, the arrays, and while training is under way what optimiser and keeper remember.
func (r *run) write(w *checkpoint.Writer) {
	w.Bytes(placeSection, r.encode())
	state := arrays(r.trainer.Model)
	for _, a := range state {
		w.Floats(a.name, a.shape, a.value)
	}
	if r.Chosen {
		return
	}
	r.trainer.memory(func(name string, parts ...[]float32) {
		n := 0
		for _, p := range parts {
			n += len(p)
		}
		w.Floats(name, []int{n}, parts...)
	})
	r.keep.write(w, state)
}

const placeSection = "place"

func (r *run) encode() []byte {
	s := saved{
		place: r.place, Steps: r.trainer.steps, Rate: r.trainer.rate, Waited: r.plateau.waited, Times: r.trainer.Times,
		Predict: r.eval.speed, Best: r.keep.best, Scores: exactly(r.keep.values), Again: r.again,
	}
	points := r.points
	if r.again != nil {
		points = r.again.points
	}
	for _, p := range points {
		s.Points = append(s.Points, savedPoint{p.Name, p.Step, p.Examples, p.Seconds, exact(p.Value)})
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic("train: a place that JSON cannot hold")
	}
	return b
}

// exactly returns nil for nil.
func exactly(m map[string]float64) map[string]exact {
	if m == nil {
		return nil
	}
	e := make(map[string]exact, len(m))
	for name, v := range m {
		e[name] = exact(v)
	}
	return e
}

func readSaved(f *checkpoint.File) (s saved, err error) {
	b, err := f.Bytes(placeSection)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err == nil && (s.Epoch < 0 || s.Batch < 0 || s.Batch > s.Steps || s.Epoch > s.Steps) {
		err = fmt.Errorf("%s: epoch %d and batch %d at step %d cannot be", f.Path(), s.Epoch, s.Batch, s.Steps)
	}
	return s, err
}

func (s *saved) points() (all []metric.Point) {
	for _, p := range s.Points {
		all = append(all, metric.Point{Name: p.Name, Step: p.Step, Examples: p.Examples, Seconds: p.Seconds, Value: float64(p.Value)})
	}
	return all
}

// resume takes a run on from where a checkpoint left it, if there is one, and records its points again.
func (r *run) resume() error {
	if r.Resume == nil {
		return nil
	}
	s, err := readSaved(r.Resume)
	if err != nil {
		return err
	}
	r.place, r.trainer.steps, r.trainer.rate, r.plateau.waited, r.trainer.Times = s.place, s.Steps, s.Rate, s.Waited, s.Times
	r.eval.speed, r.keep.best = s.Predict, s.Best
	if s.Scores != nil {
		r.keep.values = map[string]float64{}
	}
	for name, v := range s.Scores {
		r.keep.values[name] = float64(v)
	}
	if r.again == nil {
		for _, p := range s.points() {
			r.record(p)
		}
	}
	return r.read(r.Resume)
}

// read reads the arrays; the best state goes through the model into the keeper's file.
func (r *run) read(f *checkpoint.File) (err error) {
	state := arrays(r.trainer.Model)
	load := func(kind string) {
		for _, a := range state {
			if err == nil {
				err = f.ReadFloats(kind+a.name, a.value)
			}
		}
	}
	if !r.Chosen && f.Has(bestPrefix+state[0].name) {
		load(bestPrefix)
		if err == nil {
			err = r.keep.save()
		}
	}
	load("")
	if !r.Chosen {
		r.trainer.memory(func(name string, parts ...[]float32) {
			if err == nil {
				err = f.ReadFloats(name, parts...)
			}
		})
	}
	r.trainer.Model.Repack()
	return err
}

// memory walks what a trainer remembers from step to step beside the model: the optimiser's state and the averages, each under
// a name of its own and in the parts that it lies in.
func (t *Trainer) memory(do func(name string, parts ...[]float32)) {
	for i, tb := range t.tables {
		for k, plane := range tb.state {
			if plane != nil {
				do(fmt.Sprintf("optimizer.%d/lookup.%d", k, i), plane)
			}
		}
	}
	for i := range t.Model.Params() {
		var planes [2][][]float32
		for _, c := range t.chunks {
			for k, plane := range c.state {
				if c.param == i && plane != nil {
					planes[k] = append(planes[k], plane)
				}
			}
		}
		for k, parts := range planes {
			if parts != nil {
				do(fmt.Sprintf("optimizer.%d/param.%d", k, i), parts...)
			}
		}
	}
	if t.average != nil {
		for _, a := range t.average.means {
			do(averagePrefix+a.name, a.value)
		}
	}
}
