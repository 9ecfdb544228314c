package nn

import "math"

// Loss is a row of the table of losses.
type Loss struct {
	Name, Formula string
	// Rating says that the output itself is the prediction and not a logit.
	Rating bool
	// Margin says that the output is no logit: only its sign and its order mean something.
	Margin bool
	// Pairs says that rows 2k and 2k+1 are a pair, and that only their difference counts.
	Pairs bool
	// Grad returns Σ_n loss(z_n, label_n) and writes dz_n = scale · ∂loss/∂z_n.
	Grad func(dz, z, label []float32, scale float64) float64
}

// Losses is the table of losses. Means over the batch: scale is 1/B, and so is the caller's factor on the sum.
var Losses = []Loss{
	{Name: "bce", Formula: "−y·ln σ(z) − (1−y)·ln(1−σ(z))", Grad: bce},
	{Name: "mse", Formula: "(z − y)²", Rating: true, Grad: mse},
	{Name: "brier", Formula: "(σ(z) − y)²", Grad: brier},
	{Name: "hinge", Formula: "max(0, 1 − (2y−1) z)", Margin: true, Grad: hinge},
	{Name: "bpr", Formula: "−ln σ(z⁺ − z⁻) of a pair", Margin: true, Pairs: true, Grad: bpr},
}

// FindLoss returns the row with a name.
func FindLoss(name string) (Loss, bool) {
	for _, l := range Losses {
		if l.Name == name {
			return l, true
		}
	}
	return Loss{}, false
}

// Sigmoid is 1/(1+e^−z), without overflow.
func Sigmoid(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// bce is max(z, 0) − y·z + ln(1 + e^−|z|) an example. The logarithms of some examples are taken at once, of a product
// that so few factors, of 2 at most, leave far from overflow.
func bce(dz, z, label []float32, scale float64) float64 {
	const most = 64
	sum, product := 0.0, 1.0
	for n := range z {
		v, y := float64(z[n]), float64(label[n])
		e := math.Exp(-math.Abs(v))
		p := 1 / (1 + e)
		if v < 0 {
			p *= e
		}
		sum += max(v, 0) - v*y
		if product *= 1 + e; n%most == most-1 {
			sum, product = sum+math.Log(product), 1
		}
		dz[n] = float32(scale * (p - y))
	}
	return sum + math.Log(product)
}

func mse(dz, z, label []float32, scale float64) float64 {
	sum := 0.0
	for n := range z {
		e := float64(z[n]) - float64(label[n])
		sum += e * e
		dz[n] = float32(scale * 2 * e)
	}
	return sum
}

func brier(dz, z, label []float32, scale float64) float64 {
	sum := 0.0
	for n := range z {
		p := Sigmoid(float64(z[n]))
		e := p - float64(label[n])
		sum += e * e
		dz[n] = float32(scale * 2 * e * p * (1 - p))
	}
	return sum
}

// hinge is the loss of support vector machines with a linear slack (Cortes & Vapnik 1995); its slope at the bend is 0.
func hinge(dz, z, label []float32, scale float64) float64 {
	sum := 0.0
	for n := range z {
		side := 2*float64(label[n]) - 1
		slack := 1 - side*float64(z[n])
		dz[n] = 0
		if slack > 0 {
			sum += slack
			dz[n] = float32(-scale * side)
		}
	}
	return sum
}

// bpr is Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009, §4.1, of pairs whose first row is the
// item that the user has. Both rows count for their pair, so that the mean over rows is that over pairs.
func bpr(dz, z, _ []float32, scale float64) float64 {
	sum := 0.0
	for n := 0; n < len(z); n += 2 {
		d := float64(z[n]) - float64(z[n+1])
		sum += 2 * (max(-d, 0) + math.Log1p(math.Exp(-math.Abs(d))))
		dz[n+1] = float32(2 * scale * Sigmoid(-d))
		dz[n] = -dz[n+1]
	}
	return sum
}
