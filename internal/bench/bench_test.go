package bench

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"ctrlab/nn"
)

// TestConfigs: parameters outside the tables, by hand from the layers that each configuration names.
func TestConfigs(t *testing.T) {
	mlp := func(sizes ...int) (n int64) { // weights and biases between the sizes
		for i := range len(sizes) - 1 {
			n += int64(sizes[i]*sizes[i+1] + sizes[i+1])
		}
		return n
	}
	const (
		scale  = 13 * 16     // a vector a dense feature
		linear = 13 + 1      // a weight a dense feature, a bias
		width  = 39 * 16     // all fields
		ids    = 38461 * 26  // of ctr39
		pair   = 2 * 500_000 // of ncf
	)
	top := mlp(width, 400, 400, 400, 1)
	joint := mlp(width, 400, 400, 400) + mlp(width+400, 1)
	for _, c := range []struct {
		config, model string
		dense, tables int64
	}{
		{"dlrm-kaggle", "dlrm", mlp(13, 512, 256, 64, 16) + mlp(16+27*26/2, 512, 256, 1), 26 * 100_000 * 16},
		{"dlrm-paper", "dlrm", mlp(512, 512, 64) + mlp(64+9*8/2, 1024, 1024, 1024, 1), 8 * 1_000_000 * 64},
		{"ctr39", "lr", linear, ids},
		{"ctr39", "fm", linear + scale, ids * 17},
		{"ctr39", "deepfm", linear + scale + top, ids * 17},
		{"ctr39", "wide_deep", linear + scale + top, ids * 17},
		{"ctr39", "dcn", scale + joint + 3*2*width, ids * 16},
		{"ctr39", "dcnv2", scale + joint + 3*(width*width+width), ids * 16},
		{"ctr39", "xdeepfm", linear + scale + top + (39*39*100 + 100) + (39*100*100 + 100) + mlp(200, 1), ids * 17},
		{"ctr39", "autoint", scale + 4*16*32 + 2*4*32*32 + mlp(39*32, 1), ids * 16},
		{"ncf", "neumf", mlp(128, 64, 32, 16) + mlp(16+16, 1), pair * (16 + 64)},
	} {
		row, _ := FindConfig(c.config)
		v, err := row.Variants(c.model)
		if err != nil {
			t.Errorf("%s %s: %v", c.config, c.model, err)
			continue
		}
		if cost := v[0].Spec.Cost(); cost.Params-cost.Tables != c.dense || cost.Tables != c.tables {
			t.Errorf("%s %s has %d dense parameters and %d in tables, want %d and %d", c.config, c.model, cost.Params-cost.Tables, cost.Tables, c.dense, c.tables)
		}
	}
}

func TestData(t *testing.T) {
	paper, _ := FindConfig("dlrm-paper")
	all := paper.data(600)
	if len(all) != 2 {
		t.Fatalf("%d batches, want 2", len(all))
	}
	for _, bags := range all[0].Sparse {
		if n := len(bags.IDs); n != int(bags.Offsets[600]) || n < 600*45 || n > 600*56 { // 50.5 a bag, ± 8 of its standard errors
			t.Errorf("%d ids in 600 bags", n)
		}
		if bags.Offsets[1] < 1 || slices.Max(bags.IDs) >= 1_000_000 || slices.Min(bags.IDs) < 0 {
			t.Error("an empty bag, or an id outside its table")
		}
	}
	kaggle, _ := FindConfig("dlrm-kaggle")
	if n := len(kaggle.data(1)); n != leastRows {
		t.Errorf("%d batches of one row, want %d", n, leastRows)
	}
}

