package report

import (
	"fmt"
	"math"
	"strings"

	"ctrlab/internal/stat"
)

// answer is what the verdicts say to the experiment's question, in at most two sentences.
func (s *summary) answer() []string {
	var some []*group
	for _, g := range s.groups {
		if len(g.ranked()) > 0 {
			some = append(some, g)
		}
	}
	switch len(some) {
	case 0:
		return []string{"No trial has a result yet."}
	case 1:
		return s.answered(some[0])
	case 2:
		if s.wanted.Baseline == "" {
			break
		}
		var out []string
		for _, g := range some {
			out = append(out, sentence(g.name+": "+s.first(g)))
		}
		return out
	}
	if len(some) <= mostTold && s.wanted.Baseline == "" {
		return s.answeredEach(some)
	}
	return s.answeredOver(some)
}

// answered is one data set's: who leads, and what of the others.
func (s *summary) answered(g *group) []string {
	out := []string{sentence(s.first(g))}
	x := s.aspect(g, g.main.name)
	var more []string
	switch {
	case !x.tested() && x.k > 1:
		more = []string{"more " + g.replicas() + " would tell: seeds = 5 asks for five"}
	case x.family == stat.AllPairs && x.tested():
		more = []string{x.worse(), s.cost(g, x)}
	case x.tested():
		more = []string{s.unresolved(g, x)}
	}
	if text := join(more, "; "); text != "" {
		out = append(out, sentence(text))
	}
	return out
}

// first is who leads, or how all stand to the baseline, without the full stop.
func (s *summary) first(g *group) string {
	x := s.aspect(g, g.main.name)
	best := x.Variants[0]
	value := bare(float64(best.Mean), float64(best.Half))
	switch {
	case x.k == 1:
		return fmt.Sprintf("%s has a %s of %s, and nothing stands beside it", best.Label, g.main, value)
	case !x.tested():
		return fmt.Sprintf("%s has the best %s, %s, but one %s tells no difference from noise", best.Label, g.main, value, strings.TrimSuffix(g.replicas(), "s"))
	case x.family == stat.WithBaseline:
		return s.against(g, x)
	}
	lead := x.leaders()
	if len(lead) == 1 {
		next, ok := x.next()
		if !ok {
			return fmt.Sprintf("%s has the best %s, %s, but shares too few %s with others to be told from them", best.Label, g.main, value, g.replicas())
		}
		text := fmt.Sprintf("%s leads in %s (%s), ahead of %s by %s", best.Label, g.main, value, next.B, x.size(next))
		if next.Verdict == stat.NegligiblyBetter {
			text += fmt.Sprintf(", which the margin of %g calls negligible", x.Margin)
		}
		return text + next.Others.doubt()
	}
	var names []string
	for _, p := range lead {
		names = append(names, p.Label)
	}
	last, _ := x.between(best.Label, lead[len(lead)-1].Label)
	who := enumerate(s.briefly(names), 4) + " lead in " + g.main.String() + " and"
	if !x.inFront(lead) {
		who = fmt.Sprintf("%s has the best %s, %s; %s", best.Label, g.main, value, enumerate(s.briefly(names), 4))
	}
	if len(lead) == x.k && x.k > 2 {
		who = fmt.Sprintf("None of the %d variants leads in %s: %s", x.k, g.main, enumerate(s.briefly(names), 4))
	}
	return who + g.apart(x, lead, last)
}

// doubt is what other examples of test leave of a verdict: nothing to say where they leave it.
func (o *Others) doubt() string {
	if o == nil || o.Verdict.Told() {
		return ""
	}
	return fmt.Sprintf("; with other test examples that could turn (± %s)", fixed(o.half, decimals([]float64{o.half})))
}

// apart is what is known of leaders, the last of whom is the farthest from the best by mean.
func (g *group) apart(x *Aspect, lead []Placed, last Contrast) string {
	verb, span := "cannot be told apart", "difference "
	if len(lead) > 2 {
		verb, span = "cannot be told from the first", "differences up to "
	}
	all := true
	for _, p := range lead[1:] {
		c, _ := x.between(lead[0].Label, p.Label)
		all = all && c.Verdict == stat.Equivalent
	}
	if all {
		return fmt.Sprintf(" are equivalent within the margin of %g (%s%s)", x.Margin, span, x.size(last))
	}
	size := x.size(last)
	if !x.Ratio && last.diff.Half >= 1 { // more than an AUC can differ
		size = fmt.Sprintf("%s, less than %s can tell from noise", about(math.Abs(last.diff.Mean)), plural(last.Seeds, strings.TrimSuffix(g.replicas(), "s")))
	}
	return fmt.Sprintf(" %s (%s%s)%s", verb, span, size, g.settle(last))
}

