package report

import (
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A heatmap is an overview laid out as a figure.
type heatmap struct {
	*overview
	labels, heads []string  // as short as they have to be
	left, cell    vg.Length // room for labels, width of a cell
	head          vg.Length // height of the names over the cells
	upright       bool      // these do not fit beside each other and stand on end
	size          vg.Length // of the numbers
	bare          bool      // without their unit
}

// slab is the height of a heat map's row.
const slab = 27

// drawOverview shows every variant on every data set, where there are several.
func drawOverview(s *summary) *drawing {
	if o := s.overview(); o != nil {
		return o.drawing()
	}
	return nil
}

// drawing is the overview as variants by data sets, each cell with its number on its colour.
func (o *overview) drawing() *drawing {
	h := o.layout()
	d := &drawing{body: h.head + vg.Length(len(h.labels))*slab + margin, panels: h.paint}
	d.title, d.subtitle = o.about()
	head := []string{"variant"}
	for _, w := range o.worlds {
		head = append(head, w.name)
	}
	d.data = [][]string{head}
	for i, l := range o.labels {
		row := []string{l}
		for _, w := range o.worlds {
			row = append(row, raw(w.tiles[i].value))
		}
		d.data = append(d.data, row)
	}
	if o.shares() < len(o.worlds) {
		d.subtitle += ", coloured by rank"
	}
	if o.doubt() != "" {
		d.body += 16
	}
	return d
}

func (o *overview) layout() *heatmap {
	h := &heatmap{overview: o, labels: fitAll(o.labels, letters(normal, ink), 150)}
	h.left = margin + 8 + widest(letters(normal, ink), h.labels)
	h.cell = (breadth - margin - h.left) / vg.Length(len(o.worlds))
	h.head = 19
	if o.shares() < len(o.worlds) {
		h.head += 12
	}
	for _, w := range o.worlds {
		h.heads = append(h.heads, w.name)
	}
	broad := func() bool { return widest(letters(normal, ink), h.heads) > h.cell-4 }
	if broad() {
		h.heads = counted(h.heads)
	}
	if broad() && (h.cell < 60 || o.shares() == len(o.worlds)) { // a measure under each head has no place on end
		style := letters(small, ink)
		h.upright, h.heads = true, fitAll(h.heads, style, 150)
		h.head = widest(style, h.heads) + 12
	} else {
		h.heads = fitAll(h.heads, letters(normal, ink), h.cell-4)
	}
	h.scale()
	return h
}

// scale finds the largest numbers that fit into all cells.
func (h *heatmap) scale() {
	for _, h.bare = range []bool{false, true} {
		for _, h.size = range []vg.Length{normal, 8} {
			if h.fits() {
				return
			}
		}
	}
}

func (h *heatmap) fits() bool {
	style := letters(h.size, ink)
	for _, w := range h.worlds {
		for _, t := range w.tiles {
			if style.Width(h.number(t)) > h.cell-4 {
				return false
			}
		}
	}
	return true
}

// number is what stands in a cell.
func (h *heatmap) number(t tile) string {
	if h.bare {
		return strings.ReplaceAll(strings.TrimSuffix(t.text, " %"), " ", "")
	}
	return t.text
}

func (h *heatmap) paint(c draw.Canvas) {
	top := c.Max.Y - h.head
	for i, l := range h.labels {
		write(c, right(letters(normal, ink)), vg.Point{X: h.left - 8, Y: top - slab*(vg.Length(i)+0.5)}, l)
	}
	for i, w := range h.worlds {
		x := h.left + h.cell*(vg.Length(i)+0.5)
		h.name(c, i, vg.Point{X: x, Y: top})
		for k, t := range w.tiles {
			at := vg.Point{X: x, Y: top - slab*(vg.Length(k)+0.5)}
			h.tile(c, t, at)
			size := vg.Point{X: h.cell / 2, Y: slab / 2}
			tell(c, vg.Rectangle{Min: at.Sub(size), Max: at.Add(size)}, h.overview.labels[k]+", "+w.name+": "+t.text)
		}
	}
	write(c, letters(small, muted), vg.Point{X: h.left, Y: c.Min.Y + margin}, h.doubt())
}

// name writes the i-th world's over its column, and under it the measure where it is not the share that the others have.
func (h *heatmap) name(c draw.Canvas, i int, at vg.Point) {
	if h.upright {
		style := letters(small, ink)
		style.Rotation = math.Pi / 2
		c.FillText(style, at.Add(vg.Point{Y: 6}), h.heads[i])
		return
	}
	at.Y += 9
	if w := h.worlds[i]; h.shares() < len(h.worlds) {
		what, under := w.String(), centred(letters(small, muted))
		if w.share {
			what = "attained"
		}
		write(c, under, at, fit(what, under, h.cell-4))
		at.Y += 12
	}
	write(c, centred(letters(normal, ink)), at, h.heads[i])
}

// tile fills a cell and writes in it what fits.
func (h *heatmap) tile(c draw.Canvas, t tile, at vg.Point) {
	letter := muted
	if !math.IsNaN(t.shade) {
		fill, on := heat(t.shade)
		letter = on
		x, y := h.cell/2-0.75, vg.Length(slab)/2-0.75
		c.FillPolygon(fill, []vg.Point{{X: at.X - x, Y: at.Y - y}, {X: at.X + x, Y: at.Y - y}, {X: at.X + x, Y: at.Y + y}, {X: at.X - x, Y: at.Y + y}})
	}
	number, under := centred(letters(h.size, letter)), centred(letters(8, letter))
	if number.Width(h.number(t)) > h.cell-1 {
		return // the colour has to do
	}
	if t.half != "" {
		write(c, under, at.Sub(vg.Point{Y: 6.5}), t.half)
		at.Y += 4.5
	}
	write(c, number, at, h.number(t))
}
