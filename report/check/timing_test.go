package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// machine is a noisy one as virtual ones are: a process is off by 2 %, one in ten by up to 30 % more, and the clock drifts.
type machine struct {
	random *rand.Rand
	drift  float64 // a visit
	at     float64
}

// visit takes a kernel of 100 µs and a step of 10 ms, of which the kernel is a third.
func (m *machine) visit(kernel float64) Visit {
	m.at += m.drift
	noise := func() float64 {
		x := math.Exp(m.at + 0.02*m.random.NormFloat64())
		if m.random.IntN(10) == 0 {
			x *= 1 + 0.3*m.random.Float64()
		}
		return x
	}
	return Visit{"kernel": 100e-6 * kernel * noise(), "step": 10e-3 * (2 + kernel) / 3 * noise()}
}

// take runs a timing to its end; slower is of head's kernel, again that of base in head's place.
func (m *machine) take(t *Timing, slower, again float64) *Timing {
	for t.Wants() > 0 {
		for len(t.Rounds) < t.Wants() {
			var r Round
			for _, v := range []struct {
				to     *Visit
				kernel float64
			}{{&r.Base[0], 1}, {&r.Head[0], slower}, {&r.Head[1], slower}, {&r.Base[1], 1}, {&r.Again[0], again}, {&r.Again[1], again}, {&r.Base[2], 1}} {
				*v.to = m.visit(v.kernel)
			}
			t.Rounds = append(t.Rounds, r)
		}
		t.Look()
	}
	return t
}

func newMachine(seed uint64) *machine {
	return &machine{random: rand.New(rand.NewPCG(seed, 1)), drift: 0.001}
}

var both = []string{"kernel", "step"}

// verdicts are those of kernel and step.
func verdicts(m *machine, slower, again float64) (Verdict, Verdict) {
	t := m.take(NewTiming(both, 0.05, Looks), slower, again)
	var fresh *Timing
	if bad := t.Regressed(); len(bad) > 0 {
		fresh = m.take(NewTiming(bad, 0.05, Looks), slower, again)
	}
	f := t.Findings(fresh)
	return f[0].Verdict, f[1].Verdict
}

// A kernel that is a tenth slower is caught in most checks, and its step, which it moves by 3 %, in none; without it no check is a false alarm.
func TestSlowKernel(t *testing.T) {
	caught, alarms, open := 0, 0, 0
	for seed := range uint64(100) {
		kernel, step := verdicts(newMachine(seed), 1.10, 1)
		if kernel == Regressed {
			caught++
		}
		if step == Regressed {
			t.Errorf("machine %d: a step 3 %% slower has regressed", seed)
		}
		kernel, step = verdicts(newMachine(seed+1000), 1, 1)
		for _, v := range []Verdict{kernel, step} {
			if v == Regressed || v == Improved {
				alarms++
			}
			if v == Inconclusive {
				open++
			}
		}
	}
	if caught < 95 || alarms > 0 || open > 10 {
		t.Errorf("caught %d of 100; of 200 alike %d alarms and %d inconclusive", caught, alarms, open)
	}
}

func TestFastKernel(t *testing.T) {
	if kernel, _ := verdicts(newMachine(1), 0.8, 1); kernel != Improved {
		t.Errorf("a fifth faster: %s", kernel)
	}
}

// Where base differs from itself as much, nothing has regressed.
func TestNoiseFloor(t *testing.T) {
	timing := newMachine(1).take(NewTiming(both, 0.05, Looks), 1.2, 1.2)
	f := timing.Findings(nil)[0]
	if f.Verdict != Inconclusive || f.Note != "base against base differs as much: the machine is too noisy" {
		t.Errorf("%s: %s", f.Verdict, f.Note)
	}
}

// A regression that a fresh run does not find is what the fresh run finds.
func TestConfirmation(t *testing.T) {
	first := newMachine(1).take(NewTiming(both, 0.05, Looks), 1.2, 1)
	if !slices.Contains(first.Regressed(), "kernel") {
		t.Fatal("the first run found nothing")
	}
	fresh := newMachine(2).take(NewTiming(first.Regressed(), 0.05, Looks), 1, 1)
	if f := first.Findings(fresh)[0]; f.Verdict != Pass || f.Note != "slower at first, and not in a fresh run" {
		t.Errorf("%+v", f)
	}
	fresh = newMachine(2).take(NewTiming(first.Regressed(), 0.05, Looks), 1.2, 1)
	if f := first.Findings(fresh)[0]; f.Verdict != Regressed || f.Note != "confirmed by a fresh run" || math.Abs(f.Change-0.2) > 0.03 {
		t.Errorf("%+v", f)
	}
}

// Origin: ratios by hand; an even drift of a tenth a visit cancels in both.
func TestQuad(t *testing.T) {
	at := func(i int, x float64) Visit { return Visit{"k": x * math.Exp(0.1*float64(i))} }
	r := Round{
		Base: [3]Visit{at(0, 1), at(3, 1), at(6, 1)}, Head: [2]Visit{at(1, 1.5), at(2, 1.5)}, Again: [2]Visit{at(4, 1), at(5, 1)},
	}
	if got := r.Ratio("k"); math.Abs(got-math.Log(1.5)) > 1e-12 {
		t.Errorf("ratio %v", got)
	}
	if got := r.Floor("k"); math.Abs(got) > 1e-12 {
		t.Errorf("floor %v", got)
	}
}
