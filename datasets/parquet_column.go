package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ctrlab/datasets/parquet"
	"ctrlab/datasets/raw"
)

// parquetColumn reads a column in its role.
type parquetColumn struct {
	parquetUse
	o       *Parquet
	reader  *parquet.Reader
	bad     []badValue // of the chunk
	keys    []uint64   // of the dictionary's entries, where they are known
	split   int64      // bytes of text that were split, at most so many
	most    int64
	scratch []byte
}

func (c *parquetColumn) begin(group int) error {
	c.keys = c.keys[:0]
	return c.reader.Begin(group)
}

// fill reads n rows into the column's place.
func (c *parquetColumn) fill(rows *raw.Rows, n int) error {
	c.bad = c.bad[:0]
	switch p := c.place; c.role {
	case csvDense:
		rows.Dense[p] = slices.Grow(rows.Dense[p], n)[:n]
	case csvCategorical:
		rows.Keys[p] = slices.Grow(rows.Keys[p], n)[:n]
	case csvMulti:
		rows.Bags[p] = slices.Grow(rows.Bags[p], n)[:n]
		clear(rows.Bags[p])
	}
	return c.reader.Read(n, func(row int, v *parquet.Value) error {
		switch c.role {
		case csvLabel:
			y, err := c.label(v)
			c.check(row, v, err)
			rows.Label[row] = y
		case csvTime:
			t, err := c.time(v)
			c.check(row, v, err)
			rows.Time[row] = t
		case csvDense:
			x, ok := c.number(v)
			if !ok {
				c.check(row, v, errNumber)
			}
			rows.Dense[c.place][row] = x
		case csvCategorical:
			rows.Keys[c.place][row] = c.key(rows, v)
		case csvMulti:
			return c.list(rows, row, v)
		}
		return nil
	})
}

// check notes that a value does not fit, the first of its row.
func (c *parquetColumn) check(row int, v *parquet.Value, err error) {
	if err == nil {
		return
	}
	text := string(c.text(v))
	was := "is missing"
	if !v.None {
		was = "is " + quoted([]byte(text))
	}
	c.bad = append(c.bad, badValue{row, text, fmt.Errorf("column %s %s, %w", c.column.Name, was, err)})
}

// number is a value as a dense column has it, false where it is none.
func (c *parquetColumn) number(v *parquet.Value) (float32, bool) {
	if v.None {
		return missing, true
	}
	var x float32
	switch c.column.Kind {
	case parquet.Float:
		x = float32(v.Float)
	case parquet.Uint:
		x = float32(uint64(v.Int))
	default:
		x = float32(v.Int)
	}
	return x, !math.IsInf(float64(x), 0)
}

func (c *parquetColumn) label(v *parquet.Value) (float32, error) {
	switch o := c.o; {
	case o.Positive != nil:
		text := c.text(v)
		if len(text) == 0 {
			return 0, errors.New("want a label")
		}
		if slices.Contains(o.Positive, string(text)) {
			return 1, nil
		}
		return 0, nil
	case o.Rating != nil:
		if x, ok := c.number(v); ok && x >= o.Rating[0] && x <= o.Rating[1] {
			return x, nil
		}
		return 0, fmt.Errorf("want a number from %g to %g", o.Rating[0], o.Rating[1])
	}
	if x, _ := c.number(v); x == 0 || x == 1 {
		return x, nil
	}
	return 0, errors.New("want 0 or 1")
}

const longestTime = 64 // bytes of text

func (c *parquetColumn) time(v *parquet.Value) (int64, error) {
	switch {
	case v.None:
		return 0, errors.New("want a time")
	case c.column.Kind != parquet.Text:
		return v.Int, nil
	}
	return instant(v.Text[:min(len(v.Text), longestTime)])
}

// key is that of a value, whose text rows then know.
func (c *parquetColumn) key(rows *raw.Rows, v *parquet.Value) uint64 {
	if v.None {
		return raw.Missing
	}
	if v.Entry >= 0 && v.Entry < len(c.keys) && c.keys[v.Entry] != raw.Missing {
		return c.keys[v.Entry] // and an earlier value gave its text
	}
	text := c.text(v)
	if len(text) == 0 {
		return raw.Missing
	}
	key := namedKey(rows, c.place, text)
	if v.Entry >= len(c.keys) {
		c.keys = append(c.keys, make([]uint64, v.Entry+1-len(c.keys))...)
	}
	if v.Entry >= 0 {
		c.keys[v.Entry] = key
	}
	return key
}

// list adds a value to a row's bag, or those that are in its text.
func (c *parquetColumn) list(rows *raw.Rows, row int, v *parquet.Value) error {
	p := c.place
	add := func(key uint64) {
		if key != raw.Missing {
			rows.Bags[p][row]++
			rows.Keys[p] = append(rows.Keys[p], key)
		}
	}
	if c.separator == "" {
		add(c.key(rows, v))
	} else if !v.None {
		if c.split += int64(len(v.Text)); c.split > c.most {
			return fmt.Errorf("has more than %d bytes of text, too many for the file", c.most)
		}
		for part := range strings.SplitSeq(string(v.Text), c.separator) {
			if part = strings.Trim(part, " "); part != "" {
				add(namedKey(rows, p, []byte(part)))
			}
		}
	}
	if len(rows.Keys[p]) > parquetMost {
		return errLists
	}
	return nil
}

// text is a value as text: that of a category, and in errors.
func (c *parquetColumn) text(v *parquet.Value) []byte {
	b := c.scratch[:0]
	switch {
	case v.None:
		return nil
	case c.column.Kind == parquet.Text:
		return v.Text
	case c.column.Kind == parquet.Bool:
		b = strconv.AppendBool(b, v.Int != 0)
	case c.column.Kind == parquet.Uint:
		b = strconv.AppendUint(b, uint64(v.Int), 10)
	case c.column.Kind != parquet.Float:
		b = strconv.AppendInt(b, v.Int, 10)
	case !math.IsNaN(v.Float):
		b = strconv.AppendFloat(b, v.Float, 'f', -1, c.column.Bits)
	}
	c.scratch = b
	return b
}
