package datasets

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"time"

	"ctrlab/datasets/raw"
)

// record is what a line says, by the places of its layout: of a line that is refused nothing is kept.
type record struct {
	layout *raw.Layout
	label  float32
	time   int64
	dense  []float32
	keys   []uint64   // of one-hot fields
	bags   [][]uint64 // of multi-hot ones
}

func newRecord(l *raw.Layout) record {
	return record{layout: l, dense: make([]float32, len(l.Dense)), keys: make([]uint64, len(l.Fields)), bags: make([][]uint64, len(l.Fields))}
}

// clear leaves every column with nothing, dense ones with a value.
func (r *record) clear(dense float32) {
	for i := range r.dense {
		r.dense[i] = dense
	}
	clear(r.keys)
	for i := range r.bags {
		r.bags[i] = r.bags[i][:0]
	}
}

func (r *record) appendTo(rows *raw.Rows) {
	rows.N++
	rows.Label = append(rows.Label, r.label)
	if r.layout.Time {
		rows.Time = append(rows.Time, r.time)
	}
	for i, x := range r.dense {
		rows.Dense[i] = append(rows.Dense[i], x)
	}
	for i, f := range r.layout.Fields {
		if f.MultiHot {
			rows.Bags[i] = append(rows.Bags[i], int32(len(r.bags[i])))
			rows.Keys[i] = append(rows.Keys[i], r.bags[i]...)
		} else {
			rows.Keys[i] = append(rows.Keys[i], r.keys[i])
		}
	}
}

// namedKey is the key of a text, which rows then knows.
func namedKey(rows *raw.Rows, field int, v []byte) uint64 {
	key := textKey(v)
	if _, known := rows.Names[field][key]; !known {
		if rows.Names[field] == nil {
			rows.Names[field] = map[uint64]string{}
		}
		rows.Names[field][key] = string(v)
	}
	return key
}

// textKey is a raw.Text key: mix over words of eight bytes. No two texts of one length up to eight share one.
func textKey(v []byte) uint64 {
	h := uint64(len(v)) * golden
	for ; len(v) > 8; v = v[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64(v))
	}
	var last [8]byte
	copy(last[:], v)
	return max(mix(h^binary.LittleEndian.Uint64(last[:])), 1)
}

// realNumber reads a number; nothing and NaN are missing.
func realNumber(v []byte) (float32, bool) {
	if len(v) == 0 {
		return missing, true
	}
	x, err := strconv.ParseFloat(string(v), 32)
	return float32(x), err == nil && !math.IsInf(x, 0)
}

// click reads a label that is 0 or 1, or the number of one.
func click(v []byte) (float32, bool) {
	if len(v) == 1 {
		return float32(v[0] - '0'), v[0] == '0' || v[0] == '1'
	}
	x, ok := realNumber(v)
	return x, ok && (x == 0 || x == 1)
}

var timeLayouts = []string{time.DateTime, time.RFC3339, "2006-01-02T15:04:05", time.DateOnly}

// instant reads a time: a whole number of any unit, or a date and time of day, in UTC where no zone is said, as seconds since 1970.
func instant(v []byte) (int64, error) {
	if t, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return t, nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, string(v)); err == nil {
			return t.Unix(), nil
		}
	}
	return 0, errors.New("want a whole number or a date like 2006-01-02 15:04:05")
}
