// Package bench measures the throughput of models on generated data beside what the machine can do.
//
// Rounds are interleaved: each measures the machine's Limits and then every variant once, so that what disturbs the
// machine for a while disturbs all alike; of the rounds' rates it reports the median with an interval. Nothing is read
// or generated while a clock runs.
package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// The phases that can be measured.
const (
	Train = "train"
	Infer = "infer"
)

// Options say what to measure. Batch and Optimizer are the configuration's where they are empty.
type Options struct {
	Config    string
	Model     string // one of the configuration, or several, with commas; "": all
	Batch     int
	Threads   int
	Optimizer string
	Phase     string
	Rounds    int
	Progress  func(model string, round int) // before each measurement; may be nil. Round 0 is building and warming up

	shape sizes // of the configuration, changed by a sweep
	sweep string
	value int
}

// Result is what was measured of one variant.
type Result struct {
	Config            string     `json:"config"`
	Model             string     `json:"model"`
	Batch             int        `json:"batch"`
	Threads           int        `json:"threads"`
	Optimizer         string     `json:"optimizer"`
	Phase             string     `json:"phase"`
	Sweep             string     `json:"sweep,omitempty"`     // the size that is swept
	Value             int        `json:"value,omitempty"`     // and what it is here
	ExamplesPerSecond float64    `json:"examples_per_second"` // median of the rounds
	Interval          [2]float64 `json:"interval"`            // of the median, 95 %
	GFLOPs            float64    `json:"gflops"`              // a second
	RooflineShare     float64    `json:"roofline_share"`
	Bound             string     `json:"bound"`
	Disturbed         bool       `json:"disturbed"`

	Disturbances []string           `json:"disturbances,omitempty"`
	GBytes       float64            `json:"gbytes_per_second"`
	MRows        float64            `json:"mrows_per_second"`
	Rounds       []float64          `json:"rounds"` // examples a second
	Steps        int                `json:"steps"`  // a round
	Phases       map[string]float64 `json:"phases"` // seconds an example, by phase
	Latency      *Latency           `json:"latency,omitempty"`
	Params       int64              `json:"params"`
	Demand       Demand             `json:"demand"`
	Machine      Limits             `json:"machine"`
	Kernels      string             `json:"kernels"`
}

// Latency is how long one call of inference takes, in seconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Check refuses options that cannot be measured, and fills in those that are left to the configuration.
func (o *Options) Check() error {
	c, ok := FindConfig(o.Config)
	if !ok {
		return fmt.Errorf("there is no configuration %q; want one of %s", o.Config, names())
	}
	if o.Batch == 0 {
		o.Batch = c.Batch
	}
	if o.Optimizer == "" {
		o.Optimizer = c.Optimizer
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Phase == "" {
		o.Phase = Train
	}
	if _, ok := nn.FindOptimizer(o.Optimizer); !ok {
		var all []string
		for _, row := range nn.Optimizers {
			all = append(all, row.Name)
		}
		return fmt.Errorf("there is no optimizer %q; want one of %s", o.Optimizer, strings.Join(all, ", "))
	}
	switch {
	case o.Phase != Train && o.Phase != Infer:
		return fmt.Errorf("phase is %q, want %s or %s", o.Phase, Train, Infer)
	case o.Batch < 1:
		return errors.New("batch wants 1 or more")
	case o.Threads < 1:
		return errors.New("threads wants 1 or more")
	case o.Rounds < 1:
		return errors.New("rounds wants 1 or more")
	}
	_, err := c.Variants(o.Model)
	return err
}

func names() string {
	var all []string
	for _, c := range Configs {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}

// Run measures a configuration's variants. All are in memory together, built one after the other.
func Run(ctx context.Context, o Options) ([]Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = func(string, int) {}
	}
	c, _ := FindConfig(o.Config)
	c = c.shaped(o.shape)
	variants, err := c.Variants(o.Model)
	if err != nil {
		return nil, err
	}
	batches := c.data(o.Batch)
	var subjects []*subject
	for _, v := range variants {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.Progress(v.Name, 0)
		s := newSubject(v, o, batches)
		defer s.close()
		if err := s.warm(); err != nil {
			return nil, err
		}
		subjects = append(subjects, s)
	}
	limits, err := rounds(ctx, o, subjects)
	if err != nil {
		return nil, err
	}
	var out []Result
	for _, s := range subjects {
		out = append(out, s.result(o, limits))
	}
	return out, nil
}

// rounds measures all subjects and the machine in turn.
func rounds(ctx context.Context, o Options, subjects []*subject) (Limits, error) {
	p := newProbe(o.Threads, 6)
	var limits []Limits
	runtime.GC()
	for r := range o.Rounds {
		limits = append(limits, p.measure())
		for _, s := range subjects {
			if err := ctx.Err(); err != nil {
				return Limits{}, err
			}
			o.Progress(s.name, r+1)
			if err := s.round(); err != nil {
				return Limits{}, err
			}
		}
	}
	return middle(limits), nil
}

func (s *subject) result(o Options, l Limits) Result {
	x := Result{
		Config: o.Config, Model: s.name, Batch: o.Batch, Threads: o.Threads, Optimizer: o.Optimizer, Phase: o.Phase, Sweep: o.sweep, Value: o.value,
		ExamplesPerSecond: median(s.rates), Interval: interval(s.rates), Rounds: s.rates, Steps: s.steps,
		Disturbances: disturbances(s.rates, s.used, runtime.NumCPU()), Phases: s.phases(), Latency: s.latency(),
		Params: s.model.Spec.Cost().Params, Machine: l, Kernels: vec.Kernels(),
	}
	x.Disturbed = len(x.Disturbances) > 0
	optimizer, _ := nn.FindOptimizer(o.Optimizer)
	x.Demand = demand(s.model, s.batches[0], optimizer, o.Phase == Train, l.Cache)
	x.GFLOPs = x.Demand.FLOPs * x.ExamplesPerSecond / 1e9
	x.GBytes = x.Demand.Bytes * x.ExamplesPerSecond / 1e9
	x.MRows = x.Demand.Rows * x.ExamplesPerSecond / 1e6
	most, roof := x.Demand.Bound(l)
	x.RooflineShare, x.Bound = x.ExamplesPerSecond/most, roof
	return x
}