// settle says how many more seeds would resolve a contrast.
func (g *group) settle(c Contrast) string {
	switch n := c.Needed - c.Seeds; {
	case c.Verdict != stat.Unresolved || n <= 0:
		return ""
	case n > 200:
		return fmt.Sprintf("; hundreds of %s more would not be too many to resolve it", g.replicas())
	case n == 1:
		return fmt.Sprintf("; 1 more %s would likely resolve it", strings.TrimSuffix(g.replicas(), "s"))
	default:
		return fmt.Sprintf("; %d more %s would likely resolve it", n, g.replicas())
	}
}

// worse says by how much the others are behind.
func (x *Aspect) worse() string {
	var behind []Contrast
	for _, p := range x.Variants[1:] {
		if c, ok := x.between(p.Label, x.Variants[0].Label); ok && c.Verdict.Told() {
			behind = append(behind, c)
		}
	}
	if len(x.leaders()) == 1 && len(behind) > 0 {
		behind = behind[1:] // the first sentence has the second
	}
	if len(behind) == 0 {
		return ""
	}
	near, far := behind[0], behind[len(behind)-1]
	if len(behind) == 1 {
		return fmt.Sprintf("%s is worse by %s", near.A, x.size(near))
	}
	return fmt.Sprintf("the other %d are worse by %s (%s) to %s (%s)", len(behind), x.size(near), near.A, x.size(far), far.A)
}

// cost says which of the leaders trains fastest, or how fast a lone one does beside the next.
func (s *summary) cost(g *group, x *Aspect) string {
	const name = "train.examples_per_second"
	if !g.has(name) || len(s.Environments) > 1 {
		return ""
	}
	speed, lead := s.aspect(g, name), x.leaders()
	if len(lead) == 1 {
		next, _ := x.next()
		if c, ok := speed.between(lead[0].Label, next.B); ok && c.Verdict.Told() {
			if c.Value < 1 {
				c, _ = speed.between(c.B, c.A)
			}
			return fmt.Sprintf("%s trains %s × as fast as %s", c.A, digits3(float64(c.Value)), c.B)
		}
		return ""
	}
	among := map[string]bool{}
	for _, p := range lead {
		among[p.Label] = true
	}
	var order []string
	for _, p := range speed.Variants {
		if among[p.Label] {
			order = append(order, p.Label)
		}
	}
	if len(order) < 2 {
		return ""
	}
	if c, ok := speed.between(order[0], order[1]); ok && c.Verdict.Told() {
		of := "the leaders"
		if !x.inFront(lead) {
			of = "those not told from the best"
		}
		return fmt.Sprintf("of %s %s trains fastest, %s × as fast as %s", of, order[0], digits3(float64(c.Value)), order[1])
	}
	return ""
}

// against sorts the variants by how they stand to the baseline.
func (s *summary) against(g *group, x *Aspect) string {
	var parts []string
	for _, v := range []stat.Verdict{stat.Better, stat.NegligiblyBetter, stat.Equivalent, stat.Unresolved, stat.NegligiblyWorse, stat.Worse} {
		var names []string
		var of []Contrast
		for _, c := range x.Contrasts {
			if c.Verdict == v {
				names, of = append(names, c.A), append(of, c)
			}
		}
		if len(of) == 0 {
			continue
		}
		text := enumerate(s.briefly(names), 3) + map[bool]string{true: " is ", false: " are "}[len(of) == 1] + v.String()
		if len(of) == 1 {
			text += " (" + x.signed(of[0]) + ")"
		} else {
			text += fmt.Sprintf(" (%s to %s)", x.signed(of[0]), x.signed(of[len(of)-1]))
		}
		parts = append(parts, text)
	}
	return fmt.Sprintf("beside %s, by %s: %s", s.wanted.Baseline, g.main, strings.Join(parts, "; "))
}

// unresolved says what the nearest of those that the baseline leaves unresolved would take.
func (s *summary) unresolved(g *group, x *Aspect) string {
	var least Contrast
	for _, c := range x.Contrasts {
		if c.Verdict == stat.Unresolved && c.Needed > 0 && (least.Needed == 0 || c.Needed < least.Needed) {
			least = c
		}
	}
	if n := least.Needed - least.Seeds; n > 0 {
		return fmt.Sprintf("%d more %s would likely resolve %s", n, g.replicas(), least.A)
	}
	return ""
}

