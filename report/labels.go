package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// A tag is a label in search of a place near its mark.
type tag struct {
	mark   vg.Point
	radius vg.Length    // of the mark
	size   vg.Point     // of the text
	box    vg.Rectangle // where it came to stand
	hidden bool         // there is no room for it
}

// settle finds each tag a box inside the frame, near its mark, off all marks, other boxes and lines, where there is one.
// Tags are placed one by one and then twice more, each knowing where all others stand.
func settle(frame vg.Rectangle, tags []tag, lines [][2]vg.Point) {
	placed := make([]bool, len(tags))
	for range 3 {
		for i := range tags {
			best := math.Inf(1)
			var box vg.Rectangle
			for _, b := range tags[i].candidates(frame) {
				if cost := price(b, i, tags, placed) + covered(b, lines); cost < best {
					best, box = cost, b
				}
			}
			tags[i].box, placed[i] = box, true
		}
	}
}

// apart hides tags that came to stand on one before them, or on a line that is taken.
func apart(tags []tag, taken [][2]vg.Point) []tag {
	for i := range tags {
		t := &tags[i]
		t.hidden = slices.ContainsFunc(taken, func(l [2]vg.Point) bool { return crosses(l, t.box) }) ||
			slices.ContainsFunc(tags[:i], func(o tag) bool { return !o.hidden && overlap(o.box, t.box) })
	}
	return tags
}

// candidates are the boxes around a mark, at its right first, then round it and further out.
func (t tag) candidates(frame vg.Rectangle) []vg.Rectangle {
	var out []vg.Rectangle
	for _, gap := range []vg.Length{3, 8, 15, 24, 36, 50, 70, 95, 125} {
		for k := range 16 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 8)
			x := t.mark.X + vg.Length(cos)*(t.radius+gap) + vg.Length(cos-1)/2*t.size.X
			y := t.mark.Y + vg.Length(sin)*(t.radius+gap) + vg.Length(sin-1)/2*t.size.Y
			x = min(max(x, frame.Min.X), frame.Max.X-t.size.X)
			y = min(max(y, frame.Min.Y), frame.Max.Y-t.size.Y)
			out = append(out, vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + t.size.X, Y: y + t.size.Y}})
		}
	}
	return out
}

// price is what a box costs tag i: distance to its mark, and far more what it would cover.
func price(b vg.Rectangle, i int, tags []tag, placed []bool) float64 {
	leader := tags[i].leader(b)
	cost := float64(distance(tags[i].mark, b))
	for j, other := range tags {
		around := vg.Rectangle{
			Min: other.mark.Sub(vg.Point{X: other.radius + 1, Y: other.radius + 1}),
			Max: other.mark.Add(vg.Point{X: other.radius + 1, Y: other.radius + 1}),
		}
		if overlap(b, around) {
			cost += 400
		}
		if j == i {
			continue
		}
		if crosses(leader, around) {
			cost += 60
		}
		if placed[j] && overlap(b, other.box) {
			cost += 1000
		}
		if placed[j] && crosses(leader, other.box) {
			cost += 80
		}
	}
	return cost
}

// covered is what a box costs by the lines under it.
func covered(b vg.Rectangle, lines [][2]vg.Point) float64 {
	cost := 0.0
	for _, l := range lines {
		if crosses(l, b) {
			cost += 40
		}
	}
	return cost
}

// leader is the line from the mark to the nearest point of a box.
func (t tag) leader(b vg.Rectangle) [2]vg.Point {
	return [2]vg.Point{t.mark, {X: min(max(t.mark.X, b.Min.X), b.Max.X), Y: min(max(t.mark.Y, b.Min.Y), b.Max.Y)}}
}

func distance(p vg.Point, b vg.Rectangle) vg.Length {
	q := tag{mark: p}.leader(b)[1].Sub(p)
	return vg.Length(math.Hypot(float64(q.X), float64(q.Y)))
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// crosses reports whether a line runs through a box: whether the parts of it that are between the box's sides and between
// its floor and ceiling meet.
func crosses(line [2]vg.Point, b vg.Rectangle) bool {
	x0, x1 := within(line[0].X, line[1].X, b.Min.X, b.Max.X)
	y0, y1 := within(line[0].Y, line[1].Y, b.Min.Y, b.Max.Y)
	return max(x0, y0, 0) < min(x1, y1, 1)
}

// within returns the stretch of t for which a + t·(b−a) lies between lo and hi; empty (1, 0) where there is none.
func within(a, b, lo, hi vg.Length) (from, to vg.Length) {
	if a == b {
		if a <= lo || a >= hi {
			return 1, 0
		}
		return 0, 1
	}
	from, to = (lo-a)/(b-a), (hi-a)/(b-a)
	return min(from, to), max(from, to)
}

// spread moves the middles of labels of one height apart by as little as leaves none on another, within [lo, hi] where
// they fit. It keeps their order.
func spread(at []vg.Length, height, lo, hi vg.Length) []vg.Length {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if at[a] < at[b] {
			return -1
		}
		return indicator(at[a] > at[b])
	})
	// A run of labels that touch stands around the mean of where its labels want to be.
	type run struct{ first, n, sum vg.Length }
	var runs []run
	for i, k := range order {
		r := run{vg.Length(i), 1, at[k] - vg.Length(i)*height}
		for len(runs) > 0 && runs[len(runs)-1].sum/runs[len(runs)-1].n >= r.sum/r.n {
			last := runs[len(runs)-1]
			r = run{last.first, last.n + r.n, last.sum + r.sum}
			runs = runs[:len(runs)-1]
		}
		runs = append(runs, r)
	}
	out := make([]vg.Length, len(at))
	ceiling := hi - height/2 - vg.Length(len(at)-1)*height
	for _, r := range runs {
		base := max(min(r.sum/r.n, ceiling), lo+height/2)
		for i := r.first; i < r.first+r.n; i++ {
			out[order[int(i)]] = base + i*height
		}
	}
	return out
}
