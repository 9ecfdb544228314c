// Package strict turns TOML and JSON tables into option structs and forgives nothing.
//
// A Table is a parsed file, or a table inside one, that remembers where each key stands. Table.Decode fills a
// struct whose values are the defaults: a key that is no field, a value of another type, a number out of range
// and what the struct's own Check refuses are errors with file, line, key, what was wanted and the nearest known key.
package strict

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// Table is a table with its place and the places of its keys. Values are raw: string, bool, int64, float64,
// []any, *Table, []*Table (a list that holds tables only), time.Time (TOML's dates) and nil (JSON's null).
type Table struct {
	at   Place
	keys map[string]entry
}

type entry struct {
	value any
	at    Place
}

// Place is where a value stands, and what its key is in full.
type Place struct {
	where string // file:line, file, or the flag that set the value
	key   string // model[1].layers; "" for a whole file
	json  bool   // 3.0 is an integer there
}

// At returns the place of a key that no file has: where is what says so, like "--set model.top=4".
func At(where, key string) Place { return Place{where: where, key: key} }

// Where returns the value's file and line, or the flag that set it.
func (p Place) Where() string { return p.where }

// Errorf returns an error that begins with the place and the key: "exp.toml:12: model[1].layers is 0, want …".
func (p Place) Errorf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	switch {
	case p.where == "" && p.key == "":
		return err
	case p.key == "":
		return fmt.Errorf("%s: %w", p.where, err)
	case p.where == "":
		return fmt.Errorf("%s %w", p.key, err)
	}
	return fmt.Errorf("%s: %s %w", p.where, p.key, err)
}

func (p Place) child(key string) Place {
	p.key = join(p.key, key)
	return p
}

func (p Place) element(i int) Place {
	p.key = elementKey(p.key, i)
	return p
}

// Has says whether the table has a key.
func (t *Table) Has(key string) bool { _, ok := t.keys[key]; return ok }

// Keys returns the table's keys, sorted.
func (t *Table) Keys() []string { return slices.Sorted(maps.Keys(t.keys)) }

// InOrder returns the table's keys by line, so that of several mistakes the first is told.
func (t *Table) InOrder() []string {
	keys := t.Keys()
	slices.SortStableFunc(keys, func(a, b string) int {
		x, y := t.keys[a].at.where, t.keys[b].at.where
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	return keys
}

// Get returns a key's raw value.
func (t *Table) Get(key string) (v any, ok bool) {
	e, ok := t.keys[key]
	return e.value, ok
}

// At returns a key's place; that of the table where it has no such key.
func (t *Table) At(key string) Place {
	if e, ok := t.keys[key]; ok {
		return e.at
	}
	return t.at.child(key)
}

// Errorf returns an error about a key, or with key "" about the table itself.
func (t *Table) Errorf(key, format string, args ...any) error {
	if key == "" {
		return t.at.Errorf(format, args...)
	}
	return t.At(key).Errorf(format, args...)
}

// Table returns the table at a key, nil where the key is absent.
func (t *Table) Table(key string) (*Table, error) {
	v, ok := t.Get(key)
	if !ok {
		return nil, nil
	}
	if sub, ok := v.(*Table); ok {
		return sub, nil
	}
	return nil, t.Errorf(key, "is %s, want a table", describe(v))
}

// Tables returns the list of tables at a key, nil where the key is absent.
func (t *Table) Tables(key string) ([]*Table, error) {
	switch v, ok := t.Get(key); v := v.(type) {
	case []*Table:
		return v, nil
	case []any:
		if len(v) == 0 {
			return []*Table{}, nil
		}
		return nil, t.Errorf(key, "is %s, want a list of tables", describe(v))
	default:
		if !ok {
			return nil, nil
		}
		return nil, t.Errorf(key, "is %s, want a list of tables: [[%s]]", describe(v), quoteKey(key))
	}
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func quoteKey(key string) string {
	if bareKey.MatchString(key) {
		return key
	}
	return strconv.Quote(key)
}

// join and elementKey spell keys in full; the index of lines (lines.go) is keyed by the same spelling.
func join(path, key string) string {
	if path == "" {
		return quoteKey(key)
	}
	return path + "." + quoteKey(key)
}

func elementKey(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
