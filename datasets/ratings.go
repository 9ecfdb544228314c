package datasets

import (
	"bytes"
	"fmt"
	"strconv"
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

// ratings are rows as they are read.
type ratings struct {
	format     *ratingFormat // nil before the first line
	pairs      bool          // pairFormat will do, and go together with lines of four columns between tabs
	unrated    int           // rows of pairFormat
	halved     bool          // some rating is not of whole stars
	user, item []int32
	rating     []float32
	time       []int64
}

func (r *ratings) len() int { return len(r.rating) }

// parse reads a line; the first of each file tells the format.
func (r *ratings) parse(number int, line []byte) error {
	if number == 1 {
		f := r.formatOf(line)
		switch {
		case f == nil:
			return fmt.Errorf("is %s, want user, item, rating and time separated by tabs, :: or commas under %s", quoted(line), ratingFormats[0].header)
		case r.format != nil && r.format != f && !(r.pairs && r.format.sep == "\t" && f.sep == "\t"):
			return fmt.Errorf("is of %s and the file before of %s, want one format", f.name, r.format.name)
		}
		if r.format = f; f.header != "" {
			return nil
		}
	}
	if r.format == nil {
		return fmt.Errorf("follows a first line that is of no known format")
	}
	return r.add(bytes.Split(line, []byte(r.format.sep)))
}

func (r *ratings) formatOf(line []byte) *ratingFormat {
	if r.pairs && bytes.Count(line, []byte("\t")) == 1 {
		return pairFormat
	}
	for _, f := range ratingFormats {
		if f.header != "" && string(line) == f.header || f.header == "" && bytes.Count(line, []byte(f.sep)) == 3 {
			return f
		}
	}
	return nil
}

func (r *ratings) add(cells [][]byte) error {
	if r.format == pairFormat && len(cells) != 2 {
		return fmt.Errorf("has %s, want 2: user, item", counted(len(cells), "column"))
	}
	if r.format != pairFormat && len(cells) != 4 {
		return fmt.Errorf("has %s, want 4: user, item, rating, time", counted(len(cells), "column"))
	}
	user, err := identifier(cells[0], 1, "user")
	if err != nil {
		return err
	}
	item, err := identifier(cells[1], 2, "item")
	if err != nil {
		return err
	}
	if r.format == pairFormat {
		r.unrated++
		r.push(user, item, 0, 0)
		return nil
	}
	least := r.format.least
	if r.format.halves {
		least = 0.5
	}
	rating, err := strconv.ParseFloat(string(cells[2]), 32)
	if err != nil || !between(rating, float64(least), 5) {
		return fmt.Errorf("column 3 (rating) is %s, want a number from %g to 5", quoted(cells[2]), least)
	}
	time, ok := integer(cells[3])
	if !ok || len(cells[3]) == 0 {
		return fmt.Errorf("column 4 (time) is %s, want an integer", quoted(cells[3]))
	}
	r.halved = r.halved || rating != float64(int(rating))
	r.push(user, item, float32(rating), time)
	return nil
}

func (r *ratings) push(user, item int32, rating float32, time int64) {
	r.user, r.item = append(r.user, user), append(r.item, item)
	r.rating, r.time = append(r.rating, rating), append(r.time, time)
}

// least is the lowest rating that the release has: of 10M, which is written as 1M is, half a star.
func (r *ratings) least() float32 {
	if r.format.halves && r.halved {
		return 0.5
	}
	return r.format.least
}

func identifier(v []byte, column int, name string) (int32, error) {
	x, ok := integer(v)
	if !ok || len(v) == 0 || x < 0 || x > maxRows {
		return 0, fmt.Errorf("column %d (%s) is %s, want an integer from 0 to %d", column, name, quoted(v), maxRows)
	}
	return int32(x), nil
}
