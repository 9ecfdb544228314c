package report

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// An Aspect is variants in one metric. Qualities are compared by differences, speeds and sizes by ratios.
type Aspect struct {
	Metric    string      `json:"metric"`
	Unit      string      `json:"unit"`
	Better    string      `json:"better"` // higher or lower
	Ratio     bool        `json:"ratio"`  // of A to B, not their difference
	Margin    float64     `json:"margin"` // within which differences do not matter, a share where Ratio; 0: none is declared
	Variants  []Placed    `json:"variants"`
	Contrasts []Contrast  `json:"contrasts"` // of each variant with those that follow, or of each with the baseline
	Alike     [][]string  `json:"alike"`     // the largest groups of variants of which no two are told apart; none with a baseline
	Detects   number      `json:"detects"`   // the true difference that is seen with a chance of 80 %; a factor where Ratio
	measure   measure     // what it is of
	family    stat.Family // whose intervals hold together
	k         int         // variants of the family
	sd        float64     // of differences, typical; of their logarithms where Ratio
	at        map[[2]string]int
	drawn     map[[2]string]store.Drawn // of the metric that variants are ranked by
	undrawn   string                    // why there is none
}

// Placed is a variant with its place among all that have a value.
type Placed struct {
	Label string `json:"variant"`
	Seeds int    `json:"seeds"`
	Mean  number `json:"mean"`
	Half  number `json:"half_width"`
	Rank  [2]int `json:"rank"` // the first and the last that it may have: as many are better, and not worse
	Tally
	v *variant
}

// A Tally counts verdicts.
type Tally struct {
	Wins   int `json:"wins"`
	Ties   int `json:"ties"` // equivalent or unresolved
	Losses int `json:"losses"`
}

// Contrast is what is known of A beside B.
type Contrast struct {
	A       string       `json:"a"`
	B       string       `json:"b"`
	Seeds   int          `json:"seeds"` // that both have
	Value   number       `json:"value"` // A − B, or A/B
	Low     number       `json:"low"`
	High    number       `json:"high"`
	P       number       `json:"p"`
	Verdict stat.Verdict `json:"verdict"`        // of A
	Needed  int          `json:"seeds_needed"`   // that would settle what is unresolved, with a chance of 80 %, were the difference as it looks; 0: more than 1000
	Others  *Others      `json:"other_examples"` // over seeds and other examples of test; null where that is not known
	diff    stat.Difference
}

// wantedPower is the chance that planning asks for.
const wantedPower = 0.8

// mostContrasted is up to how many variants each is compared with each, and beyond with the best.
const mostContrasted = 100

// aspect compares a group's variants in a metric that one of them has.
func (s *summary) aspect(g *group, name string) *Aspect {
	if x, ok := g.aspects.Load(name); ok {
		return x.(*Aspect)
	}
	m := measureOf(name)
	x := &Aspect{Metric: name, Unit: m.Unit, Better: m.Better.String(), Ratio: m.Kind == metric.Speed || m.Kind == metric.Size, Margin: s.wanted.margin(m),
		Variants: []Placed{}, Contrasts: []Contrast{}, Alike: [][]string{}, measure: m, at: map[[2]string]int{}}
	for _, v := range g.variants {
		if i := v.interval(name); i.N > 0 {
			x.Variants = append(x.Variants, Placed{Label: v.label, Seeds: i.N, Mean: number(i.Mean), Half: number(i.Half), v: v})
		}
	}
	slices.SortStableFunc(x.Variants, func(a, b Placed) int {
		if m.Better == metric.Higher {
			a, b = b, a
		}
		return cmp.Compare(a.Mean, b.Mean)
	})
	x.k = len(x.Variants)
	if name == g.main.name {
		x.drawn, x.undrawn = s.drawnOf(g)
	}
	x.contrast(s.base(g))
	x.place()
	g.aspects.Store(name, x)
	return x
}

// contrast fills in the contrasts that the family has.
func (x *Aspect) contrast(base *variant) {
	var samples []stat.Sample
	for _, p := range x.Variants {
		samples = append(samples, x.sample(p.v))
	}
	squares := []float64{}
	add := func(i, j int) {
		c := x.judged(x.Variants[i].v, x.Variants[j].v, samples[i], samples[j])
		x.at[[2]string{c.A, c.B}] = len(x.Contrasts)
		x.Contrasts = append(x.Contrasts, c)
		if c.diff.Known() {
			squares = append(squares, c.diff.SD*c.diff.SD)
		}
	}
	b := slices.IndexFunc(x.Variants, func(p Placed) bool { return p.v == base })
	if b >= 0 {
		x.family = stat.WithBaseline
	}
	for i := range x.Variants {
		for j := i + 1; j < len(x.Variants) && b < 0 && (i == 0 || x.k <= mostContrasted); j++ {
			add(i, j)
		}
		if b >= 0 && i != b {
			add(i, b)
		}
	}
	x.sd = math.Sqrt(stat.Mean(squares))
	if n := x.seeds(); n >= 2 {
		x.Detects = number(x.linear(stat.Detectable(x.family, n, x.k, x.sd, wantedPower)))
	} else {
		x.Detects = number(math.NaN())
	}
}

