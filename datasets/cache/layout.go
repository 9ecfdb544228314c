package cache

import (
	"cmp"
	"slices"

	"ctrlab/datasets/batch"
)

// layout is where the columns of a schema are, checked: what is read by it lies inside the file.
type layout struct {
	label, time *column   // time may be nil
	dense       []*column // one a dense column
	ids, ends   []*column // one a field; ends are nil where it is one-hot
	text, index []*column // one a field, nil where its ids have no names
}

// newLayout finds the columns of m in a file whose sections end at table.
func newLayout(columns []column, m *Meta, table uint64) (*layout, error) {
	fields := len(m.Schema.Sparse)
	l := &layout{dense: make([]*column, len(m.Schema.Dense))}
	for _, list := range []*[]*column{&l.ids, &l.ends, &l.text, &l.index} {
		*list = make([]*column, fields)
	}
	if err := sideBySide(columns, table); err != nil {
		return nil, err
	}
	for i := range columns {
		if err := l.put(&columns[i], m); err != nil {
			return nil, err
		}
	}
	complete := l.label != nil && !slices.Contains(l.dense, nil) && !slices.Contains(l.ids, nil)
	for f, field := range m.Schema.Sparse {
		complete = complete && field.MultiHot == (l.ends[f] != nil) && (l.text[f] == nil) == (l.index[f] == nil)
	}
	if !complete {
		return nil, damaged("a column is missing")
	}
	return l, nil
}

// sideBySide checks that sections lie side by side from the head up to the table.
func sideBySide(columns []column, table uint64) error {
	type span struct{ from, bytes uint64 }
	spans := make([]span, 0, len(columns)*int(batch.Splits))
	for _, c := range columns {
		if c.Width < 1 || c.Width > 8 {
			return damaged("values of %d bytes", c.Width)
		}
		for _, s := range c.Sections {
			if s.Count > table/uint64(c.Width) {
				return damaged("%d values of %d bytes in a file of %d", s.Count, c.Width, table)
			}
			spans = append(spans, span{s.Offset, padded(s.Count * uint64(c.Width))})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.bytes, b.bytes)) })
	at := uint64(headSize)
	for _, s := range spans {
		if s.from != at {
			return damaged("a section begins at %d, not at %d", s.from, at)
		}
		at += s.bytes
	}
	if at != table {
		return damaged("sections end at %d, not at %d", at, table)
	}
	return nil
}

// all lists the columns.
func (l *layout) all() []*column {
	list := slices.Concat([]*column{l.label, l.time}, l.dense, l.ids, l.ends, l.text, l.index)
	return slices.DeleteFunc(list, func(c *column) bool { return c == nil })
}

// put gives c its place, if it is one that m has, is free, and has the size that it must have.
func (l *layout) put(c *column, m *Meta) error {
	if c.Kind >= kinds {
		return damaged("a column of kind %d", c.Kind)
	}
	place, width := l.place(c, m)
	if place == nil || *place != nil {
		return damaged("it has %v %d twice, or should not have it", c.Kind, c.Of)
	}
	if c.Width != width && !(c.Kind == ends && c.Width == 8) {
		return damaged("%v %d has values of %d bytes, want %d", c.Kind, c.Of, c.Width, width)
	}
	if c.Kind < text && !(c.Kind == ids && m.Schema.Sparse[c.Of].MultiHot) {
		for s, rows := range m.Rows {
			if rows < 0 || c.Sections[s].Count != uint64(rows) {
				return damaged("%v %d has %d values in %v, want %d", c.Kind, c.Of, c.Sections[s].Count, batch.Split(s), rows)
			}
		}
	}
	*place = c
	return nil
}

// place returns nil for a column that m does not have.
func (l *layout) place(c *column, m *Meta) (place **column, width uint32) {
	of, fields := int(c.Of), len(m.Schema.Sparse)
	switch k := c.Kind; {
	case k == labels && of == 0 && m.Schema.Rating == nil:
		return &l.label, 1
	case k == labels && of == 0:
		return &l.label, 4
	case k == times && of == 0:
		return &l.time, 8
	case k == dense && of < len(l.dense):
		return &l.dense[of], 4
	case k == ids && of < fields:
		return &l.ids[of], idWidth(m.Schema.Sparse[of].Rows)
	case k == ends && of < fields:
		return &l.ends[of], 4
	case k == text && of < fields:
		return &l.text[of], 1
	case k == index && of < fields:
		return &l.index[of], 8
	}
	return nil, 0
}
