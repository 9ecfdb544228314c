package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const maxDepth = 1000 // of JSON's brackets

// JSON parses a JSON object; file is what errors call it. A key given twice is an error.
func JSON(file string, src []byte) (*Table, error) {
	r := reader{file: file, dec: json.NewDecoder(bytes.NewReader(src))}
	r.dec.UseNumber()
	for i, c := range src {
		if c == '\n' {
			r.breaks = append(r.breaks, i)
		}
	}
	v, err := r.value(Place{where: file, json: true}, 0)
	if err != nil {
		return nil, err
	}
	t, ok := v.(*Table)
	if !ok {
		return nil, fmt.Errorf("%s: is %s, want a JSON object", file, describe(v))
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: more follows after the JSON object", r.where())
	}
	t.at.where = file
	return t, nil
}

type reader struct {
	file   string
	dec    *json.Decoder
	breaks []int
}

func (r *reader) where() string {
	return fmt.Sprintf("%s:%d", r.file, lineOf(r.breaks, max(int(r.dec.InputOffset())-1, 0)))
}

func (r *reader) token() (json.Token, error) {
	tok, err := r.dec.Token()
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s: the file ends in the middle of its JSON", r.where())
	}
	if bad := (*json.SyntaxError)(nil); errors.As(err, &bad) {
		return nil, fmt.Errorf("%s:%d: %w", r.file, lineOf(r.breaks, int(bad.Offset)), err)
	}
	return tok, err
}

func (r *reader) value(at Place, depth int) (any, error) {
	tok, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: brackets are nested more than %d deep", r.where(), maxDepth)
	}
	at.where = r.where()
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '{' {
			return r.object(at, depth)
		}
		return r.list(at, depth)
	case json.Number:
		return number(tok, at)
	}
	return tok, nil
}

func (r *reader) object(at Place, depth int) (*Table, error) {
	t := &Table{at: at, keys: map[string]entry{}}
	for r.dec.More() {
		tok, err := r.token()
		if err != nil {
			return nil, err
		}
		key := tok.(string)
		at := at.child(key)
		at.where = r.where()
		if t.Has(key) {
			return nil, at.Errorf("is given twice")
		}
		v, err := r.value(at, depth+1)
		if err != nil {
			return nil, err
		}
		t.keys[key] = entry{v, at}
	}
	_, err := r.token()
	return t, err
}

func (r *reader) list(at Place, depth int) (any, error) {
	list := []any{}
	for r.dec.More() {
		v, err := r.value(at.element(len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	if _, err := r.token(); err != nil {
		return nil, err
	}
	return tables(list), nil
}

// number returns an int64 for what is written as an integer and fits, else a float64.
func number(n json.Number, at Place) (any, error) {
	if !strings.ContainsAny(n.String(), ".eE") {
		if i, err := n.Int64(); err == nil {
			return i, nil
		}
	}
	f, err := n.Float64()
	if err != nil {
		return nil, at.Errorf("is %s, want a number that fits 64 bits", n)
	}
	return f, nil
}
