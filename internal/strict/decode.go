package strict

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Decoder is a field type that decodes itself; v is raw, as Table.Get gives it.
type Decoder interface {
	DecodeValue(v any, at Place) error
}

type checker interface{ Check() error }

// Decode fills the struct that into points to, whose values are the defaults, and calls Check on it and on the
// structs embedded in it. Every key must be a field of the struct (its json tag) or in known, what the caller
// reads by itself. Check's error begins with the key at fault: "layers is 0, want at least 1".
func (t *Table) Decode(into any, known ...string) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		panic("strict: Decode wants a pointer to a struct")
	}
	fields := fieldsOf(v.Elem())
	for _, key := range t.InOrder() {
		e := t.keys[key]
		if f, ok := fields[key]; ok {
			if err := decode(e.value, f, e.at); err != nil {
				return err
			}
		} else if !slices.Contains(known, key) {
			return t.unknown(key, fields, known)
		}
	}
	if err := check(v.Elem()); err != nil {
		return t.blame(err, fields)
	}
	return nil
}

// Decode fills what into points to with a raw value: the rest of a Decoder that has looked at the value first.
func (p Place) Decode(v, into any) error { return decode(v, reflect.ValueOf(into).Elem(), p) }

func (t *Table) unknown(key string, fields map[string]reflect.Value, known []string) error {
	all := slices.Clone(known)
	for k := range fields {
		all = append(all, k)
	}
	slices.Sort(all)
	if near := Nearest(key, all); near != "" {
		return t.Errorf(key, "is not a key here; did you mean %s?", near)
	}
	if len(all) == 0 {
		return t.Errorf(key, "is not a key here; there are none")
	}
	return t.Errorf(key, "is not a key here; the keys are %s", strings.Join(all, ", "))
}

// blame puts the place of the key that a Check's error begins with before it.
func (t *Table) blame(err error, fields map[string]reflect.Value) error {
	word, _, _ := strings.Cut(err.Error(), " ")
	first := strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune(".[,:", r) })
	if len(first) == 0 || !fields[first[0]].IsValid() {
		return t.at.Errorf("%w", err)
	}
	at := t.find(word)
	if t.at.key == "" {
		return fmt.Errorf("%s: %w", at.where, err)
	}
	return fmt.Errorf("%s: %s.%w", at.where, t.at.key, err)
}

// find returns the place of the longest part of a key like branch[1].top that is there.
func (t *Table) find(path string) Place {
	head, rest, _ := strings.Cut(path, ".")
	key, i, indexed := cutIndex(head)
	at := t.At(key)
	switch v := t.keys[key].value.(type) {
	case []*Table:
		if indexed && i < len(v) {
			return v[i].find(rest)
		}
	case *Table:
		return v.find(rest)
	}
	return at
}

func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	walk(v.Type(), func(f reflect.StructField, key string) { fields[key] = v.FieldByIndex(f.Index) })
	return fields
}

// Check calls Check of the options that into points to, and of the structs embedded in them, as Decode does.
func Check(into any) error { return check(reflect.ValueOf(into).Elem()) }

// check calls Check of the structs embedded in v, then that of v.
func check(v reflect.Value) error {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous && f.Type.Kind() == reflect.Struct {
			if err := check(v.Field(i)); err != nil {
				return err
			}
		}
	}
	// NewAt, since an embedded struct whose type is not exported gives no Interface of its own.
	if c, ok := reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Interface().(checker); ok {
		return c.Check()
	}
	return nil
}

