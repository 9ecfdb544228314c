package models

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
	"ctrlab/nn"
)

// Every framework's keys are keys of the model that they stand under, those for all of some model; every model is put together under
// every framework.
func TestFrameworks(t *testing.T) {
	for _, f := range Frameworks {
		for name, text := range f.Model {
			from, err := strict.TOML(f.Name, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range from.Keys() {
				has := false
				for _, p := range Presets {
					has = has || (name == "" || name == p.Name) && strict.HasKey(p.Options, key)
				}
				if !has {
					t.Errorf("%s has %s for %q, which has no such key", f.Name, key, name)
				}
			}
		}
		for _, p := range Presets {
			c, err := decode(t, "name = \""+p.Name+"\"\npreset = \""+f.Name+"\"")
			if err != nil {
				t.Errorf("%s of %s: %v", p.Name, f.Name, err)
				continue
			}
			if _, baseline := baselineParams[p.Name]; !baseline {
				if _, err := c.Spec(ctr); err != nil {
					t.Errorf("%s of %s: %v", p.Name, f.Name, err)
				}
			}
		}
	}
}

func decodeJSON(t *testing.T, text []byte) (Config, error) {
	t.Helper()
	table, err := strict.JSON("again", text)
	if err != nil {
		t.Fatal(err)
	}
	return Decode(table)
}

// What a framework chooses is in the resolved model, with its name; a key that is given wins, in tables key by key.
func TestPresetOfFramework(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"name = \"xdeepfm\"\npreset = \"fuxictr\"", []string{`"preset":"fuxictr"`, `"cin_split_half":false`, `"embedding":{"kind":"normal","scale":0.0001}`, `"kind":"xavier_normal"`}},
		{"name = \"xdeepfm\"\npreset = \"fuxictr\"\ncin_split_half = true\ninit = { embedding = { scale = 0.5 } }", []string{`"cin_split_half":true`, `"embedding":{"kind":"normal","scale":0.5}`}},
		{"name = \"dcn\"\npreset = \"recbole\"", []string{`"cross_init":{"weight":{"kind":"normal","scale":1},"bias":{"kind":"zero","scale":0}}`, `"norm":"batch"`, `"dense":"scale"`}},
		{"name = \"dcn\"\npreset = \"deepctr\"", []string{`"linear":true`, `"dense":"concat"`}},
		{"name = \"xdeepfm\"\npreset = \"deepctr\"", []string{`"cin_activation":"relu"`, `"dense":"deep"`}},
		{"name = \"dlrm\"\nbottom = [8]\npreset = \"fuxictr\"", []string{`"interaction":{"name":"inner_product"}`}},
		{"name = \"lr\"\npreset = \"fuxictr\"", []string{`{"name":"lr","preset":"fuxictr"}`}},
	} {
		config, err := decode(t, c.text)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(config)
		for _, want := range c.want {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s\ncomes to %s, which misses %s", c.text, text, want)
			}
		}
		if !strings.Contains(string(text), "null") { // which no table has
			again, err := decodeJSON(t, text)
			if second, _ := json.Marshal(again); err != nil || string(text) != string(second) {
				t.Errorf("%s reads back as %s (%v)", text, second, err)
			}
		}
	}
	for text, want := range map[string]string{
		"name = \"fm\"\npreset = \"deepctl\"": `m.toml:2: preset is "deepctl", which is no framework; did you mean deepctr?`,
		"name = \"fm\"\npreset = 3":           "m.toml:2: preset is",
	} {
		if _, err := decode(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// cross_init is of the cross network alone.
func TestCrossInit(t *testing.T) {
	c, err := decode(t, "name = \"dcnv2\"\ncross_init = { weight = { kind = \"one\" }, bias = { kind = \"one\", scale = 3 } }")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Spec(ctr)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float32{"interaction.0.weight": 1, "interaction.2.bias": 3, "top.0.bias": 0}
	for _, p := range New(s, 1, 1, 1, 1).Params() {
		if v, ok := want[p.Name]; ok && p.Value[0] != v {
			t.Errorf("%s begins with %g, want %g", p.Name, p.Value[0], v)
		}
		if p.Name == "top.0.weight" && (p.Value[0] == 1 || p.Value[0] == 0) {
			t.Errorf("%s begins with %g", p.Name, p.Value[0])
		}
	}
}

// Whatever the logit ends in, ShiftLogit moves it by as much.
func TestShiftLogit(t *testing.T) {
	for _, text := range []string{`name = "fm"`, `name = "dnn"`, `name = "dcnv2"`, `name = "dcnv3"`, "name = \"finalnet\"\nblocks = 3", `name = "autoint_plus"`, "name = \"dcn\"\nstructure = \"stacked\""} {
		c, err := decode(t, text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Spec(ctr)
		if err != nil {
			t.Fatal(err)
		}
		b := &batch.Batch{N: 1, Dense: []float32{1, 2, -1}, Sparse: make([]batch.Bags, len(ctr.Sparse))}
		for f := range b.Sparse {
			b.Sparse[f].IDs = []int32{int32(f)}
		}
		m := Infer(s, 4, 1, 1)
		before := m.Lanes[0].Forward(&nn.Step{}, b, 0, 1)[0]
		m.ShiftLogit(-2.5)
		if after := m.Lanes[0].Forward(&nn.Step{}, b, 0, 1)[0]; math.Abs(float64(after-before+2.5)) > 1e-5 {
			t.Errorf("%s goes from %g to %g, want 2.5 less", text, before, after)
		}
	}
}
