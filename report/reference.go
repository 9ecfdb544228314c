package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// Claim is a published claim beside what an experiment found.
type Claim struct {
	metric.Reference
	Verdict  stat.Reproduction
	Findings []Finding
}

// Finding is what was found of one published figure, or of one pair.
type Finding struct {
	Variant, Than string        // Than: the variant that it is claimed to be better than; "" of a figure
	Ours          stat.Interval // of the variant
	Theirs        float64       // published, or with Than the mean of that variant
	Diff          stat.Interval // ours − theirs, by seed
	Verdict       stat.Reproduction
	Seeds         int // that would decide; 0 where it is decided, or not known
}

// Claims holds an experiment against its [[reference]] tables.
func Claims(r *store.Report) []Claim {
	var all []Claim
	_ = json.Unmarshal([]byte(r.Experiment.Reference), &all) // what cannot be read claims nothing
	if len(all) == 0 {
		return all
	}
	s := summarize(r)
	for i := range all {
		all[i].find(s)
	}
	return all
}

// find fills in what was found. The verdict is the worst of all.
func (c *Claim) find(s *summary) {
	c.Findings, c.Verdict = nil, stat.Exceeded
	for _, label := range slices.Sorted(maps.Keys(c.Figures)) {
		c.add(c.figure(s.variantOf(label, c.Data), label))
	}
	for _, pair := range c.Above {
		c.add(c.order(s.variantOf(pair[0], c.Data), s.variantOf(pair[1], c.Data), pair))
	}
}

func (c *Claim) add(f Finding) {
	c.Findings = append(c.Findings, f)
	c.Verdict = min(c.Verdict, f.Verdict)
}

// variantOf is the variant of a label, in the group of a data set by words of its name; without results where there is none.
func (s *summary) variantOf(label, data string) *variant {
	for _, g := range s.groups {
		if !strings.Contains(g.name, data) {
			continue
		}
		if i := slices.IndexFunc(g.variants, func(v *variant) bool { return v.label == label }); i >= 0 {
			return g.variants[i]
		}
	}
	return &variant{label: label}
}

func (c *Claim) figure(v *variant, label string) Finding {
	m, theirs := measureOf(c.Metric), c.Figures[label]
	ours := v.values(c.Metric)
	var d []float64
	for _, x := range ours {
		d = append(d, x-theirs)
	}
	f := Finding{Variant: label, Theirs: theirs, Ours: stat.MeanInterval(ours)}
	f.Diff, f.Verdict, f.Seeds = stat.Reproduce(d, m.Better == metric.Higher, c.Tolerance, m.Kind == metric.Size)
	return f
}

func (c *Claim) order(a, b *variant, pair [2]string) Finding {
	m, x, y := measureOf(c.Metric), a.sample(c.Metric), b.sample(c.Metric)
	var d []float64
	for _, seed := range slices.Sorted(maps.Keys(x)) {
		if v, ok := y[seed]; ok && !math.IsNaN(x[seed]-v) && !math.IsInf(x[seed]-v, 0) {
			d = append(d, x[seed]-v)
		}
	}
	f := Finding{Variant: pair[0], Than: pair[1], Ours: a.interval(c.Metric), Theirs: b.interval(c.Metric).Mean}
	f.Diff, f.Verdict, f.Seeds = stat.ReproduceOrder(d, m.Better == metric.Higher, c.Tolerance, m.Kind == metric.Size)
	return f
}

// Held is how many of a claim's findings hold.
func (c *Claim) Held() (n int) {
	for _, f := range c.Findings {
		if f.Verdict >= stat.Reproduced {
			n++
		}
	}
	return n
}

// Said is the verdict in words, with how many findings hold where some do and some do not.
func (c *Claim) Said() string {
	word := c.Verdict.String()
	if n := c.Held(); n > 0 && n < len(c.Findings) {
		return word + ": " + strconv.Itoa(n) + " of " + strconv.Itoa(len(c.Findings)) + " hold"
	}
	if c.Verdict == stat.CannotTell {
		if n := c.seeds(); n > 0 {
			return word + "; " + plural(n, "seed") + " would"
		}
		return word + "; more seeds would"
	}
	return word
}

// seeds are those that would decide all findings.
func (c *Claim) seeds() (n int) {
	for _, f := range c.Findings {
		if f.Verdict == stat.CannotTell {
			n = max(n, f.Seeds)
		}
	}
	return n
}

// Digest is the SHA-256 (hex) of all results of an experiment that do not depend on the machine's speed: of whoever runs it again with the
// same kernels, it is the same.
func Digest(r *store.Report) string {
	h := sha256.New()
	for _, t := range r.Trials {
		for _, name := range slices.Sorted(maps.Keys(t.Results)) {
			if m, ok := metric.Find(name); ok && m.Kind != metric.Speed {
				fmt.Fprintf(h, "%s %s %016x\n", t.ID, name, math.Float64bits(t.Results[name]))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
