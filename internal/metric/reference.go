package metric

import (
	"fmt"
	"math"
	"strings"
)

// Reference is a claim that others published, which an experiment is held against: figures of variants, or which of two is better.
type Reference struct {
	Claim     string             `json:"claim"`   // a sentence
	Source    string             `json:"source"`  // where it stands
	Differs   string             `json:"differs"` // what their protocol and ours do not have in common
	Metric    string             `json:"metric"`  // as results have it: "test.auc"
	Data      string             `json:"data"`    // words of the data set's name, where the experiment has several
	Figures   map[string]float64 `json:"figures"` // as published, by the variant's label
	Above     [][2]string        `json:"above"`   // labels: the first of a pair is claimed to be better
	Tolerance float64            `json:"tolerance"`
}

// Check wants a claim of a metric that has a better side, and what it says of which variants.
func (r *Reference) Check() error {
	m, ok := Find(r.Metric)
	switch {
	case strings.TrimSpace(r.Claim) == "":
		return fmt.Errorf("claim is missing, want what is claimed, in a sentence")
	case strings.TrimSpace(r.Source) == "":
		return fmt.Errorf("source is missing, want where the claim stands")
	case !ok || m.Kind == Quality && m.Name == r.Metric:
		return fmt.Errorf("metric is %q, want one that results have, like test.auc", r.Metric)
	case m.Better == Neither:
		return fmt.Errorf("metric is %s, of which neither more nor less is better", r.Metric)
	case len(r.Figures)+len(r.Above) == 0:
		return fmt.Errorf("figures is missing, want what was published, by label; or above, pairs of labels of which the first is better")
	case !(r.Tolerance >= 0) || math.IsInf(r.Tolerance, 0):
		return fmt.Errorf("tolerance is %g, want 0 or more", r.Tolerance)
	}
	return nil
}
