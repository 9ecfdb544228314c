package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"ctrlab/internal/store"
)

func foundRun(run int64, seed uint64, config string, auc float64, digest string) store.Found {
	return store.Found{
		Run: run, State: store.Done, Workers: 2, Digest: digest, Environment: house,
		Trial:   store.Trial{Seed: seed, Config: config, Results: map[string]float64{"test.auc": auc, "params": 10, "train.seconds": 3, "own": 1}},
		Dataset: store.Dataset{ID: strings.Repeat("ab", 32), Source: "synthetic", Schema: schemaJSON, Rows: [3]int{8, 1, 1}},
	}
}

// Two seeds of one variant against one seed of another: what the two sides do not share, and means.
func TestDiff(t *testing.T) {
	a := []store.Found{
		foundRun(1, 1, `{"model":{"name":"fm","embedding_dim":8},"data":{"truth":[{"kind":"fm","strength":1}]}}`, 0.75, "d1"),
		foundRun(2, 2, `{"model":{"name":"fm","embedding_dim":8},"data":{"truth":[{"kind":"fm","strength":1}]}}`, 0.77, "d2"),
	}
	b := []store.Found{foundRun(3, 2, `{"model":{"name":"dnn","embedding_dim":8,"top":[4,2]},"data":{"truth":[{"kind":"fm","strength":2}]}}`, 0.5, "d3")}
	b[0].Dataset.ID, b[0].Environment.Kernels, b[0].Shared = strings.Repeat("cd", 32), "sse2", true
	d := NewDiff(a, b)
	text, err := json.Marshal(d)
	want := `{"a":[1,2],"b":[3],` +
		`"configuration":[{"key":"data.truth[0].strength","a":1,"b":2},{"key":"model.name","a":"fm","b":"dnn"},{"key":"model.top","a":null,"b":[4,2]},{"key":"seed","a":[1,2],"b":2}],` +
		`"data":[{"key":"identity","a":"` + a[0].Dataset.ID + `","b":"` + b[0].Dataset.ID + `"}],` +
		`"machine":[{"key":"kernels","a":"avx2","b":"sse2"},{"key":"shared","a":false,"b":true}],` +
		`"results":[{"a":0.76,"b":0.5,"difference":-0.26,"name":"test.auc"},{"a":3,"b":null,"difference":null,"name":"train.seconds"},` +
		`{"a":10,"b":10,"difference":0,"name":"params"},{"a":1,"b":1,"difference":0,"name":"own"}],"seeds":1,"digest":"different"}`
	if err != nil || string(text) != want {
		t.Errorf("got  %s (%v)\nwant %s", text, err, want)
	}
	words := fmt.Sprint(d.Sections())
	for _, want := range []string{"[data.truth[0].strength 1 2]", "[model.top – [4, 2]]", "[seed [1, 2] 2]", "[identity abababababab cdcdcdcdcdcd]", "[test.auc 0.76 0.5 −0.26]",
		"[train.seconds 3 – –]", "Final states differ, over 1 seed."} {
		if !strings.Contains(words, want) {
			t.Errorf("%s is not in %s", want, words)
		}
	}
}

// What is the same is said so, and bits that nobody kept are not compared.
func TestDiffSame(t *testing.T) {
	a := foundRun(1, 1, `{}`, math.NaN(), "d1")
	for _, c := range []struct {
		b    store.Found
		want string
	}{
		{foundRun(2, 1, `{}`, 1, "d1"), "The configurations are the same. The data are the same. Build and machine are the same. Final states are the same bit for bit, over 1 seed."},
		{foundRun(2, 1, `{}`, 1, ""), "A run has no digest of its final state, so these are not compared."},
		{foundRun(2, 3, `{}`, 1, "d1"), "No seed is on both sides, so final states are not compared."},
	} {
		var said []string
		for _, s := range NewDiff([]store.Found{a}, []store.Found{c.b}).Sections() {
			if s.Table == nil {
				said = append(said, s.Sentence)
			}
		}
		if got := strings.Join(said, " "); !strings.HasSuffix(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
