package trace

import (
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
			r, err := tr.Verify(tolerance)
			if err != nil {
				t.Fatal(err)
			}
			if !r.OK {
				t.Error(r)
			}
		})
	}
}

// A comparison that finds nothing when a number is wrong would be worthless.
func TestVerifyFinds(t *testing.T) {
	src, err := os.ReadFile("testdata/mf_plain.json")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := parse(src)
	if err != nil {
		t.Fatal(err)
	}
	tr.final["embedding.item"].Data[3] += 0.01
	r, err := tr.Verify(2e-4)
	if err != nil {
		t.Fatal(err)
	}
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
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.ReplaceAll(strings.ReplaceAll(string(src), ": ", ":"), ", ", ",")
			changed := strings.Replace(text, c.old, c.new, 1)
			if changed == text {
				t.Fatal("the trace has no " + c.old)
			}
			tr, err := parse([]byte(changed))
			if err == nil {
				_, err = tr.Verify(2e-4)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
