// Package export writes the rows of a source as tables of text, for programs that are none of ours.
//
// A folder has train.tsv, valid.tsv and test.tsv, tab-separated under a line of names, and data.json, which describes them. Columns are row (from 0
// in each split), digest, label, the dense features and the fields; ids of a field of several values stand between spaces. A digest is the
// first 16 hex digits of the SHA-256 of the columns from label on as they stand there.
package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ctrlab/datasets/batch"
)

// Source is what is written.
type Source interface {
	Schema() batch.Schema
	Rows(s batch.Split) int
	Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error]
	Identity() string
}

// Description is data.json.
type Description struct {
	Identity string           `json:"identity"` // of the data with its splits: SHA-256 (hex)
	Splits   map[string]Split `json:"splits"`   // by name; those without rows are left out
	Label    string           `json:"label"`    // click, rating, or list: 1 is the item held out, and the rows of 0 after it are its candidates
	Dense    []string         `json:"dense"`
	Fields   []Field          `json:"fields"`
}

// Split is a table.
type Split struct {
	File   string `json:"file"`
	Rows   int    `json:"rows"`
	Digest string `json:"digest"` // SHA-256 (hex) of the rows' digests, in order
}

// Field is a column of ids.
type Field struct {
	Name     string `json:"name"`
	IDs      int    `json:"ids"` // they are 0 to IDs − 1
	MultiHot bool   `json:"multi_hot"`
}

// rowsAtOnce is how many are asked for.
const rowsAtOnce = 8192

// Write makes a folder of a source. With hide the labels of test are left out: their column is empty, and digests are as with them.
func Write(ctx context.Context, dir string, s Source, hide bool) (*Description, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	schema := s.Schema()
	d := &Description{Identity: s.Identity(), Splits: map[string]Split{}, Label: "click", Dense: append([]string{}, schema.Dense...), Fields: []Field{}}
	switch {
	case schema.Rating != nil:
		d.Label = "rating"
	case schema.Lists:
		d.Label = "list"
	}
	for _, f := range schema.Sparse {
		d.Fields = append(d.Fields, Field{f.Name, f.Rows, f.MultiHot})
	}
	for sp := range batch.Splits {
		if s.Rows(sp) == 0 {
			continue
		}
		one, err := writeSplit(ctx, dir, s, sp, hide && sp == batch.Test)
		if err != nil {
			return nil, err
		}
		d.Splits[sp.String()] = one
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, err
	}
	return d, os.WriteFile(filepath.Join(dir, "data.json"), append(text, '\n'), 0o666)
}

func writeSplit(ctx context.Context, dir string, s Source, sp batch.Split, hide bool) (out Split, err error) {
	out.File = sp.String() + ".tsv"
	f, err := os.Create(filepath.Join(dir, out.File))
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, all := bufio.NewWriter(f), sha256.New()
	heading(w, s.Schema())
	for row, err := range Lines(ctx, s, sp) {
		if err != nil {
			return out, err
		}
		label, rest, _ := strings.Cut(string(row.text), "\t")
		if hide {
			label = ""
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", out.Rows, row.Digest, label, rest)
		all.Write([]byte(row.Digest))
		out.Rows++
	}
	out.Digest = hex.EncodeToString(all.Sum(nil))
	return out, w.Flush()
}

// heading writes the names of columns; what a table of text cannot hold in them becomes a space.
func heading(w *bufio.Writer, schema batch.Schema) {
	clean := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	w.WriteString("row\tdigest\tlabel")
	for _, name := range schema.Dense {
		w.WriteString("\t" + clean.Replace(name))
	}
	for _, f := range schema.Sparse {
		w.WriteString("\t" + clean.Replace(f.Name))
	}
	w.WriteString("\n")
}

// Line is a row as text.
type Line struct {
	Digest string
	Label  float32
	text   []byte // from the label on
}

// Lines walks the rows of a split in order. A line is valid until the next.
func Lines(ctx context.Context, s Source, sp batch.Split) iter.Seq2[*Line, error] {
	return func(yield func(*Line, error) bool) {
		dense, h, line := len(s.Schema().Dense), sha256.New(), &Line{}
		for b, err := range s.Batches(sp, rowsAtOnce, 0) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range b.N {
				line.of(h, b, i, dense)
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}

func (l *Line) of(h hash.Hash, b *batch.Batch, row, dense int) {
	l.Label, l.text = b.Label[row], number(l.text[:0], b.Label[row])
	for _, x := range b.Dense[row*dense : (row+1)*dense] {
		l.text = number(append(l.text, '\t'), x)
	}
	for _, bags := range b.Sparse {
		l.text = append(l.text, '\t')
		for i, id := range bags.Bag(row) {
			if i > 0 {
				l.text = append(l.text, ' ')
			}
			l.text = strconv.AppendInt(l.text, int64(id), 10)
		}
	}
	h.Reset()
	h.Write(l.text)
	l.Digest = hex.EncodeToString(h.Sum(nil)[:8])
}

func number(to []byte, x float32) []byte { return strconv.AppendFloat(to, float64(x), 'g', -1, 32) }
