package datasets

import (
	"fmt"
	"slices"

	"ctrlab/datasets/batch"
)

// Roles say what the columns of a table are, by their names.
type Roles struct {
	Label       string        `json:"label"`
	Positive    []string      `json:"positive,omitempty"` // values of label that are 1, all others are 0; without it label is 0 or 1
	Rating      []float32     `json:"rating,omitempty"`   // lowest and highest, where label is a rating
	Dense       []string      `json:"dense,omitempty"`    // * is all columns that no key names, here or in categorical
	Categorical []string      `json:"categorical,omitempty"`
	Multi       []MultiValued `json:"multi,omitempty"`
	Time        string        `json:"time,omitempty"`
}

// MultiValued is a column of which every value is a list.
type MultiValued struct {
	Name      string `json:"name"`
	Separator string `json:"separator,omitempty"` // in text; | where it is not given
	Pool      string `json:"pool,omitempty"`      // sum (the default) or mean
}

func (o *Roles) check() error {
	switch {
	case o.Label == "":
		return fmt.Errorf("label is missing, want the column of the label")
	case o.Rating != nil && o.Positive != nil:
		return fmt.Errorf("rating is of no use with positive, which makes the label 0 or 1")
	case o.Rating != nil && (len(o.Rating) != 2 || !(o.Rating[0] < o.Rating[1])):
		return fmt.Errorf("rating is %v, want the lowest and the highest", o.Rating)
	case len(o.Dense)+len(o.Categorical)+len(o.Multi) == 0:
		return fmt.Errorf("categorical is missing, want columns there, in dense or in multi; [\"*\"] is all others")
	}
	for i, m := range o.Multi {
		if _, err := pool(m.Pool); err != nil {
			return fmt.Errorf("multi[%d].%w", i, err)
		}
	}
	uses := o.uses()
	for i, u := range uses {
		if j := slices.IndexFunc(uses, func(other use) bool { return other.name == u.name }); j < i {
			return fmt.Errorf("%s has %q, which %s has too", u.key, u.name, uses[j].key)
		}
	}
	return nil
}

// splits are the kinds that such a table has, the default first.
func (o *Roles) splits() []string {
	kinds := []string{"order", "random", "user", "leave-one-out", "k-fold"}
	if o.Time != "" {
		kinds = append(kinds, "time")
	}
	return kinds
}

// use is a column that a key names.
type use struct{ key, name string }

func (o *Roles) uses() (all []use) {
	add := func(key string, names ...string) {
		for _, name := range names {
			all = append(all, use{key, name})
		}
	}
	add("label", o.Label)
	add("dense", o.Dense...)
	add("categorical", o.Categorical...)
	for _, m := range o.Multi {
		add("multi", m.Name)
	}
	if o.Time != "" {
		add("time", o.Time)
	}
	return all
}

// all is a list with * replaced by what no key names.
func (o *Roles) all(list, names []string) (all []string) {
	for _, name := range list {
		if name != "*" {
			all = append(all, name)
			continue
		}
		for _, other := range names {
			if !slices.ContainsFunc(o.uses(), func(u use) bool { return u.name == other }) {
				all = append(all, other)
			}
		}
	}
	return all
}

func distinct(key string, names []string) error {
	for i, name := range names {
		switch {
		case name == "":
			return fmt.Errorf("%s has an empty name", key)
		case slices.Contains(names[:i], name):
			return fmt.Errorf("%s has %q twice", key, name)
		}
	}
	return nil
}

func pool(name string) (batch.Pool, error) {
	switch name {
	case "", "sum":
		return batch.Sum, nil
	case "mean":
		return batch.Mean, nil
	}
	return 0, fmt.Errorf("pool is %q, want sum or mean", name)
}
