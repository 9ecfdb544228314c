package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// scales are the settings over which speed is drawn, where an experiment's variants differ in them.
var scales = []struct{ key, axis string }{
	{"train.batch_size", "examples a batch"},
	{"train.threads", "threads"},
	{"data.rows", "rows"},
	{"model.embedding_dim", "numbers an embedding"},
}

// drawScaling shows training speed against the first of scales in which variants differ by value alone.
func drawScaling(g *group) *drawing {
	for _, s := range scales {
		all := g.scaled(s.key)
		if len(all) == 0 {
			continue
		}
		d := &drawing{
			title:    "Scaling",
			subtitle: "training speed, examples a second (both axes are logarithmic)",
			body:     vg.Length(max(240, 12*len(all)+foot+10)),
			data:     [][]string{{"variant", s.axis, "examples a second"}},
			panels: func(c draw.Canvas) {
				show(c, growing(all, s.axis), margin, labelRoom(all)+margin)
			},
		}
		for _, v := range all {
			for i := range v.x {
				d.data = append(d.data, raws(v.label, v.x[i], v.y[i]))
			}
		}
		return d
	}
	return nil
}

// scaled are curves over a setting, of the variants whose labels differ by it alone; none with fewer than three points on
// the longest.
func (g *group) scaled(key string) []course {
	bare := key[strings.LastIndex(key, ".")+1:]
	var all []course
	for _, v := range g.ranked() {
		speed := v.interval("train.examples_per_second").Mean
		rest := strings.Join(slices.DeleteFunc(words(v.label), func(w string) bool { return strings.HasPrefix(w, bare+"=") }), " ")
		i := slices.IndexFunc(settings(v.trials[0].Config), func(s setting) bool { return s.Key == key })
		if !(speed > 0) || rest == v.label || i < 0 {
			continue
		}
		x, err := strconv.ParseFloat(settings(v.trials[0].Config)[i].Value, 64)
		if err != nil || x <= 0 {
			continue
		}
		k := slices.IndexFunc(all, func(c course) bool { return c.label == rest })
		if k < 0 {
			k = len(all)
			all = append(all, course{variant: &variant{label: rest, place: k}})
		}
		all[k].x, all[k].y = append(all[k].x, x), append(all[k].y, speed)
	}
	all = slices.DeleteFunc(all, func(c course) bool { return len(c.x) < 3 })
	for i := range all {
		all[i].sort()
	}
	return all[:min(len(all), mostNamed)]
}

// sort puts a course's points in the order of x.
func (v *course) sort() {
	order := make([][2]float64, len(v.x))
	for i := range v.x {
		order[i] = [2]float64{v.x[i], v.y[i]}
	}
	slices.SortFunc(order, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	for i, o := range order {
		v.x[i], v.y[i] = o[0], o[1]
	}
}
