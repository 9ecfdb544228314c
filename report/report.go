// Package report shows what the store holds to people: Leaderboard as text for a terminal, Write as a page that needs
// nothing but itself, with its figures beside it as PNG.
//
// A summary is an experiment sorted for reading: groups by data set, variants best first, and of several groups an
// overview. The columns of its tables are rows of columns, its figures rows of figures. Nothing here trains, reads a
// clock or decides whether a difference is real; that last is stat's.
package report

import (
	"os"
	"path/filepath"

	"ctrlab/internal/store"
)

// Write is Prepared.Write, a figure after the other.
func Write(dir string, r *store.Report) error { return Prepare(r).Write(dir, inTurn) }

// Hands calls f for each number below n, in any order or side by side, and returns what it returned.
type Hands func(n int, f func(i int) error) error

func inTurn(n int, f func(i int) error) error {
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

// Prepared is a report whose comparisons are made once, to be shown in more than one way.
type Prepared struct{ summary *summary }

// Prepare sorts an experiment for reading.
func Prepare(r *store.Report) Prepared { return Prepared{summarize(r)} }

// Write makes dir, where it is missing, and in it index.html and a PNG a figure.
// Files of an earlier report are replaced; others are left alone. The page and the figures are made by hands.
func (p Prepared) Write(dir string, hands Hands) error {
	s := p.summary
	drawn, err := draft(s, hands)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var html []byte
	if err := hands(1+len(drawn), func(i int) (err error) {
		if i > 0 {
			return drawn[i-1].save(dir)
		}
		html, err = page(s, drawn)
		return err
	}); err != nil {
		return err
	}
	return replace(filepath.Join(dir, "index.html"), html)
}

// Page is the page alone, which is whole without the files beside it.
func Page(r *store.Report) ([]byte, error) {
	s := summarize(r)
	drawn, err := draft(s, inTurn)
	if err != nil {
		return nil, err
	}
	return page(s, drawn)
}

// replace writes a file whole or not at all: on a full disk the earlier one stays.
func replace(path string, data []byte) error {
	fresh := path + ".new"
	if err := os.WriteFile(fresh, data, 0o666); err != nil {
		os.Remove(fresh)
		return err
	}
	return os.Rename(fresh, path)
}