// sample is the variant's, of logarithms where ratios are compared.
func (x *Aspect) sample(v *variant) stat.Sample {
	s := v.sample(x.Metric)
	if x.Ratio {
		s = maps.Clone(s)
		for seed, value := range s {
			s[seed] = math.Log(value) // of 0 not finite, and left out
		}
	}
	return s
}

// judged is the contrast of two variants by their samples.
func (x *Aspect) judged(a, b *variant, sa, sb stat.Sample) Contrast {
	d := stat.Pair(sa, sb).Overlapping(a.splits.overlap).Simultaneous(x.family, x.k)
	c := x.read(a.label, b.label, d)
	if c.Verdict == stat.Unresolved && a.splits.overlap == 0 {
		c.Needed = stat.Seeds(x.family, x.k, d.Mean, d.SD, wantedPower)
		if n := stat.SeedsOfEquivalence(x.family, x.k, d.Mean, x.within(), d.SD, wantedPower); n > 0 && (c.Needed == 0 || n < c.Needed) {
			c.Needed = n
		}
	}
	return c
}

// read puts a difference into words and numbers.
func (x *Aspect) read(a, b string, d stat.Difference) Contrast {
	return Contrast{A: a, B: b, Seeds: d.N, Value: number(x.linear(d.Mean)), Low: number(x.linear(d.Low())), High: number(x.linear(d.High())), P: number(d.P),
		Verdict: d.Judge(x.measure.Better == metric.Higher, x.within()), Others: x.others(a, b, d), diff: d}
}

// within is the margin on the scale of differences.
func (x *Aspect) within() float64 {
	if x.Ratio {
		return math.Log1p(x.Margin)
	}
	return x.Margin
}

// linear takes a difference to what is shown.
func (x *Aspect) linear(d float64) float64 {
	if x.Ratio {
		return math.Exp(d)
	}
	return d
}

// between is the contrast of two variants, whichever comes first in the family; ok is false where the family does not have them.
func (x *Aspect) between(a, b string) (c Contrast, ok bool) {
	if i, ok := x.at[[2]string{a, b}]; ok {
		return x.Contrasts[i], true
	}
	i, ok := x.at[[2]string{b, a}]
	if !ok {
		return c, false
	}
	d, needed := x.Contrasts[i].diff, x.Contrasts[i].Needed
	d.Mean = -d.Mean
	c = x.read(a, b, d)
	c.Needed = needed
	return c, true
}

// place counts verdicts, bounds ranks and finds groups.
func (x *Aspect) place() {
	at := map[string]int{}
	for i, p := range x.Variants {
		at[p.Label] = i
	}
	for _, c := range x.Contrasts {
		a, b := &x.Variants[at[c.A]].Tally, &x.Variants[at[c.B]].Tally
		switch {
		case c.Verdict.Told() && c.Verdict.Up():
			a.Wins++
			b.Losses++
		case c.Verdict.Told():
			a.Losses++
			b.Wins++
		default:
			a.Ties++
			b.Ties++
		}
	}
	for i := range x.Variants {
		p := &x.Variants[i]
		p.Rank = [2]int{1 + p.Losses, x.k - p.Wins}
	}
	if x.family == stat.WithBaseline || x.k > mostContrasted {
		return
	}
	for _, run := range stat.Groups(x.k, func(i, j int) bool {
		c, _ := x.between(x.Variants[i].Label, x.Variants[j].Label)
		return !c.Verdict.Told()
	}) {
		var labels []string
		for _, p := range x.Variants[run[0]:run[1]] {
			labels = append(labels, p.Label)
		}
		x.Alike = append(x.Alike, labels)
	}
}

// seeds is how many a contrast rests on, the fewest.
func (x *Aspect) seeds() int {
	n := 0
	for _, c := range x.Contrasts {
		if c.diff.Known() && (n == 0 || c.Seeds < n) {
			n = c.Seeds
		}
	}
	return n
}

// tested reports whether any two variants share seeds enough.
func (x *Aspect) tested() bool { return x.seeds() > 0 }
