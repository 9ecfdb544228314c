package datasets

import (
	"bytes"
	"errors"
	"fmt"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// csvCells cuts a line at separators. Blanks around a value are no part of it.
type csvCells struct {
	separator byte
	quotes    bool
	cells     [][]byte
	unquoted  []byte
}

// split returns the line's values, which are good until the next call.
func (s *csvCells) split(line []byte) ([][]byte, error) {
	s.cells, s.unquoted = s.cells[:0], s.unquoted[:0]
	for quotes := s.quotes && bytes.IndexByte(line, '"') >= 0; ; {
		if quotes {
			if at := bytes.TrimLeft(line, " "); len(at) > 0 && at[0] == '"' {
				rest, more, err := s.quoted(at[1:])
				if err != nil {
					return nil, err
				}
				if !more {
					return s.cells, nil
				}
				line = rest
				continue
			}
		}
		end := bytes.IndexByte(line, s.separator)
		if end < 0 {
			s.cells = append(s.cells, trimmed(line))
			return s.cells, nil
		}
		s.cells = append(s.cells, trimmed(line[:end]))
		line = line[end+1:]
	}
}

// quoted takes a value up to its closing quote, and what follows the separator after it.
func (s *csvCells) quoted(line []byte) (rest []byte, more bool, err error) {
	from := len(s.unquoted)
	for {
		end := bytes.IndexByte(line, '"')
		if end < 0 {
			return nil, false, fmt.Errorf("column %d has no closing quote on its line; %w", len(s.cells)+1, text.ErrLineBreak)
		}
		s.unquoted = append(s.unquoted, line[:end]...)
		line = line[end+1:]
		if len(line) == 0 || line[0] != '"' {
			break
		}
		s.unquoted = append(s.unquoted, '"')
		line = line[1:]
	}
	value := s.unquoted[from:len(s.unquoted):len(s.unquoted)]
	switch after := bytes.TrimLeft(line, " "); {
	case len(after) == 0:
		rest = nil
	case after[0] == s.separator:
		rest, more = after[1:], true
	default:
		return nil, false, fmt.Errorf("column %d has %s after its closing quote, want a separator", len(s.cells)+1, quoted(after))
	}
	s.cells = append(s.cells, value)
	return rest, more, nil
}

func trimmed(v []byte) []byte {
	if len(v) > 0 && (v[0] == ' ' || v[len(v)-1] == ' ') {
		return bytes.Trim(v, " ")
	}
	return v
}

// csvLine parses the lines of a table.
type csvLine struct {
	o       *CSV
	columns []csvColumn
	comment []byte
	cells   csvCells
	row     record
}

func newCSVLine(o *CSV, l *raw.Layout, columns []csvColumn) *csvLine {
	return &csvLine{o, columns, []byte(o.Comment), csvCells{separator: o.Separator[0], quotes: o.Quotes}, newRecord(l)}
}

// Parse leaves out comments.
func (p *csvLine) Parse(rows *raw.Rows, line []byte) error {
	if len(p.comment) > 0 && bytes.HasPrefix(line, p.comment) {
		return nil
	}
	cells, err := p.cells.split(line)
	if err != nil {
		return err
	}
	if len(cells) != len(p.columns) {
		return fmt.Errorf("has %s, want %d", counted(len(cells), "column"), len(p.columns))
	}
	p.row.clear(missing)
	for i, c := range p.columns {
		if c.role == csvUnused {
			continue
		}
		if err := p.value(rows, c, cells[i]); err != nil {
			return fmt.Errorf("column %d (%s) is %s, %w", i+1, c.name, quoted(cells[i]), err)
		}
	}
	p.row.appendTo(rows)
	return nil
}

var errNumber = errors.New("want a number")

// value puts what a column says into the row.
func (p *csvLine) value(rows *raw.Rows, c csvColumn, v []byte) (err error) {
	given := !p.missing(v)
	switch c.role {
	case csvLabel:
		p.row.label, err = p.label(v)
	case csvTime:
		p.row.time, err = instant(v)
	case csvDense:
		var ok bool
		if !given {
			return nil
		}
		if p.row.dense[c.place], ok = realNumber(v); !ok {
			return errNumber
		}
	case csvCategorical:
		if given {
			p.row.keys[c.place] = namedKey(rows, c.place, v)
		}
	case csvMulti:
		for given {
			var part []byte
			if part, v, given = bytes.Cut(v, c.separator); !p.missing(trimmed(part)) {
				p.row.bags[c.place] = append(p.row.bags[c.place], namedKey(rows, c.place, trimmed(part)))
			}
		}
	}
	return err
}

func (p *csvLine) missing(v []byte) bool {
	if len(v) == 0 {
		return true
	}
	for _, m := range p.o.Missing {
		if string(v) == m {
			return true
		}
	}
	return false
}

func (p *csvLine) label(v []byte) (float32, error) {
	switch {
	case p.o.Positive != nil:
		for _, positive := range p.o.Positive {
			if string(v) == positive {
				return 1, nil
			}
		}
		if p.missing(v) {
			return 0, errors.New("want a label")
		}
		return 0, nil
	case p.o.Rating != nil:
		x, ok := realNumber(v)
		if !ok || !(x >= p.o.Rating[0] && x <= p.o.Rating[1]) {
			return 0, fmt.Errorf("want a number from %g to %g", p.o.Rating[0], p.o.Rating[1])
		}
		return x, nil
	}
	x, ok := click(v)
	if !ok {
		return 0, errors.New("want 0 or 1")
	}
	return x, nil
}
