package onnxtest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Case is a file with inputs for it.
type Case struct {
	File   []byte
	Inputs map[string]Tensor
}

// runtime is a program for Python: standard input has a line a case, standard output a line of the outputs by name.
const runtime = `
import json, sys
import numpy, onnxruntime
onnxruntime.set_default_logger_severity(3)
for line in sys.stdin:
    case = json.loads(line)
    session = onnxruntime.InferenceSession(case["file"], providers=["CPUExecutionProvider"])
    feeds = {}
    for port in session.get_inputs():
        t = case["inputs"][port.name]
        kind = numpy.int64 if port.type == "tensor(int64)" else numpy.float32
        feeds[port.name] = numpy.array(t["Data"] or [], dtype=kind).reshape(t["Dims"])
    outputs = session.run(None, feeds)
    names = [o.name for o in session.get_outputs()]
    print(json.dumps({n: {"Dims": list(o.shape), "Data": [float(v) for v in o.reshape(-1)]} for n, o in zip(names, outputs)}), flush=True)
`

// Python returns an interpreter that has some modules: that of the variable CTRLAB_PYTHON, or else python3 on the path. Where
// there is none the test is skipped.
func Python(t testing.TB, modules string) string {
	t.Helper()
	name := os.Getenv("CTRLAB_PYTHON")
	if name == "" {
		name = "python3"
	}
	if out, err := exec.Command(name, "-c", "import "+modules).CombinedOutput(); err != nil {
		t.Skipf("%s does not import %s (%v): %s", name, modules, err, bytes.TrimSpace(out))
	}
	return name
}

// Runtime computes the outputs of all cases with ONNX Runtime, or skips the test where Python does not have it.
func Runtime(t testing.TB, cases []Case) []map[string]Tensor {
	t.Helper()
	python, dir := Python(t, "onnxruntime"), t.TempDir()
	var in, out, complaints bytes.Buffer
	enc := json.NewEncoder(&in)
	for i, c := range cases {
		file := filepath.Join(dir, strconv.Itoa(i)+".onnx")
		if err := os.WriteFile(file, c.File, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(map[string]any{"file": file, "inputs": c.Inputs}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "-c", runtime)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &complaints
	failed := cmd.Run()
	var all []map[string]Tensor
	for dec := json.NewDecoder(&out); dec.More(); {
		var one map[string]Tensor
		if err := dec.Decode(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if failed != nil {
		t.Fatalf("case %d: %v: %s", len(all), failed, &complaints)
	}
	return all
}
