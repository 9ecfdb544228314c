package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// even ticks a linear axis at about n round values, labelled with the decimals their step needs.
type even struct {
	n     int
	label func(x float64, decimals int) string // fixed, where nil
}

// Ticks implements plot.Ticker.
func (e even) Ticks(lo, hi float64) []plot.Tick {
	step, places := e.step(lo, hi)
	label := e.label
	if label == nil {
		label = fixed
	}
	var out []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step; i++ {
		x := i*step + 0 // no −0
		out = append(out, plot.Tick{Value: x, Label: label(x, places)})
	}
	return out
}

// within is e with as many ticks, n at most, as leave their labels apart on an axis of a width.
func (e even) within(lo, hi float64, room vg.Length) even {
	style := letters(small, muted)
	for ; e.n > 1; e.n-- {
		step, _ := e.step(lo, hi)
		var labels []string
		for _, t := range e.Ticks(lo, hi) {
			labels = append(labels, t.Label)
		}
		label := widest(style, labels)
		if vg.Length(step/(hi-lo))*(room-label) > label+8 { // the outer labels reach beyond the axis by half
			break
		}
	}
	return e
}

// step returns 1, 2, 2.5 or 5 times the power of ten that comes nearest to n ticks, and the decimals it needs;
// 2.5, which needs one more than the rest, only where it comes nearer by more than one tick.
func (e even) step(lo, hi float64) (step float64, decimals int) {
	rough := math.Floor(math.Log10((hi - lo) / float64(e.n)))
	best := math.Inf(1)
	for power := rough; power <= rough+1; power++ {
		for _, f := range []float64{1, 2, 2.5, 5} {
			x := f * math.Pow(10, power)
			ticks := math.Floor(hi/x+1e-9) - math.Ceil(lo/x-1e-9) + 1
			off, places := math.Abs(ticks-float64(e.n)), -int(power)
			if f == 2.5 {
				off, places = off+1, places+1
			}
			if off < best {
				best, step, decimals = off, x, max(0, places)
			}
		}
	}
	return step, decimals
}

// decades ticks a logarithmic axis at 1, 2, 5 or 1, 3 or 1 times powers of ten, the densest that stays within n labels;
// an axis of less than half a decade evenly, like a linear one.
type decades struct {
	n      int
	factor float64 // what labels say of a value; 0 is 1
}

// within is d with as many ticks, n at most, as leave their labels apart on an axis of a width.
func (d decades) within(lo, hi float64, room vg.Length) decades {
	style := letters(small, muted)
	apart := func() bool {
		end := vg.Length(math.Inf(-1))
		for _, t := range d.Ticks(lo, hi) {
			half := style.Width(t.Label) / 2
			x := room * vg.Length(math.Log(t.Value/lo)/math.Log(hi/lo))
			if x-half < end+8 {
				return false
			}
			end = x + half
		}
		return true
	}
	for d.n > 1 && !apart() {
		d.n--
	}
	return d
}

// Ticks implements plot.Ticker.
func (d decades) Ticks(lo, hi float64) []plot.Tick {
	if d.factor != 0 {
		out := decades{n: d.n}.Ticks(lo*d.factor, hi*d.factor)
		for i := range out {
			out[i].Value /= d.factor
		}
		return out
	}
	if hi < 3.2*lo {
		out := even{n: min(4, d.n), label: func(x float64, _ int) string { return Count(x) }}.Ticks(lo, hi)
		if d.n == 1 && len(out) > 1 {
			return out[len(out)/2:][:1]
		}
		return out
	}
	var out []plot.Tick
	for _, steps := range [][]float64{{1, 1.5, 2, 3, 5, 7}, {1, 2, 5}, {1, 3}, {1}} {
		out = out[:0]
		for power := math.Floor(math.Log10(lo)); power <= math.Log10(hi); power++ {
			for _, s := range steps {
				if x := s * math.Pow(10, power); x >= lo*(1-1e-9) && x <= hi*(1+1e-9) {
					out = append(out, plot.Tick{Value: x, Label: Count(x)})
				}
			}
		}
		if len(out) <= d.n {
			break
		}
	}
	return out
}
