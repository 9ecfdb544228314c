package experiments

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Every trial of every experiment comes back from the JSON of its configuration as it was.
func TestResolved(t *testing.T) {
	for _, name := range Files() {
		e, err := Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range e.Trials {
			config, err := json.Marshal(map[string]any{"data": dataJSON(t, want), "model": want.Model, "train": want.Train})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Resolved("trial", string(config), want.Seed, nil)
			got.Label = want.Label
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, %s: %v\n%s\nbecame %+v\nwant   %+v", name, want.Label, err, config, got, want)
			}
		}
	}
}

// dataJSON is the source beside its options.
func dataJSON(t *testing.T, trial Trial) map[string]any {
	m := map[string]any{}
	b, err := json.Marshal(trial.Data.Options)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	m["source"] = trial.Data.Source
	return m
}

func TestResolvedSets(t *testing.T) {
	const config = `{"data": {"source": "synthetic"}, "model": {"name": "fm"}, "train": {"momentum": null}}`
	got, err := Resolved("trial 5", config, 3, []string{"train.epochs=7", "model.embedding_dim=5"})
	if err != nil || got.Train.Epochs != 7 || got.Seed != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, c := range []struct{ config, set, want string }{
		{config, "train.epochs=1,2", "trial 5: --set makes 2 trials of it, want one"},
		{config, "seeds=2", "seeds is not a key here"},
		{config, "model.layers=2", "model.layers"},
		{`{"data": {"source": "synthetic"}, "model": {"name": "fm"}}`, "train.epochs=1", "trial 5: has no train, which"},
		{`{"data": {"source": "synthetic"}, "model": {"name": "fn"}, "train": {}}`, "train.epochs=1", `is "fn", which is no model`},
		{`[]`, "train.epochs=1", "trial 5: is a list"},
	} {
		if _, err := Resolved("trial 5", c.config, 1, []string{c.set}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: %v, want %s", c.config, c.set, err, c.want)
		}
	}
}
