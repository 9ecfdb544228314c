package experiments

import (
	"fmt"

	"ctrlab/internal/strict"
	"ctrlab/models"
)

// Resolved reads the configuration of a trial as a store or a model file has it, JSON {"data", "model", "train"} with nothing
// left to guess, and applies sets, each key=value. name is what errors call it.
func Resolved(name, config string, seed uint64, sets []string) (Trial, error) {
	root, err := strict.JSON(name, []byte(config))
	if err != nil {
		return Trial{}, err
	}
	d := &document{root: root.WithoutNulls()}
	for _, key := range []string{"data", "model", "train"} {
		t, err := d.root.Table(key)
		if err != nil {
			return Trial{}, err
		}
		if t == nil {
			return Trial{}, root.Errorf("", "has no %s, which the configuration of a trial has", key)
		}
		if key == "model" {
			d.models = append(d.models, t)
		}
	}
	if optionsOf(d.models[0]) == nil {
		_, err := models.Decode(d.models[0])
		return Trial{}, err
	}
	for _, s := range sets {
		if err := d.set(s); err != nil {
			return Trial{}, err
		}
	}
	if err := d.root.Decode(&struct{}{}, "data", "model", "train"); err != nil {
		return Trial{}, err
	}
	all, err := d.variants(1)
	if err != nil {
		return Trial{}, err
	}
	if len(all) > 1 {
		return Trial{}, fmt.Errorf("%s: --set makes %d trials of it, want one", name, len(all))
	}
	all[0].Seed = seed
	return all[0].Trial, nil
}
