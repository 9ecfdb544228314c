package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctrlab/internal/store"
)

// A setting is one key of a configuration, dotted, with its value as an experiment file would have it. Short is the value
// too, but of a list of tables their kinds alone.
type setting struct{ Key, Value, Short string }

// settings flattens JSON objects into dotted keys, sorted. Lists stay values.
func settings(text string) []setting {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return flatten("", v)
}

func flatten(key string, v any) []setting {
	table, ok := v.(map[string]any)
	if !ok {
		return []setting{{key, literal(v), kinds(v)}}
	}
	var out []setting
	for _, k := range slices.Sorted(maps.Keys(table)) {
		out = append(out, flatten(strings.TrimPrefix(key+"."+k, "."), table[k])...)
	}
	return out
}

// literal writes a value as TOML would, in one line.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if v == "" {
			return `""`
		}
		return v
	case []any:
		var list []string
		for _, x := range v {
			list = append(list, literal(x))
		}
		return "[" + strings.Join(list, ", ") + "]"
	case map[string]any:
		var list []string
		for _, s := range flatten("", v) {
			list = append(list, s.Key+" = "+s.Value)
		}
		return "{ " + strings.Join(list, ", ") + " }"
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprint(int64(v))
		}
	}
	return fmt.Sprint(v)
}

// kinds names the tables of a list by their kinds, "linear+fm"; any other value is written in full.
func kinds(v any) string {
	list, _ := v.([]any)
	var names []string
	for _, x := range list {
		table, _ := x.(map[string]any)
		kind, ok := table["kind"].(string)
		if !ok {
			return literal(v)
		}
		names = append(names, kind)
	}
	if names == nil {
		return literal(v)
	}
	return strings.Join(names, "+")
}

// split returns the settings that all configurations share, and of each the ones that set it apart.
func split(all [][]setting) (common []setting, own [][]setting) {
	count := map[setting]int{}
	for _, config := range all {
		for _, s := range config {
			count[s]++
		}
	}
	own = make([][]setting, len(all))
	for i := range all {
		for _, s := range all[i] {
			switch {
			case count[s] < len(all):
				own[i] = append(own[i], s)
			case i == 0:
				common = append(common, s)
			}
		}
	}
	return common, own
}

// A source is a data set with its name among those of its experiment and the settings that set it apart.
type source struct {
	name string // empty where the experiment has one data set
	own  []setting
}

// sources tells an experiment's data sets apart, by identity.
func sources(all []store.Dataset) map[string]source {
	out := map[string]source{}
	if len(all) < 2 {
		return out
	}
	var options [][]setting
	for _, d := range all {
		options = append(options, settings(d.Options))
	}
	_, own := split(options)
	namings := []func(i int) string{
		func(i int) string { return line(own[i], func(s setting) string { return s.Short }) },
		func(i int) string { return line(own[i], func(s setting) string { return s.Value }) },
		func(i int) string { return all[i].ID[:min(8, len(all[i].ID))] },
	}
	for _, name := range namings {
		seen := map[string]bool{}
		for i, d := range all {
			out[d.ID] = source{strings.TrimSpace(d.Source + " " + name(i)), own[i]}
			seen[out[d.ID].name] = true
		}
		if len(seen) == len(all) {
			break
		}
	}
	return out
}

// line writes settings as "key=value …" with bare keys; those that go beyond 60 runes are left out.
func line(list []setting, value func(setting) string) string {
	var b strings.Builder
	for _, s := range list {
		if word := s.bare() + "=" + value(s); Width(b.String())+Width(word) <= 60 {
			b.WriteString(" " + word)
		}
	}
	return strings.TrimSpace(b.String())
}

// bare is a setting's key without the tables it is in.
func (s setting) bare() string { return s.Key[strings.LastIndex(s.Key, ".")+1:] }

// without leaves out of a label what its data set's name says: "fm rows=1000" is "fm" where rows=1000 sets the data apart.
func (d source) without(label string) string {
	said := func(word string) bool {
		key, value, ok := strings.Cut(word, "=")
		return ok && slices.ContainsFunc(d.own, func(s setting) bool {
			return s.bare() == key && (s.Value == value || s.Value != s.Short || strings.HasPrefix(s.Value, "["))
		})
	}
	if short := strings.Join(slices.DeleteFunc(words(label), said), " "); short != "" {
		return short
	}
	return label
}

// words splits a label at the spaces outside brackets.
func words(label string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range label {
		switch r {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth--
		case ' ':
			if depth == 0 {
				out = append(out, label[from:i])
				from = i + 1
			}
		}
	}
	return append(out, label[from:])
}

// A schema is what a report tells of a data set's columns; it reads the store's JSON of batch.Schema.
type schema struct {
	Dense  []string
	Sparse []struct {
		Name     string
		Rows     int
		MultiHot bool
	}
	Rating *struct{ Min, Max float64 }
}

// shape says in words what a schema's JSON holds, nothing where it holds no columns.
func shape(text string) string {
	var s schema
	if json.Unmarshal([]byte(text), &s) != nil || len(s.Dense)+len(s.Sparse) == 0 {
		return ""
	}
	rows, bags := 0, 0
	for _, f := range s.Sparse {
		rows += f.Rows
		if f.MultiHot {
			bags++
		}
	}
	out := plural(len(s.Sparse), "field") + " with " + thousands(int64(rows)) + " table rows"
	if bags > 0 {
		out += fmt.Sprintf(" (%d multi-hot)", bags)
	}
	if len(s.Dense) > 0 {
		out += ", " + plural(len(s.Dense), "dense feature")
	}
	if s.Rating != nil {
		out += fmt.Sprintf(", ratings from %v to %v", s.Rating.Min, s.Rating.Max)
	}
	return out
}
