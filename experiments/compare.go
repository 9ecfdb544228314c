package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
)

// Compare is the [compare] table of an experiment: how its results are to be read. It is no part of a trial.
type Compare struct {
	Margin   map[string]float64 `json:"margin"`             // by metric, up to where differences do not matter; a share of speeds and sizes
	Baseline string             `json:"baseline,omitempty"` // label of the variant that all are compared with; "": each with each
}

// compare reads [compare].
func (d *document) compare(variants []variant) (c Compare, err error) {
	t, err := d.root.Table("compare")
	if t == nil || err != nil {
		return c, err
	}
	var own struct {
		Baseline string `json:"baseline"`
	}
	if err := t.Decode(&own, "margin"); err != nil {
		return c, err
	}
	c.Baseline = own.Baseline
	margins, err := t.Table("margin")
	if err != nil {
		return c, err
	}
	if margins != nil {
		c.Margin = map[string]float64{}
		if err := c.read(margins, ""); err != nil {
			return c, err
		}
	}
	known := func(v variant) bool { return v.Label == c.Baseline || strings.HasPrefix(v.Label, c.Baseline+" ") }
	if c.Baseline != "" && !slices.ContainsFunc(variants, known) {
		return c, t.Errorf("baseline", "is %q, which no variant is called, want one of %s", c.Baseline, list(labelsOf(variants)))
	}
	return c, nil
}

// read takes "train.examples_per_second" = 0.05 and the unquoted key, which TOML nests, alike.
func (c *Compare) read(t *strict.Table, prefix string) error {
	for _, key := range t.InOrder() {
		v, _ := t.Get(key)
		if sub, ok := v.(*strict.Table); ok {
			if err := c.read(sub, prefix+key+"."); err != nil {
				return err
			}
			continue
		}
		name := prefix + key
		if err := judged(name); err != nil {
			return t.Errorf(key, "%w", err)
		}
		var x float64
		if err := t.At(key).Decode(v, &x); err != nil {
			return err
		}
		if !(x > 0) {
			return t.Errorf(key, "is %v, want more than 0", x)
		}
		c.Margin[name] = x
	}
	return nil
}

// judged refuses what is no metric, or none that is better one way.
func judged(name string) error {
	m, ok := metric.Find(name)
	if ok && m.Better != metric.Neither && (m.Kind == metric.Quality || m.Kind == metric.Speed || m.Kind == metric.Size) && !strings.HasPrefix(name, "valid.") {
		return nil
	}
	var names []string
	for _, m := range metric.All {
		names = append(names, m.Name)
	}
	switch near := strict.Nearest(name, names); {
	case ok:
		return fmt.Errorf("is nothing that variants are compared by on test")
	case near != "":
		return fmt.Errorf("is no metric; did you mean %s?", near)
	}
	return fmt.Errorf("is no metric; ctrlab list metrics shows them")
}

func labelsOf(variants []variant) []string {
	seen := map[string]bool{}
	for _, v := range variants {
		seen[v.Label] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// splitBy makes replicas of the data's split an axis.
func (d *document) splitBy(seeds []uint64) error {
	if len(seeds) == 0 {
		return nil
	}
	a := axis{key: "data.split_seed", at: d.root.At("split_seeds")}
	for _, s := range seeds {
		a.values = append(a.values, int64(s))
	}
	if slices.ContainsFunc(d.axes, func(b axis) bool { return b.key == a.key }) {
		return a.at.Errorf("and data.split_seed in the matrix say the same; want one of them")
	}
	return d.addAxis(a)
}
