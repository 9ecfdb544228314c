package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/stat"
)

// mostTold is up to how many data sets an answer names.
const mostTold = 4

// answeredEach is the answer of a few data sets: on each who leads and what that gives, then who leads everywhere, and at what speed.
func (s *summary) answeredEach(some []*group) []string {
	key, names := s.headings()
	var parts []string
	tested := true
	for i, g := range s.groups {
		if slices.Contains(some, g) {
			x := s.aspect(g, g.main.name)
			tested = tested && x.tested()
			parts = append(parts, names[i]+": "+s.led(g, x))
		}
	}
	text := strings.Join(parts, "; ")
	if key != "" {
		text = "by " + key + ", " + text
	}
	if !tested {
		return []string{sentence(text), "One seed tells no difference from noise: seeds = 5 asks for five."}
	}
	return []string{sentence(text), sentence(s.everywhere(some))}
}

// led is who leads on a data set, and how far they and the others get.
func (s *summary) led(g *group, x *Aspect) string {
	of := g.reaches
	lead := labelsOf(x.leaders())
	switch {
	case x.k == 1:
		return lead[0] + " alone, with " + of(lead)
	case !x.tested():
		return lead[0] + " has most, " + of(lead)
	case len(lead) == x.k:
		return fmt.Sprintf("none of %d leads, all have %s", x.k, of(lead))
	}
	var rest []string
	for _, p := range x.Variants {
		if !slices.Contains(lead, p.Label) {
			rest = append(rest, p.Label)
		}
	}
	verb, others := " leads with ", fmt.Sprintf("the other %d have ", len(rest))
	switch {
	case !x.inFront(x.leaders()):
		verb = " are not told from the best, with "
	case len(lead) > 1:
		verb = " lead with "
	}
	if len(rest) == 1 {
		others = rest[0] + " has "
	}
	few, _, _ := strings.Cut(of(rest), " of the ")
	return enumerate(s.briefly(lead), 2) + verb + of(lead) + ", " + others + few
}

// reaches is what variants reach, from the least to the most: of the attainable where the truth is known.
func (g *group) reaches(labels []string) string {
	name, write, unit := g.main.name, func(x float64) string { return fixed(x, 3) }, " "+g.main.Title
	if g.has("test.attained") {
		name, write, unit = "test.attained", func(x float64) string { return points(x, 0) }, " % of the attainable"
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, l := range labels {
		x := g.variants[g.find(l)].interval(name).Mean
		least, most = min(least, x), max(most, x)
	}
	a, b := strings.TrimSuffix(write(least), " %"), strings.TrimSuffix(write(most), " %")
	if a == b {
		return a + unit
	}
	return a + " to " + b + unit
}

// everywhere is who is among the leaders on all data sets, or on most of them, and how fast these train.
func (s *summary) everywhere(some []*group) string {
	count, most := map[string]int{}, 0
	for _, g := range some {
		for _, p := range s.aspect(g, g.main.name).leaders() {
			count[p.Label]++
			most = max(most, count[p.Label])
		}
	}
	var best []string
	for _, l := range s.labels {
		if count[l] == most {
			best = append(best, l)
		}
	}
	where := fmt.Sprintf("on %d of %d", most, len(some))
	if most == len(some) {
		where = map[bool]string{true: "on both", false: fmt.Sprintf("on all %d", most)}[most == 2]
	}
	verb := " is among the leaders "
	if len(best) > 1 {
		verb = " are among the leaders "
	}
	return enumerate(s.briefly(best), 3) + verb + where + s.pace(some, best)
}

// pace is how fast variants train, the mean over data sets; nothing where that is not known.
func (s *summary) pace(some []*group, labels []string) string {
	const name = "train.examples_per_second"
	if len(s.Environments) > 1 {
		return ""
	}
	fast, slow, first, rates := "", "", "", map[string]float64{}
	for _, l := range s.labels {
		var all []float64
		for _, g := range some {
			if i := g.find(l); i >= 0 && g.variants[i].interval(name).N > 0 {
				all = append(all, g.variants[i].interval(name).Mean)
			}
		}
		if rates[l] = stat.Mean(all); len(all) < len(some) || !(rates[l] > 0) {
			if slices.Contains(labels, l) {
				return ""
			}
			continue
		}
		if first == "" || rates[l] > rates[first] {
			first = l
		}
		if !slices.Contains(labels, l) {
			continue
		}
		if fast == "" || rates[l] > rates[fast] {
			fast = l
		}
		if slow == "" || rates[l] < rates[slow] {
			slow = l
		}
	}
	short := s.briefly([]string{slow, fast, first})
	text := ", training " + scaled(rates[fast]) + " examples/s"
	if fast != slow {
		text = fmt.Sprintf(", training %s (%s) to %s examples/s (%s)", scaled(rates[slow]), short[0], scaled(rates[fast]), short[1])
	}
	if first != fast {
		text += fmt.Sprintf("; %s, the fastest, trains %s", short[2], scaled(rates[first]))
	}
	return text
}

// longName is how many letters of a label a sentence has at most.
const longName = 28

// briefly is how sentences call variants.
func (s *summary) briefly(labels []string) []string {
	short := brief(s.labels, func(l string) bool { return Width(l) <= longName })
	var out []string
	for _, l := range labels {
		out = append(out, short[slices.Index(s.labels, l)])
	}
	return out
}

func labelsOf(all []Placed) (out []string) {
	for _, p := range all {
		out = append(out, p.Label)
	}
	return out
}
