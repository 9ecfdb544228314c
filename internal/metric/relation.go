package metric

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Agreement is Somers' D of x given truth: of all couples whose truth differs, the share that x has in the same order less the share that
// it has in the opposite one. It is 1 where x orders all that truth orders, whatever it makes of what truth has equal, 0 where x is
// unrelated, and NaN where truth is the same throughout.
func Agreement(x, truth []float64) float64 {
	order, couples := 0, 0
	for i := range truth {
		for j := range i {
			if by := cmp.Compare(truth[i], truth[j]); by != 0 {
				order += by * cmp.Compare(x[i], x[j])
				couples++
			}
		}
	}
	if couples == 0 {
		return math.NaN()
	}
	return float64(order) / float64(couples)
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
