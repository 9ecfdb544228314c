// Package describe looks at a data set before anything is trained on it: Of walks every split once and returns a
// Description of labels, dense features and fields, and of how valid and test differ from train.
package describe

import (
	"context"
	"iter"

	"ctrlab/datasets/batch"
)

// Data is what is described; a datasets.Source is one.
type Data interface {
	Schema() batch.Schema
	Rows(s batch.Split) int
	Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error]
}

// Description is what Of found. Arrays of three are of train, valid and test.
type Description struct {
	Rows   [batch.Splits]int `json:"rows"`
	Rating *batch.Range      `json:"rating,omitempty"` // of labels that are ratings
	Label  Label             `json:"label"`
	Dense  []Dense           `json:"dense"`
	Fields []Field           `json:"fields"`
}

// Label is about labels: their mean, which of clicks is their rate, and the mean of equal parts of each split in its order.
type Label struct {
	Mean  [batch.Splits]float64   `json:"mean"`
	Parts [batch.Splits][]float64 `json:"parts"`
}

// Dense is about a dense feature as models see it, in train unless it says otherwise.
type Dense struct {
	Name     string                 `json:"name"`
	Mean     float64                `json:"mean"`
	SD       float64                `json:"sd"`
	Min      float64                `json:"min"`
	Max      float64                `json:"max"`
	Quartile [3]float64             `json:"quartile"` // of a sample
	Zero     float64                `json:"zero"`     // share of zeros
	Missing  *float64               `json:"missing"`  // share of empty values in the files; nil where that is not known
	Drift    [batch.Splits]*float64 `json:"drift"`    // Kolmogorov–Smirnov distance to train, of samples: 0 the same, 1 apart
}

// Field is about a categorical field, in train unless it says otherwise.
type Field struct {
	Name     string                 `json:"name"`
	Rows     int                    `json:"rows"`              // of its table
	Bag      float64                `json:"bag,omitempty"`     // mean ids a row, where it is multi-hot
	Lookups  [batch.Splits]int64    `json:"lookups"`           // ids in all
	Distinct [batch.Splits]int      `json:"distinct"`          // ids that occur
	Once     int                    `json:"once"`              // ids that occur a single time: the tail
	Top      []Share                `json:"top"`               // what the most frequent ids take of the lookups: the head
	Unseen   [batch.Splits]float64  `json:"unseen"`            // share of lookups of ids that train does not have
	Unknown  [batch.Splits]*float64 `json:"unknown"`           // share of lookups of values outside the vocabulary; nil without one
	Missing  *float64               `json:"missing"`           // share of empty values in the files; nil where that is not known
	Collide  *float64               `json:"collide,omitempty"` // share of values that share an id with another, where they are hashed
	Drift    [batch.Splits]*float64 `json:"drift"`             // total variation to train: share of lookups that would have to move
}

// Share is what the IDs most frequent ids take of all lookups.
type Share struct {
	IDs   int     `json:"ids"`
	Share float64 `json:"share"`
}

// HeadShare is what the most frequent ids, at most n of them, take of the lookups.
func (f Field) HeadShare(n int) (share float64) {
	for _, t := range f.Top {
		if t.IDs <= n {
			share = t.Share
		}
	}
	return share
}

// TableBytes is what embeddings of a width, with a weight an id, take in float32, and an optimiser with so many numbers of state
// beside each of theirs.
func (d *Description) TableBytes(width, state int) float64 {
	ids := 0.0
	for _, f := range d.Fields {
		ids += float64(f.Rows)
	}
	return 4 * ids * float64(width+1) * float64(1+state)
}

// parts is into about how many parts the rows are cut for label rates, all of one size but for small splits.
const parts = 100

// rowsAtOnce is how many rows are read at a time.
const rowsAtOnce = 8192

// Of walks all splits in their own order.
func Of(ctx context.Context, data Data, progress func(done, total int64)) (*Description, error) {
	schema := data.Schema()
	d := &Description{Rating: schema.Rating}
	w := newWalk(schema)
	done, total := int64(0), int64(0)
	for s := range batch.Splits {
		d.Rows[s] = data.Rows(s)
		total += int64(d.Rows[s])
	}
	for s := range batch.Splits {
		w.begin(s, d.Rows[s], int(total))
		for b, err := range data.Batches(s, rowsAtOnce, 0) {
			if err != nil {
				return nil, err
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			w.add(b)
			done += int64(b.N)
			progress(done, total)
		}
		d.Label.Mean[s], d.Label.Parts[s] = w.label.end()
	}
	for i, name := range schema.Dense {
		d.Dense = append(d.Dense, w.dense[i].about(name))
	}
	for i, f := range schema.Sparse {
		d.Fields = append(d.Fields, w.fields[i].about(f))
	}
	return d, nil
}

// walk is what is known so far.
type walk struct {
	split  batch.Split
	label  labels
	dense  []numbers
	fields []counts
}

func newWalk(s batch.Schema) *walk {
	w := &walk{dense: make([]numbers, len(s.Dense)), fields: make([]counts, len(s.Sparse))}
	for i, f := range s.Sparse {
		w.fields[i].of[batch.Train] = make([]uint32, f.Rows)
	}
	return w
}

func (w *walk) begin(s batch.Split, rows, total int) {
	w.split = s
	w.label = labels{rows: rows, parts: partsOf(rows, total)}
}

// partsOf is into how many parts a split's rows are cut.
func partsOf(rows, total int) int { return min(max(parts*rows/max(total, 1), 5), rows) }

func (w *walk) add(b *batch.Batch) {
	w.label.add(b.Label)
	n := len(w.dense)
	for i := range w.dense {
		w.dense[i].add(w.split, b.Dense, i, n)
	}
	for i := range w.fields {
		w.fields[i].add(w.split, b.Sparse[i])
	}
}

// labels adds up a split's labels.
type labels struct {
	rows, parts, seen int
	sum, part         float64
	in                int // rows of the part under way
	means             []float64
}

func (l *labels) add(label []float32) {
	for _, y := range label {
		l.sum += float64(y)
		l.part += float64(y)
		l.seen++
		l.in++
		if at := (len(l.means) + 1) * l.rows / l.parts; l.seen >= at {
			l.means = append(l.means, l.part/float64(l.in))
			l.part, l.in = 0, 0
		}
	}
}

func (l *labels) end() (mean float64, means []float64) {
	if l.seen == 0 {
		return 0, nil
	}
	return l.sum / float64(l.seen), l.means
}
