package strict

import (
	"regexp"
	"strconv"
)

// Clone returns a copy that shares nothing which Set changes.
func (t *Table) Clone() *Table { return rehome(t, t.at, "").(*Table) }

// Set puts a value at a path, as if where ("--set train.epochs=3", "exp.toml:31") had said so. Tables on the way
// are made; an element of a list is named with its index: truth[1].
func (t *Table) Set(path []string, v any, where string) error {
	key, i, indexed := cutIndex(path[0])
	at := t.at.child(key)
	at.where = where
	if indexed {
		list, _ := t.keys[key].value.([]*Table)
		if i >= len(list) || len(path) == 1 {
			return at.Errorf("has no table [%d] to set a key of", i)
		}
		return list[i].Set(path[1:], v, where)
	}
	if len(path) == 1 {
		t.keys[key] = entry{rehome(v, at, where), at}
		return nil
	}
	sub, ok := t.keys[key].value.(*Table)
	if !ok {
		if t.Has(key) {
			return at.Errorf("is %s, which has no key %s", describe(t.keys[key].value), path[1])
		}
		sub = &Table{at: at, keys: map[string]entry{}}
		t.keys[key] = entry{sub, at}
	}
	return sub.Set(path[1:], v, where)
}

// Fill takes keys that t lacks from another table, those that has admits; of tables that both have likewise what is in them.
func (t *Table) Fill(from *Table, has func(key string) bool) error {
	for _, key := range from.InOrder() {
		e, mine := from.keys[key], t.keys[key]
		if !has(key) {
			continue
		}
		if sub, ok := e.value.(*Table); ok && t.Has(key) {
			if own, ok := mine.value.(*Table); ok {
				if err := own.Fill(sub, func(string) bool { return true }); err != nil {
					return err
				}
			}
			continue
		}
		if t.Has(key) {
			continue
		}
		if err := t.Set([]string{key}, e.value, e.at.where); err != nil {
			return err
		}
	}
	return nil
}

var indexedKey = regexp.MustCompile(`^(.+)\[(\d{1,6})\]$`)

func cutIndex(key string) (name string, i int, ok bool) {
	m := indexedKey.FindStringSubmatch(key)
	if m == nil {
		return key, 0, false
	}
	i, _ = strconv.Atoi(m[2])
	return m[1], i, true
}

// rehome copies a raw value to a place; with where "" its parts keep the lines they have.
func rehome(v any, at Place, where string) any {
	switch v := v.(type) {
	case *Table:
		t := &Table{at: at, keys: make(map[string]entry, len(v.keys))}
		for k, e := range v.keys {
			e.at.key = join(at.key, k)
			if where != "" {
				e.at.where = where
			}
			t.keys[k] = entry{rehome(e.value, e.at, where), e.at}
		}
		return t
	case []*Table:
		list := make([]*Table, len(v))
		for i, e := range v {
			list[i] = rehome(e, elementAt(e, at.element(i), where), where).(*Table)
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = rehome(e, elementAt(e, at.element(i), where), where)
		}
		return list
	}
	return v
}

// elementAt is a list element's new place: a table's own line, unless where moves it.
func elementAt(v any, at Place, where string) Place {
	if t, ok := v.(*Table); ok && where == "" {
		at.where = t.at.where
	}
	return at
}

// WithoutNulls returns a copy that lacks the keys whose value is JSON's null.
func (t *Table) WithoutNulls() *Table {
	t = t.Clone()
	t.dropNulls()
	return t
}

func (t *Table) dropNulls() {
	for key, e := range t.keys {
		switch v := e.value.(type) {
		case nil:
			delete(t.keys, key)
		case *Table:
			v.dropNulls()
		case []*Table:
			for _, e := range v {
				e.dropNulls()
			}
		}
	}
}
