package report

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An expense is a row of the table of what accuracy costs: a metric, what its panel is called and how a value is written.
type expense struct {
	metric, title string
	factor        float64 // of a tick
	inverse       bool    // a rate, shown as what one takes
	write         func(x float64) string
}

// expenses are the panels of the figure of costs, in its order.
var expenses = []expense{
	{"infer.examples_per_second", "inference, µs an example", 1e6, true, brisk},
	{"peak_rss", "peak memory, MiB", 1.0 / (1 << 20), false, Memory},
	{"params", "parameters", 1, false, scaled},
	{"flops", "FLOPs of a forward pass, an example", 1, false, scaled},
}

// drawCosts shows accuracy against every cost in which variants differ, a panel each.
func drawCosts(g *group) *drawing {
	var all []*scatter
	var names []string
	for _, p := range expenses {
		if s := g.scatter(p); s != nil {
			all, names = append(all, s), append(names, p.metric)
		}
	}
	if len(all) == 0 {
		return nil
	}
	const tall = 200
	lines := (len(all) + 1) / 2
	return &drawing{
		title:    "What " + g.main.String() + " costs",
		subtitle: g.direction() + " · the broken lines join those that no other beats in both (all costs logarithmic)",
		caption:  fmt.Sprintf("Named are those on the broken lines, up to %d.", mostFront),
		body:     vg.Length(lines*tall) + margin,
		data:     sheet(all[0].variants(), append([]string{g.main.name}, names...)...),
		panels: func(c draw.Canvas) {
			for i, s := range all {
				const half = breadth / 2
				left, top := vg.Length(i%2)*half+margin, vg.Length(i/2*tall)
				panel := draw.Crop(c, left, -half*vg.Length(1-i%2)-margin/2, c.Max.Y-c.Min.Y-top-tall, -top-8)
				show(panel, s.plot(half-2*margin-20), 0, 0)
			}
		},
	}
}

// mostFront is how many of a front a small panel names.
const mostFront = 6

// scatter is a panel of the figure of costs; nil where a cost does not tell variants apart.
func (g *group) scatter(p expense) *scatter {
	s := &scatter{label: p.title, write: p.write, few: mostFront}
	cells := g.field(columns[0], g.main).cells
	for i, v := range g.variants {
		x, cost := cells[i].Interval, v.interval(p.metric).Mean
		if p.inverse {
			cost = 1 / cost
		}
		if x.N > 0 && cost > 0 && finite(cost) {
			s.spots = append(s.spots, spot{v, x, cost, cells[i].text})
		}
	}
	if len(s.spots) < 2 {
		return nil
	}
	least, most := s.spots[0].x, s.spots[0].x
	for _, x := range s.spots {
		least, most = min(least, x.x), max(most, x.x)
	}
	if most < 1.05*least {
		return nil
	}
	s.factor = p.factor
	g.frame(s, false)
	return s
}