func decode(v any, into reflect.Value, at Place) error {
	if d, ok := into.Addr().Interface().(Decoder); ok {
		return d.DecodeValue(v, at)
	}
	if v == nil && slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Map, reflect.Slice}, into.Kind()) {
		into.SetZero() // as encoding/json writes one that is nil
		return nil
	}
	switch into.Kind() {
	case reflect.Pointer:
		p := reflect.New(into.Type().Elem())
		if !into.IsNil() {
			p.Elem().Set(into.Elem())
		}
		into.Set(p)
		return decode(v, p.Elem(), at)
	case reflect.Struct:
		if t, ok := v.(*Table); ok {
			return t.Decode(into.Addr().Interface())
		}
		return wrong(v, at, "a table")
	case reflect.Map:
		return decodeMap(v, into, at)
	case reflect.Slice, reflect.Array:
		return decodeList(v, into, at)
	default:
		return scalar(v, into, at)
	}
}

func decodeMap(v any, into reflect.Value, at Place) error {
	t, ok := v.(*Table)
	if !ok {
		return wrong(v, at, "a table")
	}
	m := reflect.MakeMap(into.Type())
	for _, key := range t.InOrder() {
		e := reflect.New(into.Type().Elem()).Elem()
		if err := decode(t.keys[key].value, e, t.keys[key].at); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), e)
	}
	into.Set(m)
	return nil
}

func decodeList(v any, into reflect.Value, at Place) error {
	list, ok := v.([]any)
	if ts, is := v.([]*Table); is {
		ok = true
		for _, t := range ts {
			list = append(list, t)
		}
	}
	if !ok {
		return wrong(v, at, "a list")
	}
	out := reflect.New(into.Type()).Elem()
	if into.Kind() == reflect.Slice {
		out.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	} else if len(list) != into.Len() {
		return at.Errorf("has %d elements, want %d", len(list), into.Len())
	}
	for i, raw := range list {
		if err := decode(raw, out.Index(i), elementAt(raw, at.element(i), "")); err != nil {
			return err
		}
	}
	into.Set(out)
	return nil
}

func scalar(v any, into reflect.Value, at Place) error {
	switch into.Kind() {
	case reflect.String:
		if s, ok := v.(string); ok {
			into.SetString(s)
			return nil
		}
		return wrong(v, at, "a string")
	case reflect.Bool:
		if b, ok := v.(bool); ok {
			into.SetBool(b)
			return nil
		}
		return wrong(v, at, "true or false")
	case reflect.Float32, reflect.Float64:
		return float(v, into, at)
	}
	return integer(v, into, at)
}

func float(v any, into reflect.Value, at Place) error {
	var f float64
	switch v := v.(type) {
	case float64:
		f = v
	case int64:
		f = float64(v)
	default:
		return wrong(v, at, "a number")
	}
	if math.IsNaN(f) || math.IsInf(f, 0) || into.OverflowFloat(f) {
		return wrong(v, at, "a finite number")
	}
	into.SetFloat(f)
	return nil
}

func integer(v any, into reflect.Value, at Place) error {
	if f, ok := v.(float64); ok && at.json && f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		v = int64(f)
	}
	n, ok := v.(int64)
	if !ok {
		return wrong(v, at, "an integer")
	}
	switch {
	case into.CanInt():
		if into.OverflowInt(n) {
			return wrong(v, at, fmt.Sprintf("an integer of %d bits", into.Type().Bits()))
		}
		into.SetInt(n)
	case into.CanUint():
		if n < 0 || into.OverflowUint(uint64(n)) {
			return wrong(v, at, fmt.Sprintf("an integer from 0, of %d bits", into.Type().Bits()))
		}
		into.SetUint(uint64(n))
	default:
		panic("strict: an option is of a kind that cannot be decoded")
	}
	return nil
}

func wrong(v any, at Place, want string) error { return at.Errorf("is %s, want %s", describe(v), want) }

// describe names a raw value in an error.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		if len(v) > 40 {
			v = v[:37] + "…"
		}
		return fmt.Sprintf("%q", v)
	case *Table:
		return "a table"
	case []*Table:
		return "a list of tables"
	case []any:
		return "a list"
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if strings.Trim(s, "-0123456789") == "" {
			s += ".0" // it is no integer
		}
		return s
	case int64, bool:
		return fmt.Sprint(v)
	}
	return "a date or time"
}
