package report

import (
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/metric"
)

// A strengths is a square of strengths by pair of fields, each a share of the largest; NaN on the diagonal.
type strengths struct {
	title, under string
	share        [][]float64
}

// drawPairs shows how strongly each variant lets two fields act together, beside what was planted.
func drawPairs(g *group) *drawing {
	var names []string
	var grids []strengths
	for _, v := range g.ranked() {
		pairs := v.pairs()
		if pairs == nil {
			continue
		}
		if fields := fieldsOf(pairs); names == nil {
			names = fields
			if x, some := gridOf(fields, pairs, func(p metric.Pair) float64 { return p.Planted }); some {
				x.title = "planted"
				grids = append(grids, x)
			}
		}
		x, some := gridOf(names, pairs, func(p metric.Pair) float64 { return p.Learned })
		if !some {
			continue
		}
		x.title = v.label
		if r := v.interval("pairs.agreement"); r.N > 0 {
			x.under = "agrees " + fixed(r.Mean, 2)
		}
		grids = append(grids, x)
	}
	if len(grids) == 0 {
		return nil
	}
	data := [][]string{{"variant", "first", "second", "share of its strongest"}}
	for _, x := range grids {
		for i, a := range names {
			for j, b := range names[i+1:] {
				data = append(data, []string{x.title, a, b, raw(x.share[i][i+1+j])})
			}
		}
	}
	d := &mosaic{names: names, grids: grids}
	d.layout()
	out := &drawing{
		data:     data,
		title:    "Strength of field pairs",
		subtitle: "of each variant, as a share of its strongest",
		caption:  "Fields in order: " + strings.Join(names, ", ") + ".",
		body:     vg.Length(d.lines())*(d.side+d.head) + margin,
		panels:   d.paint,
	}
	if grids[0].title == "planted" {
		out.subtitle += "; agreement is that of their order with the planted one's"
		out.caption += " Agreement is Somers' D: 1 where a stronger pair is always learned as that. It is the mean over seeds."
	}
	return out
}

// pairs are the variant's, learned strengths as shares of a trial's largest and averaged over its seeds that are done.
func (v *variant) pairs() []metric.Pair {
	var out []metric.Pair
	n := 0.0
	for _, t := range v.trials {
		most := 0.0
		for _, p := range t.Pairs {
			most = max(most, p.Learned)
		}
		if t.State != "done" || most == 0 || out != nil && len(out) != len(t.Pairs) {
			continue
		}
		if n++; out == nil {
			out = make([]metric.Pair, len(t.Pairs))
		}
		for i, p := range t.Pairs {
			p.Learned = out[i].Learned + p.Learned/most
			out[i] = p
		}
	}
	for i := range out {
		out[i].Learned /= n
	}
	return out
}

// fieldsOf are the fields of pairs, in order.
func fieldsOf(pairs []metric.Pair) []string {
	names := []string{pairs[0].Fields[0]}
	for _, p := range pairs {
		if p.Fields[0] == names[0] {
			names = append(names, p.Fields[1])
		}
	}
	return names
}

// gridOf lays out a number of each pair; some says that any is above 0.
func gridOf(names []string, pairs []metric.Pair, value func(metric.Pair) float64) (x strengths, some bool) {
	at := map[string]int{}
	for i, n := range names {
		at[n] = i
		x.share = append(x.share, make([]float64, len(names)))
		for k := range names {
			x.share[i][k] = math.NaN()
		}
	}
	most := 0.0
	for _, p := range pairs {
		most = max(most, value(p)) // NaN where it is not known
	}
	if !(most > 0) {
		return x, false
	}
	for _, p := range pairs {
		i, ok := at[p.Fields[0]]
		j, too := at[p.Fields[1]]
		if ok && too {
			x.share[i][j] = value(p) / most
			x.share[j][i] = x.share[i][j]
		}
	}
	return x, true
}

// A mosaic is grids beside each other.
type mosaic struct {
	names      []string
	grids      []strengths
	columns    int
	left       vg.Length // room for the fields' names
	side, head vg.Length // of a grid, and the height of its titles
}

const between = 14

func (m *mosaic) layout() {
	m.columns = min(4, len(m.grids))
	if m.left = margin; len(m.names) <= shown {
		m.left += 6 + min(70, widest(letters(8, muted), m.names))
	}
	room := vg.Length(breadth) - margin - m.left
	m.side = min(150, (room-between*vg.Length(m.columns-1))/vg.Length(m.columns))
	m.head = 36
}

// shown is up to how many fields have their names beside the grids.
const shown = 12

func (m *mosaic) lines() int { return (len(m.grids) + m.columns - 1) / m.columns }

func (m *mosaic) paint(c draw.Canvas) {
	for i, x := range m.grids {
		at := vg.Point{X: c.Min.X + m.left + vg.Length(i%m.columns)*(m.side+between), Y: c.Max.Y - vg.Length(i/m.columns)*(m.side+m.head)}
		style := letters(small, ink)
		write(c, style, vg.Point{X: at.X, Y: at.Y - 12}, fit(x.title, style, m.side))
		write(c, letters(8, muted), vg.Point{X: at.X, Y: at.Y - 24}, x.under)
		at.Y -= m.head - 4
		m.grid(c, x, at)
		if i%m.columns == 0 && len(m.names) <= shown {
			m.sides(c, at)
		}
	}
}

// grid draws one, its upper left corner at a point.
func (m *mosaic) grid(c draw.Canvas, x strengths, at vg.Point) {
	cell := m.side / vg.Length(len(m.names))
	gap := min(0.5, cell/10)
	for i, row := range x.share {
		for j, v := range row {
			fill := faint
			if !math.IsNaN(v) {
				fill, _ = heat(v)
			}
			if !math.IsNaN(v) && len(m.names) <= shown {
				middle := vg.Point{X: at.X + cell*(vg.Length(j)+0.5), Y: at.Y - cell*(vg.Length(i)+0.5)}
				tell(c, around(middle, cell/2), m.names[i]+" × "+m.names[j]+": "+fixed(v, 2))
			}
			p := vg.Point{X: at.X + cell*vg.Length(j), Y: at.Y - cell*vg.Length(i)}
			c.FillPolygon(fill, []vg.Point{{X: p.X + gap, Y: p.Y - gap}, {X: p.X + cell - gap, Y: p.Y - gap}, {X: p.X + cell - gap, Y: p.Y - cell + gap}, {X: p.X + gap, Y: p.Y - cell + gap}})
		}
	}
}

// sides writes the fields' names at the left of a grid.
func (m *mosaic) sides(c draw.Canvas, at vg.Point) {
	style, cell := right(letters(8, muted)), m.side/vg.Length(len(m.names))
	for i, n := range m.names {
		write(c, style, vg.Point{X: at.X - 4, Y: at.Y - cell*(vg.Length(i)+0.5)}, fit(n, style, 70))
	}
}
