// Package raw is what readers of files make and preparing takes: a Layout, and Rows by column with values as the
// files have them. A vocabulary, a split or a transformation is not known here.
package raw

import "ctrlab/datasets/batch"

// Layout says what columns a reader's Rows have.
type Layout struct {
	Dense  []string
	Fields []Field
	Time   bool         // rows have a time
	Rating *batch.Range // of labels that are ratings; nil where they are 0 or 1
}

// Field is one categorical column.
type Field struct {
	Name     string
	Key      Key
	MultiHot bool
	Pool     batch.Pool
}

// Key is how a value of a field became a number. Missing (0) is what every kind has for an empty value.
type Key int

// The kinds of keys.
const (
	Hex32   Key = iota // the value of up to 8 hexadecimal digits; 0 is Missing
	Integer            // 1 + a decimal integer of 0 … 2³²−2
	Text               // 64 bits of a hash, not 0; Rows.Names has what was written
)

// Missing is the key of an empty value.
const Missing uint64 = 0

// Rows is a chunk of rows, by column. Columns that the Layout lacks are nil.
type Rows struct {
	N     int
	Label []float32
	Dense [][]float32         // one a dense column; NaN is missing
	Keys  [][]uint64          // one a field, [N]; of a multi-hot field its bags one after the other
	Bags  [][]int32           // one a field: the lengths of its bags, [N]; nil where it is one-hot
	Time  []int64             // of each row, in whatever unit the file has
	Names []map[uint64]string // one a field: the text of keys in this chunk, where keys are Text; may leave out what an earlier chunk had
}

// Reset makes r empty and keeps its memory.
func (r *Rows) Reset(l Layout) {
	r.N, r.Label, r.Time = 0, r.Label[:0], r.Time[:0]
	if len(r.Dense) != len(l.Dense) || len(r.Keys) != len(l.Fields) {
		r.Dense, r.Keys = make([][]float32, len(l.Dense)), make([][]uint64, len(l.Fields))
		r.Bags, r.Names = make([][]int32, len(l.Fields)), make([]map[uint64]string, len(l.Fields))
	}
	for i := range r.Dense {
		r.Dense[i] = r.Dense[i][:0]
	}
	for i := range r.Keys {
		r.Keys[i], r.Bags[i] = r.Keys[i][:0], r.Bags[i][:0]
		clear(r.Names[i])
	}
}
