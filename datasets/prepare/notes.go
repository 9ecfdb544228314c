package prepare

import (
	"encoding/json"
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
)

// Notes are what preparing found out about the rows: the Notes of a cache's Meta.
type Notes struct {
	Inputs   []InputNote
	FirstBad string                  `json:",omitempty"` // the error of the first malformed row
	Dropped  int                     `json:",omitempty"` // rows of no split
	Position [batch.Splits][]float64 // mean label of equal parts of each split, one after the other: a hundred, or one a row
	Repeats  [batch.Splits]int       // rows of valid and test whose label and values, as in the file, a row of train has too
	Dense    []DenseNote             // one a dense column of the files
	Fields   []FieldNote             // one a field of the cache: of dense columns with buckets, then of the files
}

// InputNote is about one Input.
type InputNote struct {
	Name string
	Sum  string // SHA-256 (hex) of the content
	Rows int
}

// DenseNote is about a dense column.
type DenseNote struct {
	Name    string
	Step    DenseStep
	Missing [batch.Splits]int64
	Mean    float64   `json:",omitempty"` // of Standard
	SD      float64   `json:",omitempty"`
	Edges   []float32 `json:",omitempty"` // of Quantiles: where the buckets from the second on begin
}

// FieldNote is about a field.
type FieldNote struct {
	Name    string
	Step    FieldStep
	Rows    int                 // of its table
	Lookups [batch.Splits]int64 // as many as rows where it is one-hot
	Missing [batch.Splits]int64 // empty values, and empty bags
	Unseen  [batch.Splits]int64 // lookups of valid and test whose value no row of train has
	Unknown [batch.Splits]int64 // lookups of id 0 of a vocabulary
	Values  int64               // distinct ones in the rows that it was fitted on
	Kept    int64               // of them in the vocabulary
	Collide int64               // of them, where they are hashed, with an id that another one has
}

// rowsNote is what is known of whole rows.
type rowsNote struct {
	Digests  [batch.Splits]string
	Position [batch.Splits][]float64
	Repeats  [batch.Splits]int
}

// NotesOf reads the Notes of a cache that Build made.
func NotesOf(m cache.Meta) (n Notes, err error) {
	if err := json.Unmarshal(m.Notes, &n); err != nil {
		return n, fmt.Errorf("the cache's notes: %w", err)
	}
	return n, nil
}
