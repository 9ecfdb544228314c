package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A module outside registers an interaction and runs an experiment with it. Its go.mod names no more than this one,
// whose sums it takes, so that there is nothing to keep in step.
func TestOutsideModule(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	mod, err := os.ReadFile("testdata/outside/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(tmp, "go.mod"), bytes.ReplaceAll(mod, []byte("../../../.."), []byte(root)))
	write(t, filepath.Join(tmp, "go.sum"), sum)

	program := filepath.Join(tmp, "outside")
	build := exec.Command("go", "build", "-mod=mod", "-modfile="+filepath.Join(tmp, "go.mod"), "-o", program, ".")
	build.Dir = "testdata/outside"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(program, "run", filepath.Join(root, "cmd/cli/testdata/outside/outside.toml"))
	run.Dir = tmp
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, label := range []string{"dlrm interaction=sum", "dlrm interaction=peak"} {
		if !strings.Contains(string(out), label) {
			t.Errorf("no %s in\n%s", label, out)
		}
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
}
