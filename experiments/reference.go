package experiments

import (
	"maps"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
)

// references reads [[reference]]: what others published of the variants. It is no part of a plan.
func (d *document) references(variants []variant) ([]metric.Reference, error) {
	tables, err := d.root.Tables("reference")
	if err != nil {
		return nil, err
	}
	var labels []string
	for _, v := range variants {
		labels = append(labels, v.Label)
	}
	all := []metric.Reference{}
	for _, t := range tables {
		var r metric.Reference
		if err := t.Decode(&r); err != nil {
			return nil, err
		}
		for _, l := range slices.Sorted(maps.Keys(r.Figures)) {
			if err := known(t, "figures", l, labels); err != nil {
				return nil, err
			}
		}
		for _, pair := range r.Above {
			for _, l := range pair {
				if err := known(t, "above", l, labels); err != nil {
					return nil, err
				}
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// known refuses a label that no variant has; what a matrix of data sets adds to labels is left out.
func known(t *strict.Table, key, label string, labels []string) error {
	if slices.ContainsFunc(labels, func(l string) bool { return l == label || strings.HasPrefix(l, label+" ") }) {
		return nil
	}
	if near := strict.Nearest(label, labels); near != "" {
		return t.Errorf(key, "names %q, which no variant is called; did you mean %s?", label, near)
	}
	return t.Errorf(key, "names %q, which no variant is called", label)
}