// answeredOver is the answer of many data sets.
func (s *summary) answeredOver(some []*group) []string {
	alone, among := map[string]int{}, map[string]int{}
	for _, g := range some {
		x := s.aspect(g, g.main.name)
		lead := x.leaders()
		for _, p := range lead {
			among[p.Label]++
		}
		if len(lead) == 1 && x.tested() {
			alone[lead[0].Label]++
		}
	}
	o := s.over()
	if o == nil {
		most := ""
		for _, l := range s.labels {
			if most == "" || among[l] > among[most] {
				most = l
			}
		}
		return []string{sentence(fmt.Sprintf("%s is among the leaders on %d of %d data sets, alone in front on %d", most, among[most], len(some), alone[most]))}
	}
	first := o.Variants[0]
	text := fmt.Sprintf("over %d data sets %s has the best mean rank, %s", len(o.Data), first, fixed(o.Rank[0], 1))
	switch alike := o.Alike[0]; {
	case float64(o.P) > 1-stat.Level:
		text += ", but ranks alone tell no variant from another"
	case len(alike) > 1:
		text += ", and " + enumerate(alike[1:], 3) + " cannot be told from it by rank"
	default:
		text += ", apart from all others"
	}
	return []string{sentence(text), sentence(fmt.Sprintf("it is among the leaders on %d of them, alone in front on %d", among[first], alone[first]))}
}

// leaders are the variants that nothing shows worse than the best, the best in front; those that were not tested are not among them.
func (x *Aspect) leaders() []Placed {
	out := x.Variants[:min(1, len(x.Variants)):1]
	for _, p := range x.Variants[1:] {
		if c, ok := x.between(p.Label, x.Variants[0].Label); ok && !c.Verdict.Told() && c.Verdict != stat.Untested {
			out = append(out, p)
		}
	}
	return out
}

// inFront reports whether the means of leaders are all better than those of the others: one whose seeds disagree may be told from nothing,
// wherever its mean is.
func (x *Aspect) inFront(lead []Placed) bool {
	return lead[len(lead)-1].Label == x.Variants[len(lead)-1].Label
}

// next is the best beside the first variant that is told from it.
func (x *Aspect) next() (c Contrast, ok bool) {
	for _, p := range x.Variants[1:] {
		if c, ok = x.between(x.Variants[0].Label, p.Label); ok && c.Verdict.Told() {
			return c, true
		}
	}
	return c, false
}

// size is how large a difference is, with its half-width, "0.0003 ± 0.0006"; a ratio with its ends.
func (x *Aspect) size(c Contrast) string {
	if x.Ratio {
		return x.signed(c)
	}
	return bare(math.Abs(c.diff.Mean), c.diff.Half)
}

// signed is a difference with its sign, "+0.0003 ± 0.0006"; a ratio with its ends.
func (x *Aspect) signed(c Contrast) string {
	switch {
	case math.IsNaN(float64(c.Value)):
		return missing
	case x.Ratio && math.IsNaN(c.diff.Half):
		return digits3(float64(c.Value)) + " ×"
	case x.Ratio:
		return fmt.Sprintf("%s × (%s to %s)", factor(float64(c.Value)), factor(float64(c.Low)), factor(float64(c.High)))
	case c.diff.Mean > 0:
		return "+" + bare(c.diff.Mean, c.diff.Half)
	}
	return bare(c.diff.Mean, c.diff.Half)
}

// factor writes a ratio; where it is beyond a hundredfold, no more is known than that.
func factor(x float64) string {
	switch {
	case x < 0.01:
		return "<0.01"
	case x > 100:
		return ">100"
	}
	return digits3(x)
}

// bare writes a mean with two digits of its half-width, "0.7711 ± 0.0012"; without one where it is not known.
func bare(mean, half float64) string {
	places := decimals([]float64{half})
	if math.IsNaN(half) {
		return fixed(mean, places)
	}
	return fixed(mean, places) + " ± " + fixed(half, places)
}

// replicas is what intervals are over, as a plural.
func (g *group) replicas() string {
	switch {
	case g.tunings != nil:
		return "repeats"
	case g.splits.place != nil:
		return "splits"
	}
	return "seeds"
}

// enumerate writes names as a sentence does, the first few of them.
func enumerate(names []string, most int) string {
	if n := len(names) - most; n > 1 {
		return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), n)
	}
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// join leaves out what is empty.
func join(parts []string, by string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, by)
}

// sentence ends a text with a full stop, and begins it with a capital where it does not begin with a name.
func sentence(text string) string {
	for _, word := range []string{"beside ", "over ", "the other ", "of the ", "of those ", "it is ", "more ", "by "} {
		if strings.HasPrefix(text, word) {
			text = strings.ToUpper(text[:1]) + text[1:]
		}
	}
	return text + "."
}
