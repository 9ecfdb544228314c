package check

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// Seeds are the looks of a check by seeds: how many each variant has.
var Seeds = []int{5, 8, 10}

// Steps is how many steps of training, and how many logits after them, a trajectory has.
const Steps = 50

// rounding is what losses and logits of a trajectory may differ by for sums in another order; of values above 1 relative.
const rounding = 1e-5

// Accuracy holds the models of a build against a baseline.
type Accuracy struct {
	base    *Baseline
	kernels string // of the build
	known   map[string]*model
	seq     *sequence
	asked   map[*question]asked
}

// model is what is known of a variant of the build.
type model struct {
	base    *Variant
	settled []Finding // by digest or trajectory; none: seeds decide
	parted  string    // where its trajectory left the baseline's; "" where it did not, or is not known
	samples map[uint64]Sample
	counts  []Finding
}

// asked is whose question it is.
type asked struct {
	label, metric string
}

// NewAccuracy begins a check of a build on a set of kernels.
func NewAccuracy(b *Baseline, kernels string) *Accuracy {
	a := &Accuracy{base: b, kernels: kernels, known: map[string]*model{}, asked: map[*question]asked{}}
	for i := range b.Variants {
		v := &b.Variants[i]
		a.known[v.Label] = &model{base: v, samples: map[uint64]Sample{}}
	}
	looks := slices.DeleteFunc(slices.Clone(Seeds), func(n int) bool { return n > b.Seeds() })
	if len(looks) == 0 {
		looks = []int{b.Seeds()}
	}
	a.seq = newSequence(stat.MeanAbove, looks)
	return a
}

// Settle compares the first seed of a variant: where its final state is the baseline's to the bit, all that is trained is, and metrics must be.
// exact is false to leave that out.
func (a *Accuracy) Settle(label string, s Sample, exact bool) bool {
	m := a.known[label]
	m.samples[s.Seed] = s
	if exact && s.Digest != "" && s.Digest == m.base.Samples[0].Digest {
		m.settle(ByDigest, fmt.Sprintf("seed %d: final state %.12s, the same to the bit", s.Seed, s.Digest))
		for i := range m.settled {
			if f := &m.settled[i]; !(math.Abs(f.Change) <= 1e-9) {
				f.Verdict, f.Note = Changed, f.Note+", and measured otherwise"
			}
		}
	}
	return m.settled != nil
}

// settle passes a variant: of each metric the baseline's mean, and how far the first seed is from its own.
func (m *model) settle(tier, note string) {
	first := m.base.Samples[0]
	now := m.samples[first.Seed]
	for _, name := range slices.Sorted(maps.Keys(m.base.Margins)) {
		f := Finding{Subject: m.base.Label, Metric: name, Tier: tier, Verdict: Pass, Margin: m.base.Margins[name], N: 1, Note: note}
		for _, s := range m.base.Samples {
			f.Base += s.Metrics[name] / float64(len(m.base.Samples))
		}
		f.Change = now.Metrics[name] - first.Metrics[name]
		f.Head = f.Base + f.Change
		m.settled = append(m.settled, f)
	}
}

// Follow compares how a variant's training begins, where its final state is another: sums in another order are no other rule. What its first seed
// comes to must be no further from the baseline's than a margin, either way: what is trained later, or on what it is tested, does not show in the
// first steps.
func (a *Accuracy) Follow(label string, losses, logits []float64) bool {
	m := a.known[label]
	if m.parted = cmp.Or(parted(m.base, losses, logits), m.astray()); m.parted == "" {
		m.settle(ByTrajectory, fmt.Sprintf("%d losses and %d logits within %g: rounding", len(losses), len(logits), rounding))
	}
	return m.parted == ""
}

// parted says where a trajectory leaves the baseline's, "" where it does not.
func parted(v *Variant, losses, logits []float64) string {
	if len(v.Losses) == 0 {
		return "in its final state, and has no steps to compare"
	}
	if len(losses) != len(v.Losses) || len(logits) != len(v.Logits) {
		return fmt.Sprintf("%d steps and %d logits, and the baseline has %d and %d", len(losses), len(logits), len(v.Losses), len(v.Logits))
	}
	for i, loss := range losses {
		if apart(loss, v.Losses[i]) {
			return fmt.Sprintf("from step %d on: loss %.7g, and the baseline's is %.7g", i+1, loss, v.Losses[i])
		}
	}
	worst, by := -1, 0.0
	for i, z := range logits {
		if d := math.Abs(z - v.Logits[i]); apart(z, v.Logits[i]) && (worst < 0 || d > by) {
			worst, by = i, d
		}
	}
	if worst < 0 {
		return ""
	}
	return fmt.Sprintf("within %d steps: logit %d is %.7g, and the baseline's %.7g", len(losses), worst+1, logits[worst], v.Logits[worst])
}

