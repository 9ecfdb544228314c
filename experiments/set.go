package experiments

import (
	"fmt"
	"strings"
	"time"

	"ctrlab/internal/strict"
)

// set applies one --set: key=value, or key=value,value… for the matrix. Values are TOML; a word needs no quotes.
func (d *document) set(arg string) error {
	where := "--set " + arg
	key, text, ok := strings.Cut(arg, "=")
	if key = strings.TrimSpace(key); !ok || key == "" || strings.TrimSpace(text) == "" {
		return fmt.Errorf("%s: want key=value, like model.embedding_dim=16", where)
	}
	if key == "name" || key == "question" || key == "match" {
		return d.root.Set([]string{key}, text, where)
	}
	values, err := parseValues(text)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if path := strings.Split(key, "."); key == "seeds" || key == "split_seeds" || key == "budget" || (path[0] == "tune" || path[0] == "compare") && len(path) > 1 {
		if len(values) > 1 {
			values = []any{values}
		}
		return d.root.Set(path, values[0], where)
	}
	return d.addAxis(axis{key: key, values: values, at: strict.At(where, key)})
}

// parseValues parses values between commas; those within brackets and quotes belong to a value.
func parseValues(text string) (values []any, err error) {
	for _, word := range split(text) {
		v, err := Value(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// Value parses a value of TOML, or a word without quotes.
func Value(word string) (any, error) {
	if word == "" {
		return nil, fmt.Errorf("a value is empty")
	}
	t, err := strict.TOML("", []byte("v = "+word+"\n"))
	if err == nil && len(t.Keys()) == 1 {
		v, _ := t.Get("v")
		if _, ok := v.(time.Time); !ok {
			return v, nil
		}
	} else if strings.ContainsAny(word[:1], `[{"'`) {
		return nil, fmt.Errorf("%s is no TOML value", word)
	}
	return word, nil
}

// split cuts at the commas that stand outside brackets and quotes.
func split(text string) (parts []string) {
	depth, quote, start := 0, rune(0), 0
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			parts, start = append(parts, text[start:i]), i+1
		}
	}
	return append(parts, text[start:])
}
