package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// ratingFormat is how a release of MovieLens writes its files: latest also 20M and 25M, 1M also 10M.
type ratingFormat struct {
	name         string
	sep          string
	header       string  // the first line, where there is one
	least        float32 // stars
	halves       bool    // a release of half stars is written the same way
	items, users string  // files of attributes
	item         func(a *attributes, line []byte) error
	user         func(a *attributes, line []byte) error
}

var ratingFormats = []*ratingFormat{
	{name: "MovieLens latest", sep: ",", header: "userId,movieId,rating,timestamp", least: 0.5, items: "movies.csv", item: (*attributes).latestItem},
	{name: "MovieLens 1M", sep: "::", least: 1, halves: true, items: "movies.dat", users: "users.dat", item: (*attributes).millionItem, user: (*attributes).millionUser},
	{name: "MovieLens 100K", sep: "\t", least: 1, items: "u.item", users: "u.user", item: (*attributes).smallItem, user: (*attributes).smallUser},
}

// pairFormat is a user and an item a line, as the NCF repository's files begin.
var pairFormat = &ratingFormat{name: "pairs", sep: "\t"}

// tabbed is whether lines are in columns between tabs: a task of interactions takes those of either format.
func (f *ratingFormat) tabbed() bool { return f.sep == "\t" }

// head is the number of lines before the first rating.
func (f *ratingFormat) head() int {
	if f.header == "" {
		return 0
	}
	return 1
}

// formatOf tells a format from the first line of a file.
func formatOf(line []byte, pairs bool) *ratingFormat {
	if pairs && bytes.Count(line, []byte("\t")) == 1 {
		return pairFormat
	}
	for _, f := range ratingFormats {
		if f.header != "" && string(line) == f.header || f.header == "" && bytes.Count(line, []byte(f.sep)) == 3 {
			return f
		}
	}
	return nil
}

// detect returns the format of every file; where pairs will do, they go together with lines of four columns between tabs.
func detect(env Env, files []named, pairs bool) (formats []*ratingFormat, err error) {
	for i, n := range files {
		line, err := firstLine(env, n.file)
		if err != nil {
			return nil, err
		}
		f := formatOf(line, pairs)
		switch {
		case f == nil:
			return nil, fmt.Errorf("%s:1: is %s, want user, item, rating and time separated by tabs, :: or commas under %s", n.file, quoted(line), ratingFormats[0].header)
		case i > 0 && formats[i-1] != f && !(pairs && f.tabbed() && formats[i-1].tabbed()):
			return nil, fmt.Errorf("%s:1: is of %s and the file before of %s, want one format", n.file, f.name, formats[i-1].name)
		}
		formats = append(formats, f)
	}
	return formats, nil
}

// firstLine returns the first line of a file, or what is there of it.
func firstLine(env Env, file string) ([]byte, error) {
	if file == "-" {
		return nil, errors.New("data.path is -, and ratings are not read from standard input")
	}
	f, err := env.open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return nil, fmt.Errorf("%s: has no rows", file)
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull):
		return nil, err
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}

// halved is whether ratings are of half stars, as a file's first rows tell.
func halved(env Env, file string, f *ratingFormat) (bool, error) {
	in, err := env.open(file)
	if err != nil {
		return false, err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	for range 1 << 17 {
		if !lines.Scan() {
			break
		}
		if cells := bytes.Split(lines.Bytes(), []byte(f.sep)); len(cells) == 4 && bytes.HasSuffix(cells[2], []byte(".5")) {
			return true, nil
		}
	}
	return false, lines.Err()
}

// ratingLine parses a line. Of features, which come after user and item, it looks the values up.
type ratingLine struct {
	format   *ratingFormat
	of       *attributes
	features []string
}

// lines is how files of a format are read. Of a release written as 1M is, half stars are 10M's.
func (f *ratingFormat) lines(of *attributes, features []string, half bool) lines {
	least := f.least
	if half {
		least = 0.5
	}
	l := raw.Layout{Time: true, Rating: &batch.Range{Min: least, Max: 5}}
	for _, name := range append([]string{"user", "item"}, features...) {
		l.Fields = append(l.Fields, raw.Field{Name: name, Key: raw.Integer, MultiHot: name == "genres"})
	}
	return lines{l, f.head(), func() text.Parser { return &ratingLine{f, of, features} }}
}

// Parse appends a rating; one of pairFormat has 0 stars and no time.
func (p *ratingLine) Parse(rows *raw.Rows, line []byte) error {
	var cells [4][]byte
	n := cut4(&cells, line, p.format.sep)
	want, columns := 4, "user, item, rating, time"
	if p.format == pairFormat {
		want, columns = 2, "user, item"
	}
	if n != want {
		return fmt.Errorf("has %s, want %d: %s", counted(n, "column"), want, columns)
	}
	user, err := identifier(cells[0], 1, "user")
	if err != nil {
		return err
	}
	item, err := identifier(cells[1], 2, "item")
	if err != nil {
		return err
	}
	rating, time := 0.0, int64(0)
	if p.format != pairFormat {
		if rating, time, err = p.stars(cells[2], cells[3]); err != nil {
			return err
		}
	}
	rows.N++
	rows.Label, rows.Time = append(rows.Label, float32(rating)), append(rows.Time, time)
	rows.Keys[0], rows.Keys[1] = append(rows.Keys[0], integerKey(user)), append(rows.Keys[1], integerKey(item))
	for i, name := range p.features {
		p.of.append(rows, 2+i, name, user, item)
	}
	return nil
}

// cut4 cuts a line at the separator and returns how many cells it has, of which the first four are kept.
func cut4(cells *[4][]byte, line []byte, sep string) (n int) {
	for more := true; more; n++ {
		var cell []byte
		if cell, line, more = bytes.Cut(line, []byte(sep)); n < len(cells) {
			cells[n] = cell
		}
	}
	return n
}

// stars reads a rating and its time.
func (p *ratingLine) stars(rated, at []byte) (rating float64, time int64, err error) {
	least := float64(p.format.least)
	if p.format.halves {
		least = 0.5
	}
	rating, err = strconv.ParseFloat(string(rated), 32)
	if err != nil || !between(rating, least, 5) {
		return 0, 0, fmt.Errorf("column 3 (rating) is %s, want a number from %g to 5", quoted(rated), least)
	}
	time, ok := integer(at)
	if !ok || len(at) == 0 {
		return 0, 0, fmt.Errorf("column 4 (time) is %s, want an integer", quoted(at))
	}
	return rating, time, nil
}

// integerKey is the key of a number from 0 as raw.Integer has it.
func integerKey(v int32) uint64 { return 1 + uint64(v) }

func identifier(v []byte, column int, name string) (int32, error) {
	x, ok := integer(v)
	if !ok || len(v) == 0 || x < 0 || x > maxRows {
		return 0, fmt.Errorf("column %d (%s) is %s, want an integer from 0 to %d", column, name, quoted(v), maxRows)
	}
	return int32(x), nil
}
