package report

import (
	"math"
	"os"
	"slices"

	"ctrlab/internal/stat"
)

// Speed is what a variant did, for the figures of speed.
type Speed struct {
	Label        string
	Rate         float64 // examples a second
	FLOPs, Bytes float64 // an example
	Phases       []Phase // in their order, the same for all
}

// Phase is a part of the time that an example takes.
type Phase struct {
	Name    string
	Seconds float64 // an example
}

// Machine is what a machine can do at most in a second: its roofs. What is 0 is not known.
type Machine struct {
	FLOPs float64
	Bytes float64
	Rows  float64 // of 64 bytes, in no order
}

// WriteSpeeds makes dir, where it is missing, and in it roofline.png and phases.png. what says what was measured.
func WriteSpeeds(dir string, all []Speed, m Machine, what string) error {
	s := speeds{machine: m}
	for i, x := range all {
		s.all = append(s.all, placed{x, i})
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, d := range map[string]*drawing{"roofline": s.roofline(), "phases": s.phases()} {
		if d == nil {
			continue
		}
		x := drawn{file: name, of: what, drawing: *d}
		if err := x.save(dir); err != nil {
			return err
		}
	}
	return nil
}

// speeds are what the figures of speed show.
type speeds struct {
	machine Machine
	all     []placed
}

// placed is a Speed with its variant's place in the plan.
type placed struct {
	Speed
	place int
}

// timed are the phases of training that results have.
var timed = []string{"read", "forward", "backward", "update"}

// passes is how many forward passes a step of training counts for: one forward, and one backward each for the inputs and
// for the weights.
const passes = 3

// largeTables is more bytes than caches hold.
const largeTables = 64 << 20

// speeds collects those of a group's variants, in the order of the table.
func (g *group) speeds() speeds {
	middle := func(name string) float64 {
		var all []float64
		for _, v := range g.variants {
			all = append(all, v.values(name)...)
		}
		return orZero(median(all))
	}
	s := speeds{machine: Machine{middle("roof.flops"), middle("roof.bytes"), 0}}
	if 4*middle("params.tables") > largeTables { // smaller tables stand in the cache, which has other roofs
		s.machine.Rows = middle("roof.rows")
	}
	for _, v := range g.variants {
		of := func(name string) float64 { return orZero(stat.Mean(v.values(name))) }
		x := Speed{Label: v.label, Rate: of("train.examples_per_second"), FLOPs: passes * of("flops"), Bytes: passes * of("bytes")}
		for _, name := range timed {
			examples := of("train.seconds") * x.Rate
			x.Phases = append(x.Phases, Phase{name, of("time."+name) / examples})
		}
		if x.Rate > 0 {
			s.all = append(s.all, placed{x, v.place})
		}
	}
	return s
}

func orZero(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

func drawRoofline(g *group) *drawing { return g.speeds().roofline() }

func drawPhases(g *group) *drawing { return g.speeds().phases() }

// taken returns the names of the phases that took time in any variant.
func (s speeds) taken() []string {
	var names []string
	for _, x := range s.all {
		for _, p := range x.Phases {
			if p.Seconds > 0.001*x.total() && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	order := func(name string) int {
		return slices.IndexFunc(s.all[0].Phases, func(p Phase) bool { return p.Name == name })
	}
	slices.SortFunc(names, func(a, b string) int { return order(a) - order(b) })
	return names
}

func (s Speed) total() (sum float64) {
	for _, p := range s.Phases {
		sum += p.Seconds
	}
	return sum
}

func (s Speed) phase(name string) float64 {
	for _, p := range s.Phases {
		if p.Name == name {
			return p.Seconds
		}
	}
	return 0
}
