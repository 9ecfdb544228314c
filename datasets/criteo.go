package datasets

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"ctrlab/datasets/batch"
)

// Criteo are the options of click logs in the format of the Criteo Display Advertising Challenge. Rows are made as
// the DLRM repository makes them: missing is 0, integers below 0 are 0, then ln(x+1); a table for each category.
// Unlike there, a table has the values of training rows only, and row 0 for all others.
type Criteo struct {
	Files
	Steps
	Recipe string `json:"recipe,omitempty"` // a name of recipes, whose keys are then the recipe's
}

const (
	criteoInts = 13
	criteoCats = 26
)

func criteoDefaults() Criteo { return Criteo{Files: Files{SplitSeed: 1}} }

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *Criteo) Check() error {
	if o.Recipe != "" {
		if err := follow(o.Recipe, &o.Files, &o.Steps); err != nil {
			return err
		}
	}
	if err := o.Steps.resolve("log1p"); err != nil {
		return err
	}
	return o.Files.resolve([]string{"order", "random", "user", "leave-one-out", "k-fold", "sevenths"}, "end")
}

func openCriteo(ctx context.Context, _ Env, o Criteo) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	files, err := o.expand(noDirectory)
	if err != nil {
		return nil, err
	}
	rows := &criteoRows{}
	r := &reader{ctx: ctx, most: o.MaxBadRows}
	counts, err := r.all(files, rows.len, rows.parse)
	if err != nil {
		return nil, err
	}
	c := &columns{dense: rows.dense, ids: rows.ids, label: rows.label, about: r.about()}
	if c.splits, err = o.assign(counts, nil); err != nil {
		return nil, err
	}
	c.warnCopies(files, r.sums)
	c.warnRepeats()
	c.schema = criteoSchema()
	for f := range c.schema.Sparse {
		if o.HashRows > 0 {
			c.hash(f, o.HashRows)
			c.schema.Sparse[f].Rows = o.HashRows
		} else {
			c.schema.Sparse[f].Rows = c.number(f, *o.MinCount)
		}
	}
	o.Path, o.Train, o.Valid, o.Test = nil, nil, nil, nil
	c.identity = identify("criteo", 1, o, counts, r.sums)
	return c, nil
}

func criteoSchema() (s batch.Schema) {
	for i := range criteoInts {
		s.Dense = append(s.Dense, fmt.Sprintf("I%d", i+1))
	}
	for i := range criteoCats {
		s.Sparse = append(s.Sparse, batch.Field{Name: fmt.Sprintf("C%d", i+1)})
	}
	return s
}

// hash replaces the raw values of a field, 32 bits without a sign, by value mod rows.
func (c *columns) hash(field, rows int) {
	for i := field; i < len(c.ids); i += len(c.schema.Sparse) {
		c.ids[i] = int32(uint32(c.ids[i]) % uint32(rows))
	}
}

// criteoRows are rows as they are read; a category's id is its value, missing being 0.
type criteoRows struct {
	label []float32
	dense []float32
	ids   []int32
}

func (r *criteoRows) len() int { return len(r.label) }

func (r *criteoRows) parse(_ int, line []byte) error {
	const columns = 1 + criteoInts + criteoCats
	if n := bytes.Count(line, []byte("\t")) + 1; n != columns {
		return fmt.Errorf("has %s, want %d: a label, %d integers and %d categories, tab separated", counted(n, "column"), columns, criteoInts, criteoCats)
	}
	var dense [criteoInts]float32
	var ids [criteoCats]int32
	label, rest, _ := bytes.Cut(line, []byte("\t"))
	if len(label) != 1 || label[0] != '0' && label[0] != '1' {
		return fmt.Errorf("column 1 (label) is %s, want 0 or 1", quoted(label))
	}
	var v []byte
	for i := range dense {
		v, rest, _ = bytes.Cut(rest, []byte("\t"))
		x, ok := integer(v)
		if !ok {
			return fmt.Errorf("column %d (I%d) is %s, want an integer", i+2, i+1, quoted(v))
		}
		dense[i] = float32(math.Log1p(float64(max(x, 0))))
	}
	for i := range ids {
		v, rest, _ = bytes.Cut(rest, []byte("\t"))
		x, ok := hexadecimal(v)
		if !ok {
			return fmt.Errorf("column %d (C%d) is %s, want a hexadecimal number of 32 bits", i+2+criteoInts, i+1, quoted(v))
		}
		ids[i] = int32(x)
	}
	r.label = append(r.label, float32(label[0]-'0'))
	r.dense = append(r.dense, dense[:]...)
	r.ids = append(r.ids, ids[:]...)
	return nil
}

// integer reads a decimal integer of up to 18 digits; an empty one is 0.
func integer(v []byte) (x int64, ok bool) {
	digits, negative := bytes.CutPrefix(v, []byte("-"))
	if len(digits) > 18 || negative && len(digits) == 0 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		x = x*10 + int64(c-'0')
	}
	if negative {
		x = -x
	}
	return x, true
}

// hexadecimal reads up to 8 hexadecimal digits; none are 0.
func hexadecimal(v []byte) (x uint32, ok bool) {
	if len(v) > 8 {
		return 0, false
	}
	for _, c := range v {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		x = x<<4 | uint32(c)
	}
	return x, true
}
