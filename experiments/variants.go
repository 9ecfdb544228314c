package experiments

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ctrlab/internal/strict"
	"ctrlab/models"
)

// variant is a trial but for its seed, and where it comes from.
type variant struct {
	Trial
	model  int    // place among the [[model]]s
	axes   []axis // of the matrix that it has, with a value of each
	combo  []cell
	config string // canonical JSON
}

// variants resolves every model with every combination of the axes that it has.
func (d *document) variants(seeds int) ([]variant, error) {
	if n := d.count() * float64(seeds); n > maxTrials {
		return nil, d.root.Errorf("matrix", "makes %.0f trials, want at most %d", n, maxTrials)
	}
	var all []variant
	seen := map[string]variant{}
	for i, m := range d.models {
		axes := slices.DeleteFunc(slices.Clone(d.axes), func(a axis) bool { return !a.isFor(m) })
		base := d.label(i)
		for combo := range d.combinations(axes) {
			v, err := d.resolve(i, axes, combo)
			if err != nil {
				return nil, err
			}
			v.Label = strings.Join(append([]string{base}, varying(axes, combo)...), " ")
			if err := d.distinct(v, seen); err != nil {
				return nil, err
			}
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return nil, d.root.Errorf("matrix", "excludes every combination")
	}
	return all, nil
}

// count is the number of variants before excludes; a float, since a matrix can be of any size.
func (d *document) count() float64 {
	sum := 0.0
	for _, m := range d.models {
		n := 1.0
		for _, a := range d.axes {
			if a.isFor(m) {
				n *= float64(len(a.values))
			}
		}
		sum += n
	}
	return sum
}

// resolve decodes the three tables with a combination's values in them.
func (d *document) resolve(model int, axes []axis, combo []cell) (v variant, err error) {
	v.model, v.axes, v.combo = model, axes, slices.Clone(combo)
	tables := map[string]*strict.Table{}
	for _, s := range []string{"data", "train", "model"} {
		tables[s] = d.section(s, model)
	}
	if err := own(tables["train"], tables["model"]); err != nil {
		return v, err
	}
	for i, a := range axes {
		if err := tables[a.section()].Set(a.path(), combo[i].value, a.at.Where()); err != nil {
			return v, err
		}
	}
	if v.Data, err = decodeData(tables["data"]); err != nil {
		return v, err
	}
	if p := rowOf(tables["model"]); p.Loss != "" {
		if err := tables["train"].Set([]string{"loss"}, p.Loss, tables["model"].At("name").Where()); err != nil {
			return v, err
		}
	}
	if v.Train, err = decodeTrain(tables["train"], v.Data); err != nil {
		return v, err
	}
	if v.Model, err = models.Decode(tables["model"], besideModel...); err != nil {
		return v, err
	}
	config, err := json.Marshal(struct{ Data, Train, Model any }{v.Data, v.Train, v.Model})
	v.config = string(config)
	return v, err
}

// own puts the keys of model.train in the place of those of [train].
func own(train, model *strict.Table) error {
	t, err := model.Table("train")
	if t == nil || err != nil {
		return err
	}
	for _, k := range t.InOrder() {
		v, _ := t.Get(k)
		if p := rowOf(model); k == "loss" && p.Loss != "" && v != p.Loss {
			return t.Errorf(k, "is %s, and %s has a loss of its own, %s", show(v), p.Name, p.Loss)
		}
		if err := train.Set([]string{k}, v, t.At(k).Where()); err != nil {
			return err
		}
	}
	return nil
}

// distinct refuses a variant that is another one again, or is called like it; seen has them by both.
func (d *document) distinct(v variant, seen map[string]variant) error {
	at := d.models[v.model]
	if o, ok := seen["config "+v.config]; ok && o.model != v.model {
		return at.Errorf("", "comes out the same as model[%d]: %q and %q are one configuration", o.model, o.Label, v.Label)
	} else if ok {
		return at.Errorf("", "comes out the same for two values of the matrix: %q and %q are one configuration", o.Label, v.Label)
	}
	if _, ok := seen["label "+v.Label]; ok {
		return at.Errorf("label", "is %q, which another variant is called too; give it one of its own", v.Label)
	}
	seen["config "+v.config], seen["label "+v.Label] = v, v
	return nil
}

// label returns what a model is called: by its label, or by its preset and the keys in which it differs from the
// other models of that preset without a label.
func (d *document) label(model int) string {
	m := d.models[model]
	if v, ok := m.Get("label"); ok {
		s, _ := v.(string)
		return s
	}
	name, _ := m.Get("name")
	words := []string{name.(string)}
	for _, k := range m.InOrder() {
		v, _ := m.Get(k)
		if others := d.others(name, k); slices.ContainsFunc(others, func(w any) bool { return !equal(v, w) }) {
			words = append(words, k+"="+spell(v, others))
		}
	}
	return strings.Join(words, " ")
}

// others returns what a key is in all models of a preset without a label, nil where it is not given.
func (d *document) others(preset any, key string) (values []any) {
	for _, m := range d.models {
		if name, _ := m.Get("name"); name == preset && !m.Has("label") {
			v, _ := m.Get(key)
			values = append(values, v)
		}
	}
	return values
}

// varying spells the values of the axes that have several: by the last part of the key where that says which.
func varying(axes []axis, combo []cell) (words []string) {
	last := func(key string) string { return key[strings.LastIndex(key, ".")+1:] }
	for i, a := range axes {
		if len(a.values) == 1 {
			continue
		}
		key := last(a.key)
		if slices.ContainsFunc(axes, func(b axis) bool { return b.key != a.key && last(b.key) == key }) {
			key = a.key
		}
		words = append(words, fmt.Sprintf("%s=%s", key, spell(combo[i].value, a.values)))
	}
	return words
}
