package text

import (
	"errors"
	"fmt"
	"io"
)

// ErrLineBreak is of a line that a row ends not with: the next one is the rest of it, so that it is never skipped.
var ErrLineBreak = errors.New("values with line breaks are not read, and max_bad_rows does not skip them")

// Bad is the account of malformed rows of files that are read one after the other.
type Bad struct {
	Most int       // so many are skipped; the next is an error
	Keep io.Writer // has for each a line of file, line number, reason and the line itself, tab separated; nil keeps none

	count int
	first error
}

// Count is how many rows were skipped.
func (b *Bad) Count() int { return b.count }

// First is the error of the first of them.
func (b *Bad) First() error { return b.first }

// Restore puts back what Count and First said before the work was broken off.
func (b *Bad) Restore(count int, first error) { b.count, b.first = count, first }

// Skip counts a row of a file that is no text, or is its error where there are too many. text is what of it was malformed.
func (b *Bad) Skip(file string, row int, reason error, text []byte) error {
	return b.skip(file, badRow{row, reason, text})
}

// skip counts a bad row and is its error where there are too many.
func (b *Bad) skip(file string, row badRow) error {
	err := fmt.Errorf("%s:%d: %w", file, row.line, row.reason)
	if b.count >= b.Most || errors.Is(row.reason, ErrLineBreak) {
		if b.Most > 0 && b.count >= b.Most {
			return fmt.Errorf("%w (bad row %d; max_bad_rows is %d)", err, b.count+1, b.Most)
		}
		return err
	}
	if b.count++; b.first == nil {
		b.first = err
	}
	if b.Keep == nil {
		return nil
	}
	if _, err := fmt.Fprintf(b.Keep, "%s\t%d\t%v\t%s\n", file, row.line, row.reason, row.text); err != nil {
		return fmt.Errorf("keeping bad rows: %w", err)
	}
	return nil
}

type badRow struct {
	line   int
	reason error
	text   []byte
}
