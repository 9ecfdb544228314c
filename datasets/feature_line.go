package datasets

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// featureLine parses "label feature …", where put takes the n-th feature of a line.
type featureLine struct {
	features     []lineFeature
	ignoreValues bool
	every        bool // a line has as many features as there are
	put          func(p *featureLine, n int, v []byte) error

	row  record
	seen []bool // of features
}

// featureLines is the reading of files of features.
func featureLines(l raw.Layout, p featureLine) lines {
	return lines{l, 0, func() text.Parser {
		p := p
		p.row, p.seen = newRecord(&l), make([]bool, len(p.features))
		return &p
	}}
}

func (p *featureLine) Parse(rows *raw.Rows, line []byte) (err error) {
	p.row.clear(0) // what a line does not have is 0, or no category
	clear(p.seen)
	v, rest := token(line)
	if p.row.label, err = sign(v); err != nil {
		return err
	}
	n := 0
	for v, rest = token(rest); v != nil; v, rest = token(rest) {
		if err := p.put(p, n, v); err != nil {
			return fmt.Errorf("feature %d is %s, %w", n+1, quoted(v), err)
		}
		n++
	}
	if p.every && n != len(p.features) {
		return fmt.Errorf("has %s, want %d: one of each field", counted(n, "feature"), len(p.features))
	}
	p.row.appendTo(rows)
	return nil
}

// placed takes index:value of feature n.
func (p *featureLine) placed(n int, v []byte) error {
	i, x, err := pair(v)
	if err != nil || n >= len(p.features) {
		return err
	}
	return p.add(n, i, x)
}

// indexed takes index:value of the feature that has the index; features are sorted.
func (p *featureLine) indexed(_ int, v []byte) error {
	i, x, err := pair(v)
	if err != nil {
		return err
	}
	at, exact := slices.BinarySearchFunc(p.features, i, func(f lineFeature, i int64) int { return cmp.Compare(f.from, i) })
	if !exact {
		at--
	}
	if at < 0 || i > p.features[at].to {
		return errors.New("want an index that a field has")
	}
	return p.add(at, i, x)
}

// fielded takes field:index:value.
func (p *featureLine) fielded(_ int, v []byte) error {
	field, rest, _ := bytes.Cut(v, []byte(":"))
	f, ok := index(field)
	if !ok || f >= int64(len(p.features)) {
		return fmt.Errorf("want field:index:value and a field from 0 to %d", len(p.features)-1)
	}
	i, x, err := pair(rest)
	if err != nil {
		return err
	}
	return p.add(int(f), i, x)
}

func (p *featureLine) add(n int, index int64, value float32) error {
	f := p.features[n]
	switch {
	case p.seen[n] && !f.multi:
		return fmt.Errorf("the second of %s, want one unless multi_hot = true", f.name)
	case f.dense:
		p.row.dense[f.place] = value
	case p.ignoreValues || value == 1:
		if key := uint64(index) + 1; f.multi {
			p.row.bags[f.place] = append(p.row.bags[f.place], key)
		} else {
			p.row.keys[f.place] = key
		}
	case value == 0:
		return nil // as if it were not there
	default:
		return fmt.Errorf("want 1 as value of the category %s, or ignore_values = true", f.name)
	}
	p.seen[n] = true
	return nil
}

// token cuts a line at blanks; what a # begins is a comment.
func token(line []byte) (first, rest []byte) {
	line = bytes.TrimLeft(line, " \t")
	if len(line) == 0 || line[0] == '#' {
		return nil, nil
	}
	for i, c := range line {
		if c == ' ' || c == '\t' {
			return line[:i], line[i+1:]
		}
	}
	return line, nil
}

// sign reads the label of libsvm and libffm files, where 0 and -1 are the same.
func sign(v []byte) (float32, error) {
	x, ok := realNumber(v)
	switch {
	case ok && x == 1:
		return 1, nil
	case ok && (x == 0 || x == -1):
		return 0, nil
	}
	return 0, fmt.Errorf("label is %s, want 1, or 0 or -1", quoted(v))
}

// pair reads index:value.
func pair(v []byte) (int64, float32, error) {
	first, value, two := bytes.Cut(v, []byte(":"))
	if !two {
		return 0, 0, errors.New("want index:value")
	}
	i, ok := index(first)
	if !ok {
		return 0, 0, fmt.Errorf("want an index from 0 to %d before a colon", int64(maxIndex))
	}
	x, ok := weight(value)
	if !ok {
		return 0, 0, errors.New("want a number after the colon")
	}
	return i, x, nil
}

// index reads a whole number up to maxIndex.
func index(v []byte) (int64, bool) {
	if len(v) == 0 || len(v) > 10 {
		return 0, false
	}
	var x int64
	for _, c := range v {
		if c -= '0'; c > 9 {
			return 0, false
		}
		x = x*10 + int64(c)
	}
	return x, x <= maxIndex
}

// weight reads a value, which cannot be missing.
func weight(v []byte) (float32, bool) {
	if len(v) == 1 && v[0] >= '0' && v[0] <= '9' {
		return float32(v[0] - '0'), true
	}
	x, ok := realNumber(v)
	return x, ok && !math.IsNaN(float64(x))
}