// astray says which metric of the first seed is further from the baseline's than its margin, "" where none is.
func (m *model) astray() string {
	first := m.base.Samples[0]
	now := m.samples[first.Seed].Metrics
	for _, name := range slices.Sorted(maps.Keys(m.base.Margins)) {
		if base := first.Metrics[name]; !(math.Abs(now[name]-base) <= m.base.Margins[name]) {
			return fmt.Sprintf("behind the first steps: seed %d's %s is %.7g, and the baseline's %.7g", first.Seed, name, now[name], base)
		}
	}
	return ""
}

func apart(x, y float64) bool {
	return !(math.Abs(x-y) <= rounding*max(1, math.Abs(y)))
}

// Want is the seeds that the variants that are not settled need next; none: all is decided.
func (a *Accuracy) Want() map[string][]uint64 {
	if len(a.seq.questions) == 0 {
		a.ask()
	}
	n, want := a.seq.wants(), map[string][]uint64{}
	for _, q := range a.seq.questions {
		if q.verdict != "" {
			continue
		}
		m := a.known[a.asked[q].label]
		var seeds []uint64
		for _, s := range m.base.Samples[:n] {
			if _, ok := m.samples[s.Seed]; !ok {
				seeds = append(seeds, s.Seed)
			}
		}
		want[m.base.Label] = seeds
	}
	return want
}

// ask makes a question of every metric with a margin of every variant that is not settled.
func (a *Accuracy) ask() {
	for _, v := range a.base.Variants {
		if a.known[v.Label].settled != nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(v.Margins)) {
			q := &question{margin: v.Margins[name]}
			a.asked[q] = asked{v.Label, name}
			a.seq.questions = append(a.seq.questions, q)
		}
	}
}

// Sampled adds a seed of a variant.
func (a *Accuracy) Sampled(label string, s Sample) { a.known[label].samples[s.Seed] = s }

// Look decides what can be decided with the seeds that Want asked for.
func (a *Accuracy) Look() {
	n := a.seq.wants()
	for _, q := range a.seq.questions {
		if q.verdict == "" {
			q.values = a.differences(a.asked[q], n)
		}
	}
	a.seq.look()
}

// differences are head − base over the first n seeds, higher being better; what is not a number is as bad as can be.
func (a *Accuracy) differences(of asked, n int) (d []float64) {
	m, _ := metric.Find(of.metric)
	v := a.known[of.label]
	for _, s := range v.base.Samples[:n] {
		head, ok := v.samples[s.Seed].Metrics[of.metric]
		x := head - s.Metrics[of.metric]
		if m.Better == metric.Lower {
			x = -x
		}
		if !ok || math.IsNaN(x) {
			x = -1e9
		}
		d = append(d, x)
	}
	return d
}

// Findings are what is decided, by variant in the order of the baseline.
func (a *Accuracy) Findings() (all []Finding) {
	for _, v := range a.base.Variants {
		m := a.known[v.Label]
		all = append(all, m.settled...)
		for _, q := range a.seq.questions {
			if of := a.asked[q]; of.label == v.Label && q.verdict != "" {
				all = append(all, a.finding(m, of, q))
			}
		}
		all = append(all, m.counts...)
	}
	return all
}

// finding is of a metric by seeds. Where the trajectory shows another rule, no worse is no pass, unless other kernels may have done it.
func (a *Accuracy) finding(m *model, of asked, q *question) Finding {
	f := Finding{Subject: of.label, Metric: of.metric, Tier: BySeeds, Verdict: q.verdict, Margin: q.margin, N: len(q.values)}
	base, head := stat.Sample{}, stat.Sample{}
	for _, s := range m.base.Samples[:f.N] {
		base[s.Seed], head[s.Seed] = s.Metrics[of.metric], m.samples[s.Seed].Metrics[of.metric]
	}
	f.Base, f.Head = stat.Mean(base.Values()), stat.Mean(head.Values())
	if d := stat.Pair(head, base); d.Known() {
		f.Change, f.Interval = d.Mean, &[2]float64{d.Low(), d.High()}
	}
	if q.verdict == Improved {
		f.Note = "improved by more than the margin: look for a leak"
	}
	if m.parted == "" {
		return f
	}
	f.Note = cmp.Or(f.Note, "training is another") + "; it parts " + m.parted
	if q.verdict == Pass && a.kernels == a.base.Kernels {
		f.Verdict = Changed
	}
	return f
}

// Count compares the numbers that every run of a variant has: more is a regression, less an improvement.
func (a *Accuracy) Count(label string, counts map[string]float64) {
	m := a.known[label]
	for _, name := range slices.Sorted(maps.Keys(m.base.Counts)) {
		base, head := m.base.Counts[name], counts[name]
		f := Finding{Subject: label, Metric: name, Tier: ByCount, Verdict: Pass, Base: base, Head: head, Change: head - base}
		switch _, ok := counts[name]; {
		case !ok:
			f.Verdict, f.Note = Inconclusive, "this build does not count it"
		case head > base:
			f.Verdict = Regressed
		case head < base:
			f.Verdict = Improved
		}
		m.counts = append(m.counts, f)
	}
}
