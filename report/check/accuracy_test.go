package check

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// recorded is a baseline of two variants with ten seeds, AUC around 0.8 with a spread of 0.002, and a trajectory that falls.
func recorded() *Baseline {
	random := rand.New(rand.NewPCG(1, 2))
	b := &Baseline{
		Name: "clicks", Reason: "a test", At: "2026-11-23", Revision: "abc", Experiment: "check", Machine: Machine{Kernels: "avx2"},
	}
	for _, label := range []string{"fm", "DCN \"v2\""} {
		v := Variant{Label: label, Config: "c0ffee", Counts: map[string]float64{"params": 100, "step.allocs": 0}, Margins: map[string]float64{"test.auc": 0.005, "test.logloss": 0.005}}
		for i := range Steps {
			v.Losses, v.Logits = append(v.Losses, 0.7-0.001*float64(i)), append(v.Logits, float64(i%5)-2)
		}
		for seed := range uint64(10) {
			noise := 0.002 * random.NormFloat64()
			v.Samples = append(v.Samples, Sample{seed + 1, fmt.Sprintf("%s%d", label[:1], seed), map[string]float64{"test.auc": 0.8 + noise, "test.logloss": 0.5 - noise}})
		}
		b.Variants = append(b.Variants, v)
	}
	return b
}

// build is how a build differs from the recorded baseline.
type build struct {
	digest, steps bool // are the same
	auc, spread   float64
	kernels       string
}

// against checks a build's second variant; the first is the same to the bit.
func (c build) against(b *Baseline) (*Report, int) {
	random := rand.New(rand.NewPCG(3, 4))
	a := NewAccuracy(b, c.kernels)
	a.Settle("fm", b.Variants[0].Samples[0], true)
	v := b.Variants[1]
	made := func(i int) Sample {
		s := v.Samples[i]
		d := c.auc + c.spread*random.NormFloat64()
		now := Sample{s.Seed, s.Digest, map[string]float64{"test.auc": s.Metrics["test.auc"] + d, "test.logloss": s.Metrics["test.logloss"] - d}}
		if !c.digest {
			now.Digest += " other"
		}
		return now
	}
	trained := 1
	if !a.Settle(v.Label, made(0), true) {
		losses := append([]float64(nil), v.Losses...)
		losses[20] += 4e-6 // rounding
		if !c.steps {
			losses[3] += 2e-4
		}
		a.Follow(v.Label, losses, v.Logits)
	}
	for {
		want := a.Want()
		if len(want) == 0 {
			break
		}
		for label, seeds := range want {
			for _, seed := range seeds {
				a.Sampled(label, made(int(seed)-1))
				trained++
			}
		}
		a.Look()
	}
	r := new(Report)
	r.Add(a.Findings()...)
	return r, trained
}

func TestTiers(t *testing.T) {
	for _, c := range []struct {
		name    string
		build   build
		verdict Verdict
		tier    string
		seeds   int // that were trained
		says    string
	}{
		{"the same to the bit", build{digest: true, kernels: "avx2"}, Pass, ByDigest, 1, "the same to the bit"},
		{"sums in another order", build{steps: true, kernels: "sse2"}, Pass, ByTrajectory, 1, "50 losses and 50 logits within 1e-05"},
		{"another rule, no worse", build{spread: 0.0005, kernels: "avx2"}, Changed, BySeeds, 5, "from step 4 on: loss 0.6972, and the baseline's is 0.697"},
		{"other kernels in a model that amplifies rounding", build{spread: 0.0005, kernels: "sse2"}, Pass, BySeeds, 5, "from step 4 on"},
		{"worse", build{auc: -0.02, spread: 0.002, kernels: "avx2"}, Regressed, BySeeds, 5, "from step 4 on"},
		{"a leak", build{auc: 0.03, spread: 0.002, kernels: "avx2"}, Improved, BySeeds, 5, "look for a leak"},
		{"a leak that the first steps do not show", build{steps: true, auc: 0.03, spread: 0.002, kernels: "avx2"}, Improved, BySeeds, 5, "behind the first steps: seed 1's test.auc is 0.8"},
		{"worse by about the margin", build{auc: -0.0075, spread: 0.006, kernels: "avx2"}, Inconclusive, BySeeds, 10, "from step 4 on"},
	} {
		r, trained := c.build.against(recorded())
		f := r.Findings[len(r.Findings)-1]
		if r.Verdict != c.verdict || f.Verdict != c.verdict || f.Tier != c.tier || trained != c.seeds || !strings.Contains(f.sentence(), c.says) {
			t.Errorf("%s: %s, of %s by %s after %d seeds: %s", c.name, r.Verdict, f.Verdict, f.Tier, trained, f.sentence())
		}
		if r.Findings[0].Tier != ByDigest || r.Findings[0].Verdict != Pass {
			t.Errorf("%s: the other variant: %+v", c.name, r.Findings[0])
		}
	}
}

