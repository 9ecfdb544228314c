package strict

import (
	"errors"
	"fmt"

	"github.com/BurntSushi/toml"
)

// TOML parses a TOML document; file is what errors call it.
func TOML(file string, src []byte) (*Table, error) {
	var raw map[string]any
	if _, err := toml.Decode(string(src), &raw); err != nil {
		var bad toml.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%s:%d: %s", file, bad.Position.Line, bad.Message)
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p := places{file, index(src)}
	return p.table(raw, Place{where: file}), nil
}

// places gives what a parser returned the places of its parts.
type places struct {
	file  string
	lines map[string]int
}

func (p places) at(parent, here Place) Place {
	here.where = parent.where
	if n, ok := p.lines[here.key]; ok {
		here.where = fmt.Sprintf("%s:%d", p.file, n)
	}
	return here
}

func (p places) table(raw map[string]any, at Place) *Table {
	t := &Table{at: at, keys: make(map[string]entry, len(raw))}
	for k, v := range raw {
		at := p.at(t.at, t.at.child(k))
		t.keys[k] = entry{p.value(v, at), at}
	}
	return t
}

func (p places) value(v any, at Place) any {
	switch v := v.(type) {
	case map[string]any:
		return p.table(v, at)
	case []map[string]any:
		list := make([]*Table, len(v))
		for i, raw := range v {
			list[i] = p.table(raw, p.at(at, at.element(i)))
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, raw := range v {
			list[i] = p.value(raw, p.at(at, at.element(i)))
		}
		return tables(list)
	}
	return v
}

// tables returns a list that holds tables only as []*Table, any other as it is.
func tables(list []any) any {
	out := make([]*Table, len(list))
	for i, v := range list {
		t, ok := v.(*Table)
		if !ok {
			return list
		}
		out[i] = t
	}
	if len(out) == 0 {
		return list
	}
	return out
}
