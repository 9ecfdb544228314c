package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// linesAtMost is how many points a path of an SVG keeps: about as many as it is wide in points, of which a screen shows all.
const linesAtMost = 300

var polyline = regexp.MustCompile(` d="M([-\d.,LZ]*)"`)

// thinned leaves of an SVG's long paths the points that make their shape, with a decimal: a curve of a thousand points is no
// wider than one of a hundred, but the page that holds forty is ten times as long.
func thinned(svg string) string {
	return polyline.ReplaceAllStringFunc(svg, func(path string) string {
		body, closed := strings.CutSuffix(path[len(` d="M`):len(path)-1], "Z")
		words := strings.Split(body, "L")
		if len(words) <= linesAtMost {
			return path
		}
		var points []vg.Point
		for _, w := range words {
			x, y, _ := strings.Cut(w, ",")
			px, errX := strconv.ParseFloat(x, 64)
			py, errY := strconv.ParseFloat(y, 64)
			if errX != nil || errY != nil {
				return path // several lines in one
			}
			points = append(points, vg.Point{X: vg.Length(px), Y: vg.Length(py)})
		}
		end := `"`
		if closed {
			end = `Z"`
		}
		return ` d="` + relative(largestTriangles(points, linesAtMost)) + end
	})
}

// relative writes a line by the steps between its points, in tenths that do not add up to a drift.
func relative(points []vg.Point) string {
	var b strings.Builder
	tenths := func(x vg.Length) int { return int(math.Round(10 * float64(x))) }
	x, y := tenths(points[0].X), tenths(points[0].Y)
	fmt.Fprintf(&b, "M%v,%vl", float64(x)/10, float64(y)/10)
	for _, p := range points[1:] {
		dx, dy := tenths(p.X)-x, tenths(p.Y)-y
		fmt.Fprintf(&b, "%v,%v ", float64(dx)/10, float64(dy)/10)
		x, y = x+dx, y+dy
	}
	return strings.TrimSuffix(b.String(), " ")
}

// largestTriangles keeps n points of a line: its ends, and of each of n − 2 stretches the one that spans the largest triangle with the
// point kept before it and the mean of the stretch after it.
//
// Steinarsson, "Downsampling Time Series for Visual Representation", 2013, section 4.2.
func largestTriangles(line []vg.Point, n int) []vg.Point {
	out := append(make([]vg.Point, 0, n), line[0])
	from := func(stretch int) int { return 1 + stretch*(len(line)-2)/(n-2) }
	for s := range n - 2 {
		after := line[len(line)-1:]
		if s < n-3 {
			after = line[from(s+1):from(s+2)]
		}
		var mean vg.Point
		for _, p := range after {
			mean = mean.Add(p.Scale(1 / vg.Length(len(after))))
		}
		last, best, most := out[len(out)-1], vg.Point{}, vg.Length(-1)
		for _, p := range line[from(s):from(s+1)] {
			u, v := mean.Sub(last), p.Sub(last)
			if area := vg.Length(math.Abs(float64(u.X*v.Y - u.Y*v.X))); area > most {
				best, most = p, area
			}
		}
		out = append(out, best)
	}
	return append(out, line[len(line)-1])
}
