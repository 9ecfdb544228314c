package datasets

import (
	"fmt"
	"slices"
	"strings"
)

// recipe is the preprocessing of another system on Criteo's rows: it sets steps, and the split of rows that path names.
type recipe struct {
	name  string
	steps Steps
	split FileSplit
}

// The very rows of BARS's splits cannot be had: Criteo_x1's were drawn by the authors of AFN, into 33,003,326, 8,250,124 and
// 4,587,167 rows (72 : 18 : 10, and not the 7 : 2 : 1 that is documented), and Criteo_x4's by StratifiedKFold of scikit-learn
// 0.19 with seed 2018, which other versions do not repeat. Ours are drawn by split_seed, in the same proportions.
var recipes = []recipe{
	{"dlrm-repo", Steps{DenseStep: "log1p", MinCount: new(1), Fit: "all"}, FileSplit{Kind: "sevenths"}},
	{"criteo-x1", Steps{DenseStep: "none", MinCount: new(1), Fit: "train"}, FileSplit{Kind: "random", Fractions: []float64{0.72, 0.18, 0.1}}},
	{"criteo-x4-001", Steps{DenseStep: "log2_buckets", MinCount: new(10), Fit: "train"}, FileSplit{Kind: "random", Fractions: []float64{0.8, 0.1, 0.1}}},
	{"criteo-x4-002", Steps{DenseStep: "log2_buckets", MinCount: new(2), Fit: "train"}, FileSplit{Kind: "random", Fractions: []float64{0.8, 0.1, 0.1}}},
}

// Recipes returns the names of all.
func Recipes() (names []string) {
	for _, r := range recipes {
		names = append(names, r.name)
	}
	return names
}

// follow sets what a recipe says and refuses what says otherwise.
func follow(name string, f *Files, s *Steps) error {
	i := slices.IndexFunc(recipes, func(r recipe) bool { return r.name == name })
	if i < 0 {
		return fmt.Errorf("recipe is %q, want one of %s", name, strings.Join(Recipes(), ", "))
	}
	r := recipes[i]
	for _, key := range []struct {
		name      string
		is, wants any
		given     bool
	}{
		{"dense_step", s.DenseStep, r.steps.DenseStep, s.DenseStep != "" && s.DenseStep != r.steps.DenseStep},
		{"min_count", value(s.MinCount), *r.steps.MinCount, s.MinCount != nil && *s.MinCount != *r.steps.MinCount},
		{"fit", s.Fit, r.steps.Fit, s.Fit != "" && s.Fit != r.steps.Fit},
	} {
		if key.given {
			return fmt.Errorf("%s is %v, and the recipe %s has %v", key.name, key.is, name, key.wants)
		}
	}
	s.DenseStep, s.MinCount, s.Fit = r.steps.DenseStep, new(*r.steps.MinCount), r.steps.Fit
	if f.Path == nil {
		return nil
	}
	if f.Split != nil && (f.Split.Kind != "" && f.Split.Kind != r.split.Kind || f.Split.Fractions != nil && !slices.Equal(f.Split.Fractions, r.split.Fractions)) {
		return fmt.Errorf("split is not that of the recipe %s, which brings its own", name)
	}
	f.Split = &FileSplit{Kind: r.split.Kind, Fractions: slices.Clone(r.split.Fractions)}
	return nil
}

func value(p *int) int {
	if p == nil {
		return 0
	}
	return *p
}
