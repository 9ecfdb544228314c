package trace

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The traces in testdata were computed in float64 by another framework; dlrm_readme is the worked example that the
// DLRM repository prints, to five digits. Plain float32 reproduces the former within 5e-5.
func TestTraces(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) < 20 {
		t.Fatalf("%d traces in testdata, want all of the models here", len(files))
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			tolerance := 2e-4
			if filepath.Base(f) == "dlrm_readme.json" {
				tolerance = 0.01
			}
			tr, err := Read(f)
			if err != nil {
				t.Fatal(err)
			}
			if r := tr.Verify(tolerance); !r.OK {
				t.Error(r)
			}
			tr.inLanes(3)
			if r := tr.Verify(tolerance); !r.OK {
				t.Errorf("in lanes: %v", r)
			}
		})
	}
}

// inLanes cuts batches into as many shards as lanes, but the last ones of a short batch.
func (t *Trace) inLanes(lanes int) {
	most := 0
	for _, s := range t.steps {
		most = max(most, len(s.Label))
	}
	t.train.BatchSize, t.train.Lanes, t.train.ShardRows = most, lanes, (most+lanes-1)/lanes
}

// A comparison that finds nothing when a number is wrong would be worthless.
func TestVerifyFinds(t *testing.T) {
	src, err := os.ReadFile("testdata/mf_plain.json")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	tr.final["embedding.item"].Data[3] += 0.01
	r := tr.Verify(2e-4)
	if r.OK || r.Worst.What != "final" || r.Worst.Param != "embedding.item" || r.Worst.Index != 3 {
		t.Errorf("got %+v, want the number that was changed", r)
	}
}

func TestRefusals(t *testing.T) {
	src, err := os.ReadFile("testdata/lr.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"no json", `{"format"`, `{format`, "is no trace"},
		{"format", "ctrlab-trace/1", "ctrlab-trace/9", `format is "ctrlab-trace/9"`},
		{"unknown model", `"model":{"name":"lr"`, `"model":{"name":"lrr"`, `is "lrr", which is no model; did you mean lr?`},
		{"missing parameter", `"linear.C1":{`, `"linear.C9":{`, "params misses linear.C1"},
		{"shape", `"linear.dense":{"shape":[3]`, `"linear.dense":{"shape":[3,1]`, "linear.dense in shape [3 1]"},
		{"optimizer", `"optimizer":"sgd"`, `"optimizer":"sgdd"`, "optimizer"},
		{"no optimizer", `"optimizer":"sgd",`, ``, "train misses optimizer"},
		{"a key of training alone", `"optimizer":"sgd"`, `"optimizer":"sgd","batch_size":1`, "batch_size is not a key here"},
		{"no model", `"model":`, `"modell":`, "model is missing"},
		{"null among numbers", `"label":[`, `"label":[null,`, "null stands where a number is wanted"},
		{"a field twice", `"name":"C2"`, `"name":"C1"`, `a field is called "C1"`},
		{"a field too large to build", `"rows":5`, `"rows":1000000000000`, "in shape [5 1] with 5 numbers, want shape [1000000000000 1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.ReplaceAll(strings.ReplaceAll(string(src), ": ", ":"), ", ", ",")
			changed := strings.Replace(text, c.old, c.new, 1)
			if changed == text {
				t.Fatal("the trace has no " + c.old)
			}
			_, err := Parse([]byte(changed))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A model that diverges where the trace does not fails; it is not refused.
func TestDivergence(t *testing.T) {
	src, err := os.ReadFile("testdata/mf_plain.json")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	tr.params["embedding.user"].Data[0] = 1e38
	tr.params["embedding.item"].Data[0] = 1e38
	for i := range tr.params["embedding.item"].Data {
		tr.params["embedding.item"].Data[i] = 1e38
	}
	if r := tr.Verify(2e-4); r.OK || !math.IsInf(r.Loss, 1) {
		t.Errorf("got %v, want a failure by an infinite loss", r)
	}
}

// A bag without ids is a zero vector: mf's output is then exactly its biases.
func TestEmptyBagInMF(t *testing.T) {
	tr, err := Parse([]byte(`{"format": "ctrlab-trace/1", "name": "empty", "model": {"name": "mf", "embedding_dim": 4, "biases": false},
		"train": {"optimizer": "sgd", "learning_rate": 0.1, "loss": "mse"},
		"schema": {"dense": [], "sparse": [{"name": "user", "rows": 1}, {"name": "item", "rows": 1, "multi_hot": true, "pool": "sum"}]},
		"params": {"embedding.user": {"shape": [1, 4], "data": [2.7, -3.1, 1.9, 0.7]}, "embedding.item": {"shape": [1, 4], "data": [1, 2, 3, 4]}},
		"steps": [{"sparse": [[[0], []]], "label": [1], "logit": [0], "loss": 1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if r := tr.Verify(1e-12); !r.OK {
		t.Error(r)
	}
}
