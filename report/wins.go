package report

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/stat"
)

// A versus is how often each of some variants stood above, beside and below each other.
type versus struct {
	labels []string
	tally  [][]Tally // [row][column], of the row
	text   func(Tally) string
	words  func(Tally) string
}

// mostContested is how many variants a matrix has.
const mostContested = 20

// drawWins shows the verdict of each variant on each.
func drawWins(s *summary, g *group) *drawing {
	if len(g.ranked()) < 3 {
		return nil
	}
	x := s.aspect(g, g.main.name)
	if x.family != stat.AllPairs || !x.tested() || x.k > mostContrasted {
		return nil
	}
	k := &versus{text: Tally.sign, words: Tally.verdict}
	for _, p := range x.Variants[:min(x.k, mostContested)] {
		k.labels = append(k.labels, p.Label)
	}
	for _, a := range k.labels {
		var row []Tally
		for _, b := range k.labels {
			c, ok := x.between(a, b)
			row = append(row, one(c, ok && a != b))
		}
		k.tally = append(k.tally, row)
	}
	d := k.drawing("Who is told from whom", x.measure.String()+" · + the row is better, − it is worse, ○ not told apart, by the intervals of all pairs")
	if n := x.k - len(k.labels); n > 0 {
		d.caption = fmt.Sprintf("The %d best; %s more are left out.", len(k.labels), plural(n, "variant"))
	}
	return d
}

// drawWinsOver shows on how many data sets each variant is better than each.
func drawWinsOver(s *summary) *drawing {
	o := s.over()
	if o == nil {
		return nil
	}
	n := min(len(o.Variants), 12)
	k := &versus{labels: o.Variants[:n], text: Tally.counts, words: Tally.counted}
	for i := range n {
		k.tally = append(k.tally, o.Against[i][:n])
	}
	d := k.drawing("Wins, ties and losses", fmt.Sprintf("on %d data sets, of the row against the column, by the intervals of each data set", len(o.Data)))
	if more := len(o.Variants) - n; more > 0 {
		d.caption = fmt.Sprintf("The %d best by mean rank; %s more are left out.", n, plural(more, "variant"))
	}
	return d
}

// one is the tally of a single contrast.
func one(c Contrast, known bool) Tally {
	switch {
	case !known:
		return Tally{}
	case !c.Verdict.Told():
		return Tally{Ties: 1}
	case c.Verdict.Up():
		return Tally{Wins: 1}
	}
	return Tally{Losses: 1}
}

func (t Tally) sign() string {
	switch {
	case t.Wins > 0:
		return "+"
	case t.Losses > 0:
		return "−"
	case t.Ties > 0:
		return "○"
	}
	return ""
}

func (t Tally) verdict() string {
	switch {
	case t.Wins > 0:
		return "better"
	case t.Losses > 0:
		return "worse"
	}
	return "not told apart"
}

func (t Tally) counts() string { return fmt.Sprintf("%d/%d/%d", t.Wins, t.Ties, t.Losses) }

func (t Tally) counted() string {
	return fmt.Sprintf("better on %d, not told apart on %d, worse on %d", t.Wins, t.Ties, t.Losses)
}

// share is what a cell is coloured by: 0 lost all, 1 won all.
func (t Tally) share() float64 {
	return (float64(t.Wins) + float64(t.Ties)/2) / float64(t.Wins+t.Ties+t.Losses)
}

// colours of a cell and of what is written on it: the more of either, the stronger.
func (t Tally) colours() (fill, on color.Color) {
	x := 2*t.share() - 1
	switch {
	case x > 0:
		return tones[4].at(0.15 + 0.35*x), ink
	case x < 0:
		return tones[5].at(0.15 - 0.35*x), ink
	}
	return faint, muted
}

func (k *versus) drawing(title, subtitle string) *drawing {
	tall := vg.Length(22)
	if len(k.labels) > 12 {
		tall = 17
	}
	d := &drawing{title: title, subtitle: subtitle, body: 20 + tall*vg.Length(len(k.labels)) + margin, data: [][]string{append([]string{"variant"}, k.labels...)}}
	for i, l := range k.labels {
		row := []string{l}
		for j, t := range k.tally[i] {
			if i == j {
				row = append(row, "")
			} else {
				row = append(row, t.counts())
			}
		}
		d.data = append(d.data, row)
	}
	d.panels = func(c draw.Canvas) { k.paint(c, tall) }
	return d
}

// paint numbers the columns as the rows are: names on end would be higher than the matrix.
func (k *versus) paint(c draw.Canvas, tall vg.Length) {
	style := letters(small, ink)
	labels := fitAll(k.labels, style, 150)
	left := c.Min.X + margin + widest(style, labels) + 30
	wide := min((c.Max.X-margin-left)/vg.Length(len(labels)), 46)
	top := c.Max.Y - 18
	for i, l := range labels {
		y := top - tall*(vg.Length(i)+0.5)
		number := fmt.Sprint(i + 1)
		write(c, right(style), vg.Point{X: left - 24, Y: y}, l)
		write(c, right(letters(small, muted)), vg.Point{X: left - 6, Y: y}, number)
		write(c, centred(letters(small, muted)), vg.Point{X: left + wide*(vg.Length(i)+0.5), Y: top + 8}, number)
		for j, t := range k.tally[i] {
			x := left + wide*vg.Length(j)
			if i == j {
				continue
			}
			fill, on := t.colours()
			c.FillPolygon(fill, box(x+0.75, y-tall/2+0.75, x+wide-0.75, y+tall/2-0.75))
			size := vg.Length(small)
			for size > 5 && letters(size, on).Width(k.text(t)) > wide-2 {
				size -= 0.5
			}
			write(c, centred(letters(size, on)), vg.Point{X: x + wide/2, Y: y}, k.text(t))
			tell(c, vg.Rectangle{Min: vg.Point{X: x, Y: y - tall/2}, Max: vg.Point{X: x + wide, Y: y + tall/2}}, k.labels[i]+" to "+k.labels[j]+": "+k.words(t))
		}
	}
}
