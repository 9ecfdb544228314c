package datasets

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
)

// attributes are what the files of a MovieLens folder say of users and items, as raw values; 0 is unknown.
type attributes struct {
	genres batch.Bags                  // bag 0 is empty
	bag    map[int32]int32             // item → bag of genres; nil if not asked for
	users  map[int32]map[string]int32  // user → attribute → value; likewise
	values map[string]map[string]int32 // attribute → as written → value
}

// attributes reads the files that the features need, and returns the SHA-256 of each.
func (f *ratingFormat) attributes(env Env, dir string, features []string) (a *attributes, sums []string, err error) {
	a = &attributes{values: map[string]map[string]int32{}, genres: batch.Bags{Offsets: []int32{0, 0}}}
	for _, feature := range features {
		name, parse := f.users, f.user
		if feature == "genres" {
			name, parse = f.items, f.item
		}
		switch {
		case name == "":
			return nil, nil, fmt.Errorf("data.features: %s says nothing of %s", f.name, feature)
		case feature == "genres":
			a.bag = map[int32]int32{}
		case a.users != nil:
			continue
		default:
			a.users = map[int32]map[string]int32{}
		}
		file, err := exists(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("data.features: %s comes from %s, which is not beside the ratings in %s", feature, name, dir)
		} else if err != nil {
			return nil, nil, err
		}
		sum, err := eachLine(env, file, func(line []byte) error { return parse(a, line) })
		if err != nil {
			return nil, nil, err
		}
		sums = append(sums, sum)
	}
	return a, sums, nil
}

// eachLine passes the lines of a file on, none of which may be malformed, and returns the SHA-256 of its content.
func eachLine(env Env, file string, parse func(line []byte) error) (sum string, err error) {
	f, err := env.open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	number := 1
	for ; lines.Scan(); number++ {
		if err := parse(lines.Bytes()); err != nil {
			return "", fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("%s:%d: %w", file, number, err)
	}
	content := f.Sum()
	return hex.EncodeToString(content[:]), nil
}

// maxLine bounds lines of attributes and candidates.
const maxLine = 1 << 20

// append writes the values of a feature for a rating: none where an item is not known, and a missing one where a user is not.
func (a *attributes) append(rows *raw.Rows, field int, feature string, user, item int32) {
	if feature != "genres" {
		key := raw.Missing
		if v := a.users[user][feature]; v > 0 {
			key = integerKey(v)
		}
		rows.Keys[field] = append(rows.Keys[field], key)
		return
	}
	bag := a.genres.Bag(int(a.bag[item]))
	for _, v := range bag {
		rows.Keys[field] = append(rows.Keys[field], integerKey(v))
	}
	rows.Bags[field] = append(rows.Bags[field], int32(len(bag)))
}

// lacks is whether the files have no attributes of a user, or of an item, of which they were to have some.
func (a *attributes) lacks(user, item int32) bool {
	_, knowsUser := a.users[user]
	_, knowsItem := a.bag[item]
	return a.users != nil && !knowsUser || a.bag != nil && !knowsItem
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
