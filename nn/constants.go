package nn

import (
	"fmt"
	"slices"
)

// Constants are what optimisers have beside the rate of learning; nil where one has no use for it.
type Constants struct {
	Momentum    *float64 `json:"momentum"`
	Beta1       *float64 `json:"beta1"`
	Beta2       *float64 `json:"beta2"`
	Epsilon     *float64 `json:"epsilon"`
	WeightDecay *float64 `json:"weight_decay"`
	FTRLBeta    *float64 `json:"ftrl_beta"`
	FTRLL1      *float64 `json:"ftrl_l1"`
	FTRLL2      *float64 `json:"ftrl_l2"`
}

// setting is a key with its place.
type setting struct {
	key         string
	at          **float64
	least, most float64
}

func (c *Constants) all() []setting {
	const below1, large = 1 - 1e-9, 1e30
	return []setting{
		{"momentum", &c.Momentum, 0, below1}, {"beta1", &c.Beta1, 0, below1}, {"beta2", &c.Beta2, 0, below1}, {"epsilon", &c.Epsilon, 1e-30, large},
		{"weight_decay", &c.WeightDecay, 0, large}, {"ftrl_beta", &c.FTRLBeta, 0, large}, {"ftrl_l1", &c.FTRLL1, 0, large}, {"ftrl_l2", &c.FTRLL2, 0, large},
	}
}

// Resolve fills in what the optimiser has and c leaves out, and refuses what it does not have.
func (o Optimizer) Resolve(c *Constants) error {
	own := o.Constants
	for i, k := range own.all() {
		given := c.all()[i]
		switch {
		case *given.at == nil:
			*given.at = *k.at
		case *k.at == nil:
			return fmt.Errorf("%s is %g, and the optimizer %s has none; it is for %s", k.key, **given.at, o.Name, having(i))
		case !(**given.at >= k.least && **given.at <= k.most):
			return fmt.Errorf("%s is %g, want %g to %g", k.key, **given.at, k.least, k.most)
		}
	}
	return nil
}

// having names the optimisers that have constant i.
func having(i int) string {
	return list(slices.DeleteFunc(slices.Clone(Optimizers), func(o Optimizer) bool { return *o.Constants.all()[i].at == nil }), func(o Optimizer) string { return o.Name })
}

// Hyper returns what Update wants; c is resolved.
func (o Optimizer) Hyper(c Constants) Hyper {
	f := func(v *float64) float32 {
		if v == nil {
			return 0
		}
		return float32(*v)
	}
	return Hyper{
		Momentum: f(c.Momentum), Beta1: f(c.Beta1), Beta2: f(c.Beta2), Epsilon: f(c.Epsilon), WeightDecay: f(c.WeightDecay),
		FTRLBeta: f(c.FTRLBeta), FTRLL1: f(c.FTRLL1), FTRLL2: f(c.FTRLL2),
	}
}
