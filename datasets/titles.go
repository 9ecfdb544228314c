package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"unicode/utf8"
)

// Titles returns what people call the values of a field, by the value as the files write it, where the source's files say so: items of
// MovieLens have the titles of films. Nil where they do not.
func (c Config) Titles(env Env, field string) (map[string]string, error) {
	if o, ok := c.Options.(interface {
		Titles(env Env, field string) (map[string]string, error)
	}); ok {
		return o.Titles(env, field)
	}
	return nil, nil
}

// Titles implements what Config.Titles asks for.
func (o MovieLens) Titles(env Env, field string) (map[string]string, error) {
	files, err := o.expand(movielensIn)
	if err != nil || field != "item" || len(files) == 0 {
		return nil, err
	}
	formats, err := detect(env, files, o.Task == "implicit")
	if err != nil || formats[0].items == "" {
		return nil, err
	}
	file, err := exists(filepath.Join(filepath.Dir(files[0].file), formats[0].items))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	titles := map[string]string{}
	_, err = eachLine(env, file, func(line []byte) error {
		id, title, err := titleIn(line)
		titles[id] = title
		return err
	})
	return titles, err
}

// titleIn is the number and the title in a line of u.item, movies.dat or movies.csv. The older two are in Latin-1.
func titleIn(line []byte) (id, title string, err error) {
	var cells [][]byte
	switch {
	case bytes.Count(line, []byte("|")) >= 5+smallGenres-1:
		cells = bytes.Split(line, []byte("|"))
	case bytes.Contains(line, []byte("::")):
		cells = bytes.Split(line, []byte("::"))
	default:
		words, err := csv.NewReader(bytes.NewReader(line)).Read()
		if err != nil || len(words) < 2 {
			return "", "", fmt.Errorf("is %s, want the number and the title of an item", quoted(line))
		}
		return words[0], words[1], nil
	}
	if title = string(cells[1]); !utf8.ValidString(title) {
		runes := make([]rune, len(cells[1]))
		for i, b := range cells[1] {
			runes[i] = rune(b)
		}
		title = string(runes)
	}
	return string(cells[0]), title, nil
}
