package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// criteoLine parses a line of the Criteo Display Advertising Challenge. Integers stay as they are, a missing one is NaN.
type criteoLine struct {
	dense [criteoInts]float32
	keys  [criteoCats]uint64
}

func newCriteoLine() text.Parser { return &criteoLine{} }

func criteoLayout() (l raw.Layout) {
	for i := range criteoInts {
		l.Dense = append(l.Dense, fmt.Sprintf("I%d", i+1))
	}
	for i := range criteoCats {
		l.Fields = append(l.Fields, raw.Field{Name: fmt.Sprintf("C%d", i+1), Key: raw.Hex32})
	}
	return l
}

func (p *criteoLine) Parse(rows *raw.Rows, line []byte) error {
	const columns = 1 + criteoInts + criteoCats
	if n := bytes.Count(line, []byte("\t")) + 1; n != columns {
		return fmt.Errorf("has %s, want %d: a label, %d integers and %d categories, tab separated", counted(n, "column"), columns, criteoInts, criteoCats)
	}
	label, rest := cell(line)
	if len(label) != 1 || label[0] != '0' && label[0] != '1' {
		return fmt.Errorf("column 1 (label) is %s, want 0 or 1", quoted(label))
	}
	for i := range p.dense {
		v, after := cell(rest)
		x, ok := decimal(v)
		if !ok {
			return fmt.Errorf("column %d (I%d) is %s, want an integer", i+2, i+1, quoted(v))
		}
		p.dense[i], rest = x, after
	}
	for i := range p.keys {
		if len(rest) > 8 && rest[8] == '\t' {
			if x, ok := hex8(binary.BigEndian.Uint64(rest)); ok {
				p.keys[i], rest = x, rest[9:]
				continue
			}
		}
		v, after := cell(rest)
		x, ok := hexKey(v)
		if !ok {
			return fmt.Errorf("column %d (C%d) is %s, want a hexadecimal number of 32 bits", i+2+criteoInts, i+1, quoted(v))
		}
		p.keys[i], rest = x, after
	}
	rows.N++
	rows.Label = append(rows.Label, float32(label[0]-'0'))
	for i, x := range p.dense {
		rows.Dense[i] = append(rows.Dense[i], x)
	}
	for i, k := range p.keys {
		rows.Keys[i] = append(rows.Keys[i], k)
	}
	return nil
}

// cell cuts a line at its first tab. Cells are short: a loop is faster here than bytes.Cut.
func cell(line []byte) (v, rest []byte) {
	for i, c := range line {
		if c == '\t' {
			return line[:i], line[i+1:]
		}
	}
	return line, nil
}

var missing = float32(math.NaN())

// decimal reads a decimal integer of up to 18 digits; an empty one is missing.
func decimal(v []byte) (float32, bool) {
	if len(v) == 0 {
		return missing, true
	}
	digits, negative := v, v[0] == '-'
	if negative {
		digits = v[1:]
	}
	var x int64
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		x = x*10 + int64(c)
	}
	if negative {
		x = -x
	}
	return float32(x), len(digits) > 0 && len(digits) <= 18
}

// hexKey reads up to 8 hexadecimal digits; none are raw.Missing.
func hexKey(v []byte) (x uint64, ok bool) {
	var seen byte
	for _, c := range v {
		d := hexDigits[c]
		x, seen = x<<4|uint64(d), seen|d
	}
	return x, seen < 16 && len(v) <= 8
}

// hex8 is hexKey of eight digits in a word, the first in its highest byte.
func hex8(x uint64) (uint64, bool) {
	const each = 0x0101010101010101
	v := x&(0x0f*each) + x>>6&each*9             // a letter's low bits are 1 to 6
	letters := (v + 6*each) >> 4 & each          // v > 9
	again := v + '0'*each + letters*('a'-'0'-10) // what v is the value of, in small letters
	ok := v&(0xf0*each) == 0 && again == x|x>>1&(0x20*each)&(letters*0x20)
	v = (v | v>>4) & 0x00ff00ff00ff00ff
	v = (v | v>>8) & 0x0000ffff0000ffff
	return uint64(uint32(v | v>>16)), ok
}

// hexDigits is the value of each hexadecimal digit, and 16 of what is none.
var hexDigits = func() (table [256]byte) {
	for c := range table {
		table[c] = 16
	}
	for i := range byte(10) {
		table['0'+i] = i
	}
	for i := range byte(6) {
		table['a'+i], table['A'+i] = 10+i, 10+i
	}
	return table
}()
