package scores

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Table is the scores of splits as another program wrote them, read from one or more files of text: columns row (from 0 in its split), split and score,
// and where there are, seed, label and digest, separated by tabs or commas under a line of their names, in any order. Lines that begin with # are passed over,
// but "# data: IDENTITY" says of which data the scores are.
type Table struct {
	Identity    string // of the data
	Seed        uint64 // rows of other seeds are passed over
	Probability bool   // scores are probabilities, and become logits
	Proof       bool   // a row must have a label or a digest, by which it can be told that it is the data's
	Splits      map[string]*Column

	files []string
	seeds map[uint64]bool // that rows were of
}

// Column is a split's scores.
type Column struct {
	Score []float32

	label  []float32 // NaN where there is none
	digest []string
	place  []place // of each row; line 0 where it is missing
}

type place struct{ file, line int32 }

// Want makes room for the rows of a split.
func (t *Table) Want(split string, rows int) {
	if t.Splits == nil {
		t.Splits, t.seeds = map[string]*Column{}, map[uint64]bool{}
	}
	c := &Column{Score: make([]float32, rows), label: make([]float32, rows), digest: make([]string, rows), place: make([]place, rows)}
	for i := range c.label {
		c.label[i] = float32(math.NaN())
	}
	t.Splits[split] = c
}

// Read takes the rows of a file.
func (t *Table) Read(path string, from io.Reader) error {
	t.files = append(t.files, path)
	r := reader{table: t, lines: bufio.NewScanner(from)}
	r.lines.Buffer(nil, 1<<20)
	for r.lines.Scan() {
		r.at++
		if err := r.line(strings.TrimSuffix(r.lines.Text(), "\r")); err != nil {
			return fmt.Errorf("%s:%d: %w", path, r.at, err)
		}
	}
	if err := r.lines.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", path, r.at+1, err)
	}
	if r.names == nil {
		return fmt.Errorf("%s: it is empty, want a line of names: row, split, score, label", path)
	}
	return nil
}

// End says what is missing.
func (t *Table) End() error {
	of := strings.Join(t.files, ", ")
	if len(t.seeds) > 0 && !t.seeds[t.Seed] {
		return fmt.Errorf("%s: no row is of seed %d; there are %s", of, t.Seed, listed(slices.Sorted(maps.Keys(t.seeds))))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Splits)) {
		c := t.Splits[name]
		missing, first := 0, -1
		for i, p := range c.place {
			if p.line == 0 {
				if missing++; first < 0 {
					first = i
				}
			}
		}
		if missing > 0 {
			return fmt.Errorf("%s: %d of the %d rows of %s have no score, the first of them row %d", of, missing, len(c.place), name, first)
		}
	}
	return nil
}

func listed(seeds []uint64) string {
	var words []string
	for _, s := range seeds {
		words = append(words, strconv.FormatUint(s, 10))
	}
	return strings.Join(words, ", ")
}

// Check holds a row against the data's.
func (t *Table) Check(split string, row int, label float32, digest string) error {
	c := t.Splits[split]
	p := c.place[row]
	at := fmt.Sprintf("%s:%d", t.files[p.file], p.line)
	if math.Abs(float64(c.label[row]-label)) > 1e-6*math.Abs(float64(label)) {
		return fmt.Errorf("%s: the label of row %d of %s is %g, and the data has %g: these are not the same rows", at, row, split, c.label[row], label)
	}
	if c.digest[row] != "" && c.digest[row] != digest {
		return fmt.Errorf("%s: the digest of row %d of %s is %q, and the data has %s: these are not the same rows", at, row, split, c.digest[row], digest)
	}
	return nil
}

// reader is a file being read.
type reader struct {
	table *Table
	lines *bufio.Scanner
	at    int
	comma string
	names []string
}

