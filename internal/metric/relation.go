package metric

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// RankCorrelation is Spearman's: that of the ranks of a and b, ties sharing the mean of theirs; NaN where either is the same
// throughout.
func RankCorrelation(a, b []float64) float64 {
	x, y := ranks(a), ranks(b)
	middle := float64(len(x)-1) / 2
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-middle, y[i]-middle
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	return xy / math.Sqrt(xx*yy)
}

// ranks are the places of values in ascending order, from 0.
func ranks(v []float64) []float64 {
	order, out := make([]int, len(v)), make([]float64, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && v[order[to]] == v[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			out[i] = float64(from+to-1) / 2
		}
		from = to
	}
	return out
}

// Procrustes is the share of the variance of v [n, dv] that x [n, dx] explains once it is rotated (or mirrored) and scaled as suits
// best: (Σσ)²/(‖x‖²‖v‖²), σ the singular values of xᵀv (Schönemann 1966). Of the two the narrower one counts as wide as the
// other, with zeros. Columns are taken as they are: centre them before.
func Procrustes(x, v []float64, n int) float64 {
	a, b := mat.NewDense(n, len(x)/n, x), mat.NewDense(n, len(v)/n, v)
	var product mat.Dense
	product.Mul(a.T(), b)
	var s mat.SVD
	if !s.Factorize(&product, mat.SVDNone) {
		return math.NaN()
	}
	sum := 0.0
	for _, sigma := range s.Values(nil) {
		sum += sigma
	}
	return sum * sum / (square(x) * square(v))
}

func square(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return sum
}

// Plane projects rows of x [n, d] onto their first two principal components: coordinates, and the share of the variance that each
// of the two has. The number of a component that is farthest from 0 is positive. Of one column the second is 0.
func Plane(x []float64, n int) (xy [][2]float64, shares [2]float64) {
	d := len(x) / n
	centred := mat.NewDense(n, d, slices.Clone(x))
	for c := range d {
		mean := mat.Sum(centred.ColView(c)) / float64(n)
		for r := range n {
			centred.Set(r, c, centred.At(r, c)-mean)
		}
	}
	covariance := mat.NewSymDense(d, nil)
	covariance.SymOuterK(1, centred.T())
	var e mat.EigenSym
	if !e.Factorize(covariance, true) {
		return nil, shares
	}
	values, vectors := e.Values(nil), mat.NewDense(d, d, nil) // in ascending order
	e.VectorsTo(vectors)
	total := mat.Trace(covariance)
	xy = make([][2]float64, n)
	for k := range min(2, d) {
		axis := vectors.ColView(d - 1 - k)
		sign, most := 1.0, 0.0
		for c := range d {
			if v := axis.AtVec(c); math.Abs(v) > most {
				most, sign = math.Abs(v), math.Copysign(1, v)
			}
		}
		for r := range xy {
			xy[r][k] = sign * mat.Dot(centred.RowView(r), axis)
		}
		shares[k] = values[d-1-k] / total
	}
	return xy, shares
}