// A final state that is the same is no pass where its metrics are others.
func TestMeasuredOtherwise(t *testing.T) {
	a := NewAccuracy(recorded(), "avx2")
	s := recorded().Variants[0].Samples[0]
	s.Metrics["test.auc"] += 1e-4
	a.Settle("fm", s, true)
	f := a.Findings()
	if f[0].Verdict != Changed || f[1].Verdict != Pass || f[0].Tier != ByDigest || !strings.HasSuffix(f[0].sentence(), "the same to the bit, and measured otherwise") {
		t.Errorf("%+v", f)
	}
}

// What is fitted at once has no steps: another final state, on the same kernels, is another rule.
func TestWithoutSteps(t *testing.T) {
	for kernels, want := range map[string]Verdict{"avx2": Changed, "sse2": Pass} {
		b := recorded()
		v := &b.Variants[0]
		v.Losses, v.Logits = nil, nil
		a := NewAccuracy(b, kernels)
		a.Settle(b.Variants[1].Label, b.Variants[1].Samples[0], true)
		a.Settle("fm", Sample{v.Samples[0].Seed, "other", v.Samples[0].Metrics}, true)
		a.Follow("fm", nil, nil)
		for len(a.Want()) > 0 {
			for _, s := range v.Samples {
				a.Sampled("fm", s)
			}
			a.Look()
		}
		if f := a.Findings()[0]; f.Verdict != want {
			t.Errorf("%s: %+v", kernels, f)
		}
	}
}

// Origin: of 0.5, 0.52 and 0.54 the standard deviation is 0.02, and 2.5 of them 0.05; of equal values it is 0.
func TestMargin(t *testing.T) {
	v := Variant{Samples: []Sample{{1, "", map[string]float64{"a": 0.5, "b": 2}}, {2, "", map[string]float64{"a": 0.52, "b": 2}}, {3, "", map[string]float64{"a": 0.54, "b": 2}}}}
	if a, b := v.Margin("a"), v.Margin("b"); a != 0.05 || b != 0.001 {
		t.Errorf("margins %v and %v, want 0.05 and 0.001", a, b)
	}
}

// A training that diverges, or fails, has no metrics, and is worse than any margin.
func TestNoMetrics(t *testing.T) {
	b := recorded()
	a := NewAccuracy(b, "avx2")
	a.Settle("fm", b.Variants[0].Samples[0], true)
	a.Settle(b.Variants[1].Label, Sample{Seed: 1}, true)
	a.Follow(b.Variants[1].Label, nil, nil)
	for seeds := a.Want(); len(seeds) > 0; seeds = a.Want() {
		a.Look()
	}
	var r Report
	r.Add(a.Findings()...)
	if r.Verdict != Regressed {
		t.Errorf("%s: %+v", r.Verdict, r.Findings)
	}
	if err := r.JSON(new(strings.Builder)); err != nil {
		t.Errorf("what is missing is not fit for JSON: %v", err)
	}
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		params, allocs float64
		want           Verdict
	}{{100, 0, Pass}, {101, 0, Regressed}, {100, 3, Regressed}, {99, 0, Improved}} {
		a := NewAccuracy(recorded(), "avx2")
		a.Count("fm", map[string]float64{"params": c.params, "step.allocs": c.allocs})
		var r Report
		r.Add(a.Findings()...)
		if r.Verdict != c.want {
			t.Errorf("%v parameters and %v allocations: %s, want %s", c.params, c.allocs, r.Verdict, c.want)
		}
	}
}

func TestBaselineFile(t *testing.T) {
	b := recorded()
	text := b.Encode()
	back, err := Decode("b.json", text)
	if err != nil {
		t.Fatal(err)
	}
	if again := back.Encode(); string(again) != string(text) {
		t.Errorf("read and written it is another:\n%s", again)
	}
	if !strings.Contains(string(text), "\n\t\t\t\t{\"seed\": 3, \"digest\": \"f2\", \"metrics\": {\"test.auc\": ") {
		t.Errorf("a sample has no line of its own:\n%s", text)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"reason"`, `"raeson"`, `b.json: json: unknown field "raeson"; want what ctrlab baseline set writes`},
		{`"test.auc": 0.005`, `"auc": 0.005`, `b.json: variant fm: margin of "auc", want a metric of quality with its split, as test.auc; want what ctrlab baseline set writes`},
		{`"test.logloss": 0.5`, `"test.rmse": 0.5`, `b.json: variant fm: seed 4 has no test.logloss; want what ctrlab baseline set writes`},
		{`"seed": 2`, `"seed": 1`, `b.json: variant fm: seed 1 stands behind seed 1; want what ctrlab baseline set writes`},
	} {
		if _, err := Decode("b.json", []byte(strings.Replace(string(text), c.old, c.new, 1))); err == nil || err.Error() != c.want {
			t.Errorf("%s for %s: %v", c.new, c.old, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(recorded().Encode())
	f.Add([]byte(`{"name":"a","experiment":"b","variants":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Decode("b.json", text)
		if err != nil {
			return
		}
		if _, err := Decode("b.json", b.Encode()); err != nil {
			t.Errorf("what was read cannot be read again: %v", err)
		}
	})
}
