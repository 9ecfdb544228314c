package datasets

import (
	"bytes"
	"fmt"
	"strconv"
)

// ratingFormat is how one release of MovieLens writes its files.
type ratingFormat struct {
	name         string
	sep          string
	header       string // the first line, where there is one
	least        float32
	items, users string // files of attributes
	item         func(a *attributes, line []byte) error
	user         func(a *attributes, line []byte) error
}

var ratingFormats = []*ratingFormat{
	{name: "MovieLens latest", sep: ",", header: "userId,movieId,rating,timestamp", least: 0.5, items: "movies.csv", item: (*attributes).latestItem},
	{name: "MovieLens 1M", sep: "::", least: 1, items: "movies.dat", users: "users.dat", item: (*attributes).millionItem, user: (*attributes).millionUser},
	{name: "MovieLens 100K", sep: "\t", least: 1, items: "u.item", users: "u.user", item: (*attributes).smallItem, user: (*attributes).smallUser},
}

// ratings are rows as they are read.
type ratings struct {
	format     *ratingFormat // nil before the first line
	user, item []int32
	rating     []float32
	time       []int64
}

func (r *ratings) len() int { return len(r.rating) }

// parse reads a line; the first of each file tells the format.
func (r *ratings) parse(number int, line []byte) error {
	if number == 1 {
		f := formatOf(line)
		switch {
		case f == nil:
			return fmt.Errorf("is %s, want user, item, rating and time separated by tabs, :: or commas under %s", quoted(line), ratingFormats[0].header)
		case r.format != nil && r.format != f:
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

func formatOf(line []byte) *ratingFormat {
	for _, f := range ratingFormats {
		if f.header != "" && string(line) == f.header || f.header == "" && bytes.Count(line, []byte(f.sep)) == 3 {
			return f
		}
	}
	return nil
}

func (r *ratings) add(cells [][]byte) error {
	if len(cells) != 4 {
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
	rating, err := strconv.ParseFloat(string(cells[2]), 32)
	if err != nil || !between(rating, float64(r.format.least), 5) {
		return fmt.Errorf("column 3 (rating) is %s, want a number from %g to 5", quoted(cells[2]), r.format.least)
	}
	time, ok := integer(cells[3])
	if !ok || len(cells[3]) == 0 {
		return fmt.Errorf("column 4 (time) is %s, want an integer", quoted(cells[3]))
	}
	r.user, r.item = append(r.user, user), append(r.item, item)
	r.rating, r.time = append(r.rating, float32(rating)), append(r.time, time)
	return nil
}

func identifier(v []byte, column int, name string) (int32, error) {
	x, ok := integer(v)
	if !ok || len(v) == 0 || x < 0 || x > maxRows {
		return 0, fmt.Errorf("column %d (%s) is %s, want an integer from 0 to %d", column, name, quoted(v), maxRows)
	}
	return int32(x), nil
}
