package runner

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets"
	"ctrlab/experiments"
)

func TestPlan(t *testing.T) {
	p := planOf(t, small)
	if len(p.Sources) != 1 || len(p.Trials) != 4 {
		t.Fatalf("%d sources, %d trials; want 1, 4", len(p.Sources), len(p.Trials))
	}
	lr, again, fm := p.Trials[0], p.Trials[1], p.Trials[2]
	if lr.Variant != again.Variant || lr.Variant == fm.Variant || lr.ID == again.ID || len(lr.ID) != 64 {
		t.Errorf("variants %s, %s, %s; ids %s, %s", lr.Variant, again.Variant, fm.Variant, lr.ID, again.ID)
	}
	// lr: 3 fields of 20 rows and a bias; fm: 4 numbers more a row.
	if lr.Cost.Params != 61 || fm.Cost.Params != 61+240 {
		t.Errorf("parameters %d, %d; want 61, 301", lr.Cost.Params, fm.Cost.Params)
	}
	if again := planOf(t, "# a comment\n"+small); again.Digest != p.Digest || again.Trials[3].ID != p.Trials[3].ID {
		t.Error("a comment changes the plan")
	}
	if other := planOf(t, strings.Replace(small, "small", "other", 1)); other.Digest == p.Digest || other.Trials[3].ID != p.Trials[3].ID {
		t.Error("a name is part of the plan, and of no trial")
	}
}

func TestConfigIsResolved(t *testing.T) {
	var c struct {
		Data, Model, Train map[string]any
	}
	must(t, json.Unmarshal([]byte(planOf(t, small).Trials[2].Config), &c))
	for _, v := range []struct{ got, want any }{
		{c.Data["source"], "synthetic"}, {c.Data["rows"], 3000.0}, {c.Data["seed"], 1.0}, // a default
		{c.Model["name"], "fm"}, {c.Model["embedding_dim"], 4.0},
		{c.Train["optimizer"], "adagrad"}, {c.Train["batch_size"], 128.0},
	} {
		if !reflect.DeepEqual(v.got, v.want) {
			t.Errorf("got %v, want %v", v.got, v.want)
		}
	}
}

// Whatever may change a result makes another trial.
func TestIdentity(t *testing.T) {
	seen := map[string]string{}
	for _, set := range []string{"", "data.rows=3001", "data.seed=2", "train.learning_rate=0.06", "train.epochs=1", "model.embedding_dim=5"} {
		var sets []string
		if set != "" {
			sets = append(sets, set)
		}
		id := planOf(t, small, sets...).Trials[2].ID
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q are one trial", set, other)
		}
		seen[id] = set
	}
}

func TestCanonical(t *testing.T) {
	type inner struct {
		B int     `json:"b"`
		A float64 `json:"a"`
	}
	v := map[string]any{"z": inner{1, 0.1}, "y": []string{"é", "<"}, "x": uint64(1<<64 - 1), "w": 1e21}
	const want = `{"w":1e+21,"x":18446744073709551615,"y":["é","\u003c"],"z":{"a":0.1,"b":1}}`
	if got := canonical(v); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// printf '{"a":1}' | sha256sum
	const sum = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
	if got := digest(map[string]int{"a": 1}); got != sum {
		t.Errorf("got %s, want %s", got, sum)
	}
}

func TestPlanRefuses(t *testing.T) {
	single := strings.NewReplacer("fields = 3", "fields = 1", `kind = "fm"`, `kind = "linear"`, `name = "fm"`, `name = "gmf"`)
	e, err := experiments.Parse("small.toml", []byte(single.Replace(small)), nil)
	must(t, err)
	_, err = NewPlan(t.Context(), datasets.Env{}, e)
	if err == nil || !strings.HasPrefix(err.Error(), "small.toml: gmf: ") {
		t.Error("a model of two fields on data of one:", err)
	}

	e, err = experiments.Parse("small.toml", []byte(small), nil)
	must(t, err)
	e.Trials = append(e.Trials, e.Trials[0])
	_, err = NewPlan(t.Context(), datasets.Env{}, e)
	if err == nil || err.Error() != "small.toml: lr and lr with seed 1 are the same trial" {
		t.Error("a trial twice:", err)
	}
}

// A file that is called otherwise, or packed, is the same data and makes the same trials.
func TestIdentityIsOfContent(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	for i := range 60 {
		fmt.Fprintf(&rows, "%d%s%s\n", i%2, strings.Repeat(fmt.Sprintf("\t%d", i), 13), strings.Repeat(fmt.Sprintf("\t%x", i%7), 26))
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(rows.String()))
	must(t, errors.Join(err, z.Close()))
	var ids []string
	for name, text := range map[string]string{"a.tsv": rows.String(), "b.tsv": rows.String(), "a.tsv.gz": packed.String(), "c.tsv": rows.String() + rows.String()} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o644))
		p := planOf(t, fmt.Sprintf("name = \"x\"\n[data]\nsource = \"criteo\"\npath = %q\n[[model]]\nname = \"lr\"\n", path))
		if name == "c.tsv" {
			defer func(id string) {
				if slices.Contains(ids, id) {
					t.Error("other rows make the same trial")
				}
			}(p.Trials[0].ID)
			continue
		}
		ids = append(ids, p.Trials[0].ID)
	}
	if slices.ContainsFunc(ids, func(id string) bool { return id != ids[0] }) {
		t.Errorf("the same rows in other files make other trials: %v", ids)
	}
}
