package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// Style is the page's style sheet, in both colour schemes.
func Style() template.CSS { return styles() }

// Script is the page's, as it stands between line feeds in its element.
func Script() string { return pageJS }

// underwayAtMost are the runs that the figure of those under way names.
const underwayAtMost = 8

// Underway draws how the trials learn that are under way, over those of the same variants that are done; nil while there is
// nothing to draw.
func Underway(l *store.Live) ([]byte, error) {
	m, now, done := coursesNow(l)
	if now == nil {
		return nil, nil
	}
	d := drawn{drawing: drawing{
		title:    "Learning now",
		subtitle: m.String() + ", " + way(m) + " · grey: trials of the same variants that are done",
		body:     vg.Length(max(230, 12*len(now)+foot+10)),
		panels: func(c draw.Canvas) {
			show(c, curves(now, done, "examples trained on"), margin, labelRoom(now)+margin)
		},
	}}
	if len(done) == 0 {
		d.subtitle = m.String() + ", " + way(m)
	}
	if err := d.render(); err != nil {
		return nil, err
	}
	return d.svg, nil
}

// coursesNow are the curves of the first measure that variants may be ranked by and a run under way has two points of.
func coursesNow(l *store.Live) (m measure, now, done []course) {
	for _, name := range ranking {
		if !strings.HasPrefix(name, "valid.") {
			continue
		}
		m, now, done = measureOf(name), nil, nil
		long := false
		for _, c := range l.Curves {
			if c.Name != name {
				continue
			}
			switch x := courseNow(l, c, m); {
			case len(x.x) == 0:
			case !c.Running:
				done = append(done, x)
			case len(now) < underwayAtMost:
				now = append(now, x)
				long = long || len(x.x) > 1
			}
		}
		if long {
			return m, now, done
		}
	}
	return m, nil, nil
}

// courseNow is the course of one run; what is not finite is left out.
func courseNow(l *store.Live, s store.Curve, m measure) course {
	c := course{
		variant: &variant{label: fmt.Sprintf("%s, seed %d", s.Label, s.Seed), place: max(0, slices.Index(l.Labels, s.Label))},
		best:    math.NaN(),
	}
	for i, y := range s.Value {
		if !finite(y) {
			continue
		}
		c.x, c.y, c.seconds = append(c.x, float64(s.Examples[i])), append(c.y, y), append(c.seconds, s.Seconds[i])
		if math.IsNaN(c.best) || (y > c.best) == (m.Better == metric.Higher) {
			c.best = y
		}
	}
	return c
}