func (r *reader) line(text string) error {
	switch {
	case strings.HasPrefix(text, "#"):
		identity, ok := strings.CutPrefix(strings.TrimSpace(text[1:]), "data:")
		if identity = strings.TrimSpace(identity); ok && identity != r.table.Identity {
			return fmt.Errorf("the scores are of data %.64q, and the experiment's is %.12s…: other rows, or cut otherwise", identity, r.table.Identity)
		}
		return nil
	case strings.TrimSpace(text) == "":
		return nil
	case r.names == nil:
		return r.heading(text)
	}
	cells := strings.Split(text, r.comma)
	if len(cells) != len(r.names) {
		return fmt.Errorf("%d columns, want %d: %s", len(cells), len(r.names), strings.Join(r.names, ", "))
	}
	return r.row(cells)
}

var columns = []string{"row", "split", "seed", "score", "label", "digest"}

func (r *reader) heading(text string) error {
	r.comma = ","
	if strings.Contains(text, "\t") {
		r.comma = "\t"
	}
	names := strings.Split(strings.TrimPrefix(text, "\ufeff"), r.comma)
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if !slices.Contains(columns, names[i]) || slices.Contains(names[:i], names[i]) {
			return fmt.Errorf("column %d is called %.40q, want each once of %s", i+1, names[i], strings.Join(columns, ", "))
		}
	}
	for _, name := range []string{"row", "split", "score"} {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no column %s, want row, split and score, and where there are, seed, label and digest", name)
		}
	}
	r.names = names
	return nil
}

func (r *reader) row(cells []string) error {
	cell := func(name string) (string, bool) {
		i := slices.Index(r.names, name)
		if i < 0 {
			return "", false
		}
		return strings.TrimSpace(cells[i]), true
	}
	if text, ok := cell("seed"); ok {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("seed is %.40q, want a number of 0 or more", text)
		}
		if r.table.seeds[seed] = true; seed != r.table.Seed {
			return nil
		}
	}
	split, _ := cell("split")
	c := r.table.Splits[split]
	if c == nil {
		return fmt.Errorf("split is %.40q, want %s", split, strings.Join(slices.Sorted(maps.Keys(r.table.Splits)), " or "))
	}
	text, _ := cell("row")
	row, err := strconv.Atoi(text)
	if err != nil || row < 0 || row >= len(c.Score) {
		return fmt.Errorf("row is %.40q, want 0 to %d, as %s has %d rows", text, len(c.Score)-1, split, len(c.Score))
	}
	if p := c.place[row]; p.line > 0 {
		return fmt.Errorf("row %d of %s is there twice: before at %s:%d", row, split, r.table.files[p.file], p.line)
	}
	c.place[row] = place{int32(len(r.table.files) - 1), int32(r.at)}
	text, _ = cell("score")
	if c.Score[row], err = r.score(text); err != nil {
		return err
	}
	if text, ok := cell("label"); ok && text != "" {
		y, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return fmt.Errorf("label is %.40q, want a number", text)
		}
		c.label[row] = float32(y)
	}
	c.digest[row], _ = cell("digest")
	if y := c.label[row]; r.table.Proof && y != y && c.digest[row] == "" {
		return fmt.Errorf("row %d of %s has neither label nor digest: want one, to tell that the rows are the same", row, split)
	}
	return nil
}

// sure is how far a probability that becomes a logit stays from 0 and 1: what float64 has beside 1.
const sure = 0x1p-52

func (r *reader) score(text string) (float32, error) {
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(x) || math.IsInf(x, 0) || math.Abs(x) > math.MaxFloat32:
		return 0, fmt.Errorf("score is %.40q, want a finite number", text)
	case r.table.Probability && (x < 0 || x > 1):
		return 0, fmt.Errorf(`score is %g, want a probability, 0 to 1; with output = "logit" it may be any number`, x)
	case r.table.Probability:
		x = min(max(x, sure), 1-sure)
		x = math.Log(x) - math.Log1p(-x)
	}
	return float32(x), nil
}
