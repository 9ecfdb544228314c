package models

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/internal/strict"
)

// Config is a model chosen and resolved: what a [[model]] table becomes.
type Config struct {
	Name    string // of a preset
	Options any    // of the preset's options type
	Preset  string // of which framework choices were taken; "" for none
}

// Decode reads a [model] table: name, the keys of the preset of that name, and preset, a framework whose choices fill in what is not
// given. known are keys read elsewhere.
func Decode(t *strict.Table, known ...string) (Config, error) {
	f, err := PresetOf(t)
	if err != nil {
		return Config{}, err
	}
	c := Config{}
	if f != nil {
		c.Preset, t = f.Name, t.Clone()
		if err := f.fillModel(t); err != nil {
			return Config{}, err
		}
	}
	find := func(name string) (any, bool) { p, ok := Find(name); return p.Options, ok }
	c.Name, c.Options, err = choose(t, "name", find, presetNames, "model", append(known, "preset"))
	return c, err
}

// Spec puts the model together for a schema.
func (c Config) Spec(schema batch.Schema) (Spec, error) {
	p, ok := Find(c.Name)
	if !ok {
		panic("models: a preset that is not in the table")
	}
	s, err := p.Spec(c.Options, schema)
	if err == nil {
		s.Schema = schema
		err = s.check()
	}
	if err != nil {
		return Spec{}, err
	}
	return s, nil
}

// Uses says whether a key of the options takes part under the values of the others.
func (c Config) Uses(key string) bool {
	o, ok := c.Options.(interface{ Uses(key string) bool })
	return !ok || o.Uses(key)
}

// MarshalJSON gives one object: name, preset where there is one, and the options beside them.
func (c Config) MarshalJSON() ([]byte, error) {
	if c.Preset == "" {
		return named(c.Options, map[string]string{"name": c.Name})
	}
	return named(c.Options, map[string]string{"name": c.Name, "preset": c.Preset})
}

// MarshalJSON gives one object: name, and the options beside it.
func (u Use) MarshalJSON() ([]byte, error) {
	return named(u.Options, map[string]string{"name": u.Name})
}

// DecodeValue takes the name of an interaction, or a table of its name and options.
func (u *Use) DecodeValue(v any, at strict.Place) error {
	switch v := v.(type) {
	case string:
		row, ok := interactions.Find(v)
		if !ok {
			return at.Errorf("%s", unknown("interaction", v, interactionNames()))
		}
		*u = Use{v, row.Options}
		return nil
	case *strict.Table:
		name, options, err := choose(v, "name", func(name string) (any, bool) { r, ok := interactions.Find(name); return r.Options, ok }, interactionNames, "interaction", nil)
		*u = Use{name, options}
		return err
	default:
		return at.Errorf("is neither the name of an interaction nor a table with its name and options")
	}
}

// choose reads a table's name, under key, and the rest of it into a copy of the defaults that find gives for the name.
func choose(t *strict.Table, key string, find func(string) (any, bool), names func() []string, what string, known []string) (string, any, error) {
	v, ok := t.Get(key)
	if !ok {
		return "", nil, t.Errorf(key, "is missing; want the name of %s", article(what))
	}
	name, ok := v.(string)
	if !ok {
		return "", nil, t.Errorf(key, "is not a string; want the name of %s", article(what))
	}
	defaults, ok := find(name)
	if !ok {
		return "", nil, t.Errorf(key, "%s", unknown(what, name, names()))
	}
	options := reflect.New(reflect.TypeOf(defaults))
	options.Elem().Set(reflect.ValueOf(defaults))
	if err := t.Decode(options.Interface(), append([]string{key}, known...)...); err != nil {
		return "", nil, err
	}
	return name, options.Elem().Interface(), nil
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func unknown(what, name string, names []string) string {
	if near := strict.Nearest(name, names); near != "" {
		return fmt.Sprintf("is %q, which is no %s; did you mean %s?", name, what, near)
	}
	return fmt.Sprintf("is %q, which is no %s; there are %q", name, what, names)
}

func presetNames() []string {
	var names []string
	for _, p := range Presets {
		names = append(names, p.Name)
	}
	return names
}

func interactionNames() []string {
	var names []string
	for _, v := range interactions.Table() {
		names = append(names, v.Name)
	}
	return names
}

// named marshals options with names beside them; keys come out sorted.
func named(options any, names map[string]string) ([]byte, error) {
	raw, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	for key, name := range names {
		if all[key], err = json.Marshal(name); err != nil {
			return nil, err
		}
	}
	return json.Marshal(all)
}
