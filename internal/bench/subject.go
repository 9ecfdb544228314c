package bench

import (
	"fmt"
	"slices"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// subject is a variant under measurement.
type subject struct {
	name    string
	train   bool
	options train.Options
	threads int
	model   *models.Model
	trainer *train.Trainer   // of the phase train
	predict *train.Predictor // of the phase infer
	batches []*batch.Batch
	logits  []float32
	next    int // batch

	steps int       // a round
	rates []float64 // examples a second, a round each
	used  usage     // of the rounds
	calls []float64 // seconds each, of inference
	times train.Times
}

const (
	roundSeconds = 0.5 // about what a round takes
	mostCalls    = 1 << 15
	fewestCalls  = 100 // that percentiles want
)

// rates of learning at which random labels leave the loss finite.
var learning = map[string]float64{"sgd": 0.1, "adam": 0.001, "dense_adam": 0.001, "adamw": 0.001}

func newSubject(v Variant, o Options, batches []*batch.Batch) *subject {
	t := train.Defaults()
	t.Optimizer, t.BatchSize, t.LearningRate = o.Optimizer, o.Batch, 0.01
	if rate, ok := learning[o.Optimizer]; ok {
		t.LearningRate = rate
	}
	if err := t.Check(); err != nil {
		panic("bench: options of training that do not hold")
	}
	s := &subject{
		name: v.Name, train: o.Phase == Train, options: t, threads: o.Threads, batches: batches, logits: make([]float32, o.Batch),
	}
	if s.train {
		s.model = models.New(v.Spec, t.BatchSize, t.ShardRows, t.Lanes, 1)
		s.trainer = train.NewTrainer(s.model, t, 1, o.Threads)
	} else {
		s.model = models.Infer(v.Spec, t.ShardRows, t.Lanes, 1)
		s.predict = train.NewPredictor(s.model, o.Threads)
	}
	return s
}

// close ends the subject's threads.
func (s *subject) close() {
	if s.train {
		s.trainer.Close()
	} else {
		s.predict.Close()
	}
}

// step trains on the next batch, or predicts it.
func (s *subject) step() error {
	b := s.batches[s.next]
	s.next = (s.next + 1) % len(s.batches)
	if !s.train {
		s.predict.Predict(s.logits, b)
		return nil
	}
	_, err := s.trainer.Step(b)
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	return err
}

// warm takes the first steps, which grow what grows, and from the fastest of them chooses how many a round has.
func (s *subject) warm() error {
	began, least := time.Now(), time.Duration(1<<62)
	for i := range max(len(s.batches), 3) {
		from := time.Now()
		if err := s.step(); err != nil {
			return err
		}
		if least = min(least, time.Since(from)); i > 0 && time.Since(began).Seconds() > roundSeconds {
			break
		}
	}
	s.steps = min(max(int(roundSeconds/least.Seconds()+0.5), 1), mostCalls)
	if !s.train {
		s.calls = make([]float64, 0, mostCalls)
	}
	return nil
}

// round measures once.
func (s *subject) round() error {
	before, from := s.spent(), now()
	began := time.Now()
	last := began
	for range s.steps {
		if err := s.step(); err != nil {
			return err
		}
		if !s.train {
			at := time.Now()
			if len(s.calls) < cap(s.calls) {
				s.calls = append(s.calls, at.Sub(last).Seconds())
			}
			last = at
		}
	}
	seconds := time.Since(began).Seconds()
	s.used = s.used.add(from, now())
	s.rates = append(s.rates, float64(s.steps*s.batches[0].N)/seconds)
	after := s.spent()
	s.times.Forward += after.Forward - before.Forward
	s.times.Backward += after.Backward - before.Backward
	s.times.Update += after.Update - before.Update
	return nil
}

// spent is the trainer's seconds by phase so far.
func (s *subject) spent() (t train.Times) {
	if s.train {
		t = s.trainer.Times
	}
	return t
}

func (s *subject) latency() *Latency {
	if len(s.calls) < fewestCalls {
		return nil
	}
	slices.Sort(s.calls)
	return &Latency{quantile(s.calls, 0.5), quantile(s.calls, 0.95), quantile(s.calls, 0.99)}
}
