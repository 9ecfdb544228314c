package prepare

import (
	"math"
	"strconv"
)

// DenseStep is what becomes of a dense column. A missing value is 0.
type DenseStep struct {
	Kind    DenseKind `json:"kind"`
	Buckets int       `json:"buckets,omitempty"` // of Quantiles: how many, at most
	All     bool      `json:"all,omitempty"`     // fitted on the rows of all splits
	Field   FieldStep `json:"field"`             // of Log2: the vocabulary of its buckets
}

// DenseKind names a transformation. Those that bucket make a field of the column; such fields come before all others.
type DenseKind string

// The kinds.
const (
	None      DenseKind = "none"
	Log1p     DenseKind = "log1p"            // ln(max(x, 0) + 1)
	Log2      DenseKind = "log2_buckets"     // ⌊ln(x)²⌋ above 2, else x without its fraction: the code of Criteo_x4 in BARS, which calls it log2
	Quantiles DenseKind = "quantile_buckets" // of equal counts; ids from 1 up, and 0 where the value is missing
	Standard  DenseKind = "standard"         // (x − mean) / sd, over the values that are there; a missing one is the mean
)

func (k DenseKind) buckets() bool { return k == Log2 || k == Quantiles }

func (d DenseStep) check() {
	switch d.Kind {
	case None, Log1p, Standard:
	case Log2:
		d.Field.check()
	case Quantiles:
		if d.Buckets < 2 {
			panic("prepare: less than two buckets")
		}
	default:
		panic("prepare: unknown kind of dense step")
	}
}

// FieldStep is how the values of a field become ids: by a vocabulary of those seen in training rows, numbered from 1 as they
// first come, where 0 is for all others; or by hashing.
type FieldStep struct {
	MinCount int  `json:"min_count"`           // a value seen less often is not in the vocabulary
	Most     int  `json:"most,omitempty"`      // above 0: no more values than so many, the most frequent, of equals the first
	HashRows int  `json:"hash_rows,omitempty"` // above 0: an id is the value's key mod so many
	All      bool `json:"all,omitempty"`       // the vocabulary is of the rows of all splits
}

func (f FieldStep) check() {
	if f.MinCount < 0 || f.Most < 0 || f.HashRows < 0 || f.HashRows > math.MaxInt32 {
		panic("prepare: a field's step is out of range")
	}
}

// bucket is the key of a value's bucket under Log2.
func bucket(x float32) uint64 {
	b := 0.0
	if x > 2 {
		l := math.Log(float64(x))
		b = math.Floor(l * l)
	} else if x == x {
		b = max(math.Trunc(float64(x)), math.MinInt32)
	}
	return uint64(int64(b) + zeroBucket)
}

// zeroBucket is the key of bucket 0: above all that are negative.
const zeroBucket = 1 << 32

func bucketName(key uint64) string { return strconv.FormatInt(int64(key)-zeroBucket, 10) }