// TestInterval: of n values the interval leaves out k at each end, the most for which 2·P(Binomial(n, ½) ≤ k−1) ≤ 0.05:
// 5 → none (with 0.0625), 7 → 0, 9 → 2·10/512 = 0.039: 1, 15 → 2·576/32768 = 0.035: 3.
func TestInterval(t *testing.T) {
	for _, c := range []struct{ n, k int }{{1, 0}, {2, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 1}, {11, 1}, {12, 2}, {15, 3}, {20, 5}} {
		var x []float64
		for i := range c.n {
			x = append(x, float64((i*7)%c.n)) // 7 has no divisor in common with the sizes but its own
		}
		if c.n == 7 {
			x = []float64{3, 1, 2, 0, 6, 5, 4}
		}
		want := [2]float64{float64(c.k), float64(c.n - 1 - c.k)}
		if got := interval(x); got != want {
			t.Errorf("of %d values: %v, want %v", c.n, got, want)
		}
	}
	if m := median([]float64{4, 1, 2, 9}); m != 3 {
		t.Errorf("median is %v, want 3", m)
	}
	if q := quantile([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.95); q != 10 {
		t.Errorf("the 95th percentile is %v, want 10", q)
	}
}

func TestDisturbed(t *testing.T) {
	calm := []float64{100, 101, 99, 100, 102, 100, 98}
	for _, c := range []struct {
		name  string
		rates []float64
		u     usage
		want  string
	}{
		{"calm", calm, usage{wall: 10, all: 20, own: 20}, ""},
		{"one slow round is what medians are for", []float64{100, 101, 99, 100, 102, 100, 30}, usage{wall: 10}, ""},
		{"spread", []float64{100, 60, 99, 65, 102, 62, 98}, usage{wall: 10}, "rounds 39 % apart"}, // (100 − 62)/98
		{"stolen", calm, usage{wall: 10, stolen: 1}, "5 % stolen"},
		{"others", calm, usage{wall: 10, all: 25, own: 20}, "others used 0.5 cores"},
		{"all of it", []float64{100, 60, 99, 65, 102, 62, 98}, usage{wall: 10, stolen: 1, all: 25, own: 20},
			"rounds 39 % apart; 5 % stolen; others used 0.5 cores"},
	} {
		if got := strings.Join(disturbances(c.rates, c.u, 2), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	all, stolen := worked("cpu  100 20 30 4000 50 6 7 80 0 0\ncpu0 …")
	if math.Abs(all-1.63) > 1e-12 || math.Abs(stolen-0.8) > 1e-12 {
		t.Errorf("%v s worked and %v s stolen, want 1.63 and 0.8", all, stolen)
	}
}

// TestSpent: fields 14 and 15 of proc_pid_stat(5), also where the name has brackets.
func TestSpent(t *testing.T) {
	if x := spent("42 (a) b) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0"); math.Abs(x-3) > 1e-12 {
		t.Errorf("%v s, want 3", x)
	}
}

// TestBound: each roof binds where it is the lowest.
func TestBound(t *testing.T) {
	l := Limits{FLOPs: 100e9, Bytes: 10e9, Rows: 20e6, Cached: 100e6}
	for _, c := range []struct {
		d    Demand
		rate float64
		roof string
	}{
		{Demand{FLOPs: 1e6, Bytes: 1000, Rows: 26, Cold: 1}, 100_000, Compute},
		{Demand{FLOPs: 1000, Bytes: 100_000, Rows: 26, Cold: 1}, 100_000, Memory},
		{Demand{FLOPs: 1000, Bytes: 3000, Rows: 40, Cold: 1}, 500_000, Rows},
		{Demand{FLOPs: 1000, Bytes: 3000, Rows: 40, Cold: 0}, 2_500_000, Rows},
		{Demand{FLOPs: 1000, Bytes: 3000, Rows: 40, Cold: 0.5}, 1 / (20/20e6 + 20/100e6), Rows},
	} {
		if rate, roof := c.d.Bound(l); math.Abs(rate/c.rate-1) > 1e-9 || roof != c.roof {
			t.Errorf("%+v: %v by %s, want %v by %s", c.d, rate, roof, c.rate, c.roof)
		}
	}
}

// TestRun takes the smallest measurement there is: all fields are filled in, whatever the speed.
func TestRun(t *testing.T) {
	for _, phase := range []string{Train, Infer} {
		all, err := Run(context.Background(), Options{Config: "ctr39", Model: "lr", Batch: 8, Threads: 1, Rounds: 1, Phase: phase})
		if err != nil {
			t.Fatal(err)
		}
		r := all[0]
		if r.ExamplesPerSecond <= 0 || r.Interval[0] != r.Interval[1] || len(r.Rounds) != 1 || r.Machine.FLOPs <= 0 || r.Bound == "" {
			t.Errorf("%+v", r)
		}
		if (r.Latency != nil) != (phase == Infer) {
			t.Errorf("%s has latency %v", phase, r.Latency)
		}
		sum := 0.0
		for _, name := range PhaseNames {
			if sum += r.Phases[name]; r.Phases[name] < 0 {
				t.Errorf("%s took %v s", name, r.Phases[name])
			}
		}
		if sum <= 0 {
			t.Error("no phase took time")
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		const first = `{"config":"ctr39","model":"lr","batch":8,"threads":1,"optimizer":"adagrad","phase":"`
		if !strings.HasPrefix(string(text), first+phase+`","examples_per_second":`) {
			t.Errorf("%s", text)
		}
	}
	// lr, by hand: 26 rows read, all different in 8 examples of 38461 ids or nearly so, each and its memory written.
	o := Options{Config: "ctr39", Model: "lr", Batch: 8, Threads: 1, Rounds: 1}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	row, _ := FindConfig("ctr39")
	v, _ := row.Variants("lr")
	s := newSubject(v[0], o, row.data(8))
	defer s.close()
	adagrad, _ := nn.FindOptimizer("adagrad")
	if d := demand(s.model, s.batches[0], adagrad, true, 0); d.FLOPs != 3*(2*26+2*13) || d.Rows != 26*3 || d.Bytes != 4*(13+26)+26*64*5 || d.Cold != 1 {
		t.Errorf("%+v", d)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Config: "dlrm", Rounds: 1}, `there is no configuration "dlrm"; want one of dlrm-kaggle, dlrm-paper, ctr39, ncf, zoo`},
		{Options{Config: "ncf", Model: "fm", Rounds: 1}, `ncf has no model "fm"; want some of neumf`},
		{Options{Config: "ctr39", Model: "lr,mf,fm", Rounds: 1}, `ctr39 has no model "mf"; want some of lr, fm, deepfm, wide_deep, dcn, dcnv2, xdeepfm, autoint`},
		{Options{Config: "ncf", Optimizer: "lamb", Rounds: 1}, `there is no optimizer "lamb"; want one of sgd, adagrad, rowwise_adagrad, adam, dense_adam, adamw, momentum, ftrl`},
		{Options{Config: "ncf", Phase: "both", Rounds: 1}, `phase is "both", want train or infer`},
		{Options{Config: "ncf"}, "rounds wants 1 or more"},
		{Options{Config: "ncf", Rounds: 1, Batch: -1}, "batch wants 1 or more"},
	} {
		if err := c.o.Check(); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}
