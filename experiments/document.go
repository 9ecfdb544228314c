package experiments

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ctrlab/datasets"
	"ctrlab/internal/strict"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// document is a file on its way to an Experiment.
type document struct {
	root     *strict.Table
	models   []*strict.Table
	axes     []axis
	excludes [][]cell
}

func newDocument(file string, src []byte) (*document, error) {
	root, err := strict.TOML(file, src)
	if err != nil {
		return nil, err
	}
	d := &document{root: root}
	if d.models, err = root.Tables("model"); err != nil {
		return nil, err
	}
	for _, section := range []string{"data", "train"} {
		if _, err := root.Table(section); err != nil {
			return nil, err
		}
	}
	switch {
	case !root.Has("data"):
		return nil, root.Errorf("", "has no [data] table, which says what to train on")
	case len(d.models) == 0:
		return nil, root.Errorf("", "has no [[model]] table, want one a variant")
	case !root.Has("train"):
		if err := root.Set([]string{"train"}, &strict.Table{}, file); err != nil {
			return nil, err
		}
	}
	for _, m := range d.models {
		if optionsOf(m) == nil {
			_, err := models.Decode(m, besideModel...)
			return nil, err
		}
		if v, ok := m.Get("label"); ok && !printable(v) {
			return nil, m.Errorf("label", "is not a line of text")
		}
	}
	return d, d.readMatrix()
}

// besideModel are keys of [[model]] that are not its preset's.
var besideModel = []string{"label", "train"}

// printable reports whether v is a line of text that nothing in it turns round.
func printable(v any) bool {
	s, ok := v.(string)
	return ok && strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) })
}

// section returns a copy of a table to set keys in; model is the place among the [[model]]s.
func (d *document) section(name string, model int) *strict.Table {
	if name == "model" {
		return d.models[model].Clone()
	}
	t, _ := d.root.Table(name) // newDocument has seen that it is there
	return t.Clone()
}

type head struct {
	Name     string  `json:"name"`
	Question string  `json:"question"`
	Seeds    seeds   `json:"seeds"`
	Splits   seeds   `json:"split_seeds"` // none: the split is as [data] has it
	Match    string  `json:"match"`       // a row of models.Budgets, or none
	Budget   float64 `json:"budget"`      // of it; 0: that of the largest variant
}

// head reads what is neither data, train, model nor matrix.
func (d *document) head(name string) (head, error) {
	h := head{Name: name, Seeds: seeds{1}}
	err := d.root.Decode(&h, "data", "train", "model", "matrix", "tune", "reference", "compare")
	return h, err
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Check refuses a name that would not do for a folder, and budgets that are none.
func (h *head) Check() error {
	if !plainName.MatchString(h.Name) {
		return fmt.Errorf("name is %q, want letters, digits and . _ - that can name a folder", h.Name)
	}
	switch _, known := models.FindBudget(h.Match); {
	case h.Match != "" && !known:
		return fmt.Errorf("match is %q, want params or flops", h.Match)
	case h.Budget != 0 && h.Match == "":
		return fmt.Errorf("budget is %g, and match, which says of what, is missing: params or flops", h.Budget)
	case h.Budget < 0:
		return fmt.Errorf("budget is %g, want more than 0", h.Budget)
	}
	return nil
}

const maxSeeds = 10000

// seeds are 1..n for an integer n, or a list.
type seeds []uint64

// DecodeValue implements strict.Decoder.
func (s *seeds) DecodeValue(v any, at strict.Place) error {
	if n, ok := v.(int64); ok {
		if n < 1 || n > maxSeeds {
			return at.Errorf("is %d, want 1 to %d, or a list of seeds", n, maxSeeds)
		}
		*s = nil
		for i := range n {
			*s = append(*s, uint64(i+1))
		}
		return nil
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 || len(list) > maxSeeds {
		return at.Errorf("is neither a number of seeds nor a list of some")
	}
	var l []uint64
	if err := at.Decode(v, &l); err != nil {
		return err
	}
	for i, x := range l {
		if slices.Contains(l[:i], x) {
			return at.Errorf("has %d twice", x)
		}
	}
	*s = l
	return nil
}

func decodeData(t *strict.Table) (datasets.Config, error) {
	var names []string
	for _, d := range datasets.All {
		names = append(names, d.Name)
	}
	name, err := choice(t, "source", names)
	if err != nil {
		return datasets.Config{}, err
	}
	d, _ := datasets.Find(name)
	o := reflect.New(reflect.TypeOf(d.Defaults))
	o.Elem().Set(reflect.ValueOf(d.Defaults))
	if err := t.Decode(o.Interface(), "source"); err != nil {
		return datasets.Config{}, err
	}
	return datasets.Config{Source: name, Options: o.Elem().Interface()}, nil
}

// decodeTrain reads the training; the data says which loss its labels want, and what to select by.
func decodeTrain(t *strict.Table, data datasets.Config) (train.Options, error) {
	o := train.Defaults()
	o.Loss, o.Select = data.Goal()
	preset, err := models.PresetOf(t)
	if err == nil && preset != nil {
		t = t.Clone()
		err = preset.FillTrain(t)
	}
	if err == nil {
		err = t.Decode(&o)
	}
	return o, err
}

// rowOf returns a [[model]]'s row of models.Presets, zero without one.
func rowOf(model *strict.Table) models.Preset {
	v, _ := model.Get("name")
	name, _ := v.(string)
	p, _ := models.Find(name)
	return p
}

// optionsOf returns the default options of a [[model]]'s preset, nil without one.
func optionsOf(model *strict.Table) any { return rowOf(model).Options }

// choice reads a key that names a row of a table.
func choice(t *strict.Table, key string, names []string) (string, error) {
	v, ok := t.Get(key)
	if !ok {
		return "", t.Errorf("", "has no %s, want one of %s", key, list(names))
	}
	name, ok := v.(string)
	if !ok {
		return "", t.Errorf(key, "is %s, want one of %s", show(v), list(names))
	}
	if slices.Contains(names, name) {
		return name, nil
	}
	if near := strict.Nearest(name, names); near != "" {
		return "", t.Errorf(key, "is %q, which there is not; did you mean %s?", name, near)
	}
	return "", t.Errorf(key, "is %q, want one of %s", name, list(names))
}
