package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
)

// attributes are what the files of a MovieLens folder say of users and items, as raw values; 0 is unknown.
type attributes struct {
	genres batch.Bags                  // bag 0 is empty
	bag    map[int32]int32             // item → bag of genres; nil if not asked for
	users  map[int32]map[string]int32  // user → attribute → value; likewise
	values map[string]map[string]int32 // attribute → as written → value
}

// attributes reads the files that the features need.
func (f *ratingFormat) attributes(r *reader, dir string, features []string) (*attributes, error) {
	a := &attributes{values: map[string]map[string]int32{}, genres: batch.Bags{Offsets: []int32{0, 0}}}
	strict := &reader{ctx: r.ctx}
	for _, feature := range features {
		name, parse := f.users, f.user
		if feature == "genres" {
			name, parse = f.items, f.item
		}
		if name == "" {
			return nil, fmt.Errorf("data.features: %s says nothing of %s", f.name, feature)
		} else if feature == "genres" {
			a.bag = map[int32]int32{}
		} else if a.users != nil {
			continue
		} else {
			a.users = map[int32]map[string]int32{}
		}
		file, err := exists(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("data.features: %s comes from %s, which is not beside the ratings in %s", feature, name, dir)
		} else if err != nil {
			return nil, err
		}
		if err := strict.lines(file, func(_ int, line []byte) error { return parse(a, line) }); err != nil {
			return nil, err
		}
	}
	r.sums = append(r.sums, strict.sums...)
	return a, nil
}

// value is the raw value of a feature for a rating: a bag's number for genres.
func (a *attributes) value(feature string, user, item int32) int32 {
	if feature == "genres" {
		return a.bag[item]
	}
	return a.users[user][feature]
}

// missing counts the ratings whose user or item the files do not have.
func (a *attributes) missing(r *ratings) (n int) {
	for i := range r.len() {
		_, user := a.users[r.user[i]]
		_, item := a.bag[r.item[i]]
		if a.users != nil && !user || a.bag != nil && !item {
			n++
		}
	}
	return n
}

// intern numbers the values of an attribute from 1, in the order in which they come.
func (a *attributes) intern(name, value string) int32 {
	if a.values[name] == nil {
		a.values[name] = map[string]int32{}
	}
	n, ok := a.values[name][value]
	if !ok {
		n = int32(len(a.values[name]) + 1)
		a.values[name][value] = n
	}
	return n
}

func (a *attributes) addItem(item int32, genres []int32) {
	a.bag[item] = int32(len(a.genres.Offsets) - 1)
	a.genres.IDs = append(a.genres.IDs, genres...)
	a.genres.Offsets = append(a.genres.Offsets, int32(len(a.genres.IDs)))
}

func (a *attributes) addUser(id, age, gender, occupation []byte, ageColumn int) error {
	user, err := identifier(id, 1, "user")
	if err != nil {
		return err
	}
	years, ok := integer(age)
	if !ok || len(age) == 0 || years < 0 {
		return fmt.Errorf("column %d (age) is %s, want a number of years", ageColumn, quoted(age))
	}
	a.users[user] = map[string]int32{
		"age":        ageGroup(years),
		"gender":     a.intern("gender", string(gender)),
		"occupation": a.intern("occupation", string(occupation)),
	}
	return nil
}

// ageGroup numbers the age groups of MovieLens 1M from 1; their youngest are:
func ageGroup(years int64) (group int32) {
	for _, from := range []int64{0, 18, 25, 35, 45, 50, 56} {
		if years >= from {
			group++
		}
	}
	return group
}

const smallGenres = 19

// smallItem reads a line of u.item: id|title|release|video release|URL|19 flags of genres.
func (a *attributes) smallItem(line []byte) error {
	cells := bytes.Split(line, []byte("|"))
	if len(cells) != 5+smallGenres {
		return fmt.Errorf("has %s, want %d with | between", counted(len(cells), "column"), 5+smallGenres)
	}
	item, err := identifier(cells[0], 1, "item")
	if err != nil {
		return err
	}
	var genres []int32
	for g, flag := range cells[5:] {
		switch string(flag) {
		case "1":
			genres = append(genres, int32(g+1))
		case "0":
		default:
			return fmt.Errorf("column %d (a genre) is %s, want 0 or 1", g+6, quoted(flag))
		}
	}
	a.addItem(item, genres)
	return nil
}

// smallUser reads a line of u.user: id|age|gender|occupation|zip.
func (a *attributes) smallUser(line []byte) error {
	cells := bytes.Split(line, []byte("|"))
	if len(cells) != 5 {
		return fmt.Errorf("has %s, want 5 with | between", counted(len(cells), "column"))
	}
	return a.addUser(cells[0], cells[1], cells[2], cells[3], 2)
}

// millionItem reads a line of movies.dat: id::title::genres, with | between genres.
func (a *attributes) millionItem(line []byte) error {
	cells := bytes.Split(line, []byte("::"))
	if len(cells) < 3 {
		return fmt.Errorf("has %s, want 3 with :: between", counted(len(cells), "column"))
	}
	return a.namedGenres(cells[0], string(cells[len(cells)-1]))
}

// millionUser reads a line of users.dat: id::gender::age::occupation::zip.
func (a *attributes) millionUser(line []byte) error {
	cells := bytes.Split(line, []byte("::"))
	if len(cells) != 5 {
		return fmt.Errorf("has %s, want 5 with :: between", counted(len(cells), "column"))
	}
	return a.addUser(cells[0], cells[2], cells[1], cells[3], 3)
}

// latestItem reads a line of movies.csv: movieId,title,genres under a header.
func (a *attributes) latestItem(line []byte) error {
	if string(line) == "movieId,title,genres" {
		return nil
	}
	cells, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil || len(cells) != 3 {
		return fmt.Errorf("is %s, want movieId,title,genres", quoted(line))
	}
	return a.namedGenres([]byte(cells[0]), cells[2])
}

func (a *attributes) namedGenres(id []byte, list string) error {
	item, err := identifier(id, 1, "item")
	if err != nil {
		return err
	}
	var genres []int32
	for _, name := range strings.Split(list, "|") {
		if g := a.intern("genres", name); name != "" && name != "(no genres listed)" && !slices.Contains(genres, g) {
			genres = append(genres, g)
		}
	}
	a.addItem(item, genres)
	return nil
}
