package experiments

import (
	"fmt"
	"slices"
	"strings"

	"ctrlab/internal/strict"
)

// show spells a raw value in errors, and in labels: words without quotes, tables by their name or kind.
func show(v any) string { return text(v, true) }

// spell is show, or where that does not tell the value from another one among some, all that it has.
func spell(v any, among []any) string {
	short := text(v, true)
	for _, w := range among {
		if !equal(v, w) && text(w, true) == short {
			return text(v, false)
		}
	}
	return short
}

func text(v any, short bool) string {
	switch v := v.(type) {
	case *strict.Table:
		var words []string
		for _, k := range v.InOrder() {
			e, _ := v.Get(k)
			if short && (k == "name" || k == "kind") {
				return text(e, short)
			}
			words = append(words, k+"="+text(e, short))
		}
		return "{" + strings.Join(words, ",") + "}"
	case []*strict.Table:
		elements := make([]any, len(v))
		for i, t := range v {
			elements[i] = t
		}
		return text(elements, short)
	case []any:
		words := make([]string, len(v))
		for i, e := range v {
			words[i] = text(e, short)
		}
		return "[" + strings.Join(words, ",") + "]"
	}
	return fmt.Sprint(v)
}

// equal says whether two raw values are the same; 8 and 8.0 are.
func equal(a, b any) bool {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(float64); ok {
			return float64(a) == b
		}
	case float64:
		if b, ok := b.(int64); ok {
			return a == float64(b)
		}
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case []*strict.Table:
		b, ok := b.([]*strict.Table)
		return ok && slices.EqualFunc(a, b, func(s, t *strict.Table) bool { return equal(s, t) })
	case *strict.Table:
		b, ok := b.(*strict.Table)
		return ok && slices.Equal(a.Keys(), b.Keys()) && !slices.ContainsFunc(a.Keys(), func(k string) bool {
			x, _ := a.Get(k)
			y, _ := b.Get(k)
			return !equal(x, y)
		})
	case nil:
		return b == nil
	}
	switch b.(type) {
	case []any, []*strict.Table, *strict.Table:
		return false
	}
	return a == b
}

func list(names []string) string { return strings.Join(names, ", ") }
