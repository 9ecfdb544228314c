package datasets

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"ctrlab/datasets/raw"
	"ctrlab/internal/strict"
)

// FeatureFields say what the features of libsvm and libffm files are: a list of names, or of tables.
type FeatureFields []FeatureField

// FeatureField is a categorical field, or a number.
type FeatureField struct {
	Name     string `json:"name"`
	Count    int    `json:"count,omitempty"` // so many of them, one after the other: name1, name2, …
	Dense    bool   `json:"dense,omitempty"` // the value of the feature is meant, not its index
	MultiHot bool   `json:"multi_hot,omitempty"`
	Pool     string `json:"pool,omitempty"` // sum (the default) or mean, where multi_hot
	From     *int64 `json:"from,omitempty"` // libsvm: the first of its indices, both included
	To       *int64 `json:"to,omitempty"`
}

// DecodeValue accepts a list of names or tables.
func (f *FeatureFields) DecodeValue(v any, at strict.Place) error {
	if names, ok := v.([]any); ok {
		var list FeatureFields
		for _, name := range names {
			s, ok := name.(string)
			if !ok {
				list = nil
				break
			}
			list = append(list, FeatureField{Name: s})
		}
		if list != nil {
			*f = list
			return nil
		}
	}
	var list []FeatureField
	if err := at.Decode(v, &list); err != nil {
		return err
	}
	*f = list
	return nil
}

// MarshalJSON writes names where they are all that is said.
func (f FeatureFields) MarshalJSON() ([]byte, error) {
	var names []string
	for _, field := range f {
		if field != (FeatureField{Name: field.Name}) {
			return json.Marshal([]FeatureField(f))
		}
		names = append(names, field.Name)
	}
	return json.Marshal(names)
}

const maxIndex = 1<<32 - 2 // of a raw.Integer key

// Check refuses what makes no sense.
func (f FeatureField) Check() error {
	switch {
	case f.Name == "":
		return fmt.Errorf("name is missing")
	case f.Count < 0 || f.Count > maxFields:
		return fmt.Errorf("count is %d, want 1 to %d", f.Count, maxFields)
	case f.Dense && f.MultiHot:
		return fmt.Errorf("multi_hot is of no use with dense")
	case f.Pool != "" && !f.MultiHot:
		return fmt.Errorf("pool is for fields with multi_hot")
	case f.From != nil && (*f.From < 0 || *f.From > maxIndex):
		return fmt.Errorf("from is %d, want 0 to %d", *f.From, int64(maxIndex))
	case f.From == nil && f.To != nil:
		return fmt.Errorf("from is missing, where to is given")
	case f.Dense && f.To != nil:
		return fmt.Errorf("to is of no use with dense, which has an index for each column")
	case !f.Dense && f.From != nil && (f.To == nil || *f.To < *f.From || *f.To > maxIndex):
		return fmt.Errorf("to wants a number from %d to %d", *f.From, int64(maxIndex))
	case !f.Dense && f.From != nil && f.Count > 1:
		return fmt.Errorf("count is of no use with from and to, which are of one field")
	}
	_, err := pool(f.Pool)
	return err
}

// lineFeature is a field with its place in the layout and the indices it has.
type lineFeature struct {
	name     string
	dense    bool
	multi    bool
	place    int
	from, to int64
}

// features returns the layout of fields, and each of them.
func (f FeatureFields) features() (l raw.Layout, all []lineFeature) {
	for _, field := range f {
		for i := range max(1, field.Count) {
			one := lineFeature{name: field.Name, dense: field.Dense, multi: field.MultiHot, to: maxIndex}
			if field.Count > 0 {
				one.name += strconv.Itoa(i + 1)
			}
			if field.From != nil {
				one.from = *field.From + int64(i)
				one.to = one.from
			}
			if field.To != nil {
				one.to = *field.To
			}
			if one.dense {
				one.place = len(l.Dense)
				l.Dense = append(l.Dense, one.name)
			} else {
				p, _ := pool(field.Pool)
				one.place = len(l.Fields)
				l.Fields = append(l.Fields, raw.Field{Name: one.name, Key: raw.Integer, MultiHot: one.multi, Pool: p})
			}
			all = append(all, one)
		}
	}
	return l, all
}

func (f FeatureFields) check() error {
	_, all := f.features()
	var names []string
	for _, one := range all {
		names = append(names, one.name)
	}
	if len(names) > maxFields {
		return fmt.Errorf("fields has %d, want at most %d", len(names), maxFields)
	}
	return distinct("fields", names)
}

// byIndex sorts features whose indices must not overlap.
func byIndex(all []lineFeature) ([]lineFeature, error) {
	all = slices.SortedFunc(slices.Values(all), func(a, b lineFeature) int { return cmp.Compare(a.from, b.from) })
	for i := range all[1:] {
		if a, b := all[i], all[i+1]; b.from <= a.to {
			return nil, fmt.Errorf("fields has index %d in %s and in %s", b.from, a.name, b.name)
		}
	}
	return all, nil
}
