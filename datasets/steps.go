package datasets

import (
	"fmt"
	"slices"
	"strings"
)

// Steps are the preprocessing keys of every source that reads files. What is not given stays absent until resolve,
// so that a recipe can tell.
type Steps struct {
	DenseStep string `json:"dense_step,omitempty"` // a name of denseSteps
	Buckets   int    `json:"buckets,omitempty"`    // of quantile_buckets
	MinCount  *int   `json:"min_count,omitempty"`  // a value seen less often counts as unseen
	HashRows  int    `json:"hash_rows"`            // above 0: rows of every table, and no vocabulary
	MaxRows   int    `json:"max_rows"`             // above 0: the most frequent values of a field
	Fit       string `json:"fit,omitempty"`        // rows that vocabularies and steps are fitted on: train or all
}

var denseSteps = []string{"none", "log1p", "log2_buckets", "quantile_buckets", "standard"}

const defaultBuckets = 32

// DenseSteps returns the names that dense_step may have.
func DenseSteps() []string { return slices.Clone(denseSteps) }

// resolve refuses keys that do not go together and fills in the others; dense is the source's step.
func (s *Steps) resolve(dense string) error {
	if s.DenseStep == "" {
		s.DenseStep = dense
	}
	if s.MinCount == nil {
		s.MinCount = new(1)
	}
	if s.Fit == "" {
		s.Fit = "train"
	}
	if s.DenseStep == "quantile_buckets" && s.Buckets == 0 {
		s.Buckets = defaultBuckets
	}
	switch {
	case !slices.Contains(denseSteps, s.DenseStep):
		return fmt.Errorf("dense_step is %q, want one of %s", s.DenseStep, strings.Join(denseSteps, ", "))
	case s.DenseStep != "quantile_buckets" && s.Buckets != 0:
		return fmt.Errorf("buckets is of no use with dense_step %q, want quantile_buckets", s.DenseStep)
	case s.DenseStep == "quantile_buckets" && (s.Buckets < 2 || s.Buckets > 1<<16):
		return fmt.Errorf("buckets is %d, want 2 to %d", s.Buckets, 1<<16)
	case *s.MinCount < 1:
		return fmt.Errorf("min_count is %d, want at least 1", *s.MinCount)
	case s.HashRows < 0 || s.HashRows > maxRows:
		return fmt.Errorf("hash_rows is %d, want 0 (no hashing) to %d", s.HashRows, maxRows)
	case s.MaxRows < 0 || s.MaxRows > maxRows:
		return fmt.Errorf("max_rows is %d, want 0 (no limit) to %d", s.MaxRows, maxRows)
	case s.HashRows > 0 && *s.MinCount > 1:
		return fmt.Errorf("min_count is of no use with hash_rows, which keeps no vocabulary")
	case s.HashRows > 0 && s.MaxRows > 0:
		return fmt.Errorf("max_rows is of no use with hash_rows, which keeps no vocabulary")
	case s.Fit != "train" && s.Fit != "all":
		return fmt.Errorf("fit is %q, want train or all", s.Fit)
	}
	return nil
}
