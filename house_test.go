// Package ctrlab_test holds the rules of the house: which package may import which, and where a line of each kind lives.
package ctrlab_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "ctrlab/"

// rooms is who may import whom of ours. A package belongs to the room with the longest name that its path begins with; it may
// import its own room and those named here, sub-packages included. If a change needs an arrow that is not here, it is in the
// wrong package.
var rooms = map[string][]string{
	"internal/vec":     {},
	"internal/metric":  {},
	"internal/stat":    {},
	"internal/strict":  {},
	"internal/npz":     {},
	"internal/scores":  {},
	"datasets/batch":   {},
	"datasets/order":   {},
	"datasets/cache":   {"datasets/batch", "datasets/order"},
	"datasets/raw":     {"datasets/batch"},
	"datasets/text":    {"datasets/raw"},
	"datasets/parquet": {},
	"datasets/export":  {"datasets/batch"},

	"datasets/prepare": {"datasets/batch", "datasets/cache", "datasets/order", "datasets/raw", "datasets/text"},

	"nn":           {"internal/vec"},
	"interactions": {"internal/vec", "nn"},
	"embeddings":   {"internal/vec", "nn", "datasets/batch"},
	"datasets":     {"internal/vec", "datasets/batch", "internal/strict"},
	"models":       {"nn", "interactions", "embeddings", "datasets/batch", "internal/strict"},

	"internal/checkpoint": {},
	"internal/train":      {"models", "embeddings", "nn", "datasets/batch", "internal/metric", "internal/vec", "internal/checkpoint"}, // data comes in as an iterator of batches
	"internal/trace":      {"internal/train", "models", "nn", "datasets/batch", "internal/strict"},
	"internal/bench":      {"models", "interactions", "nn", "internal/train", "datasets/batch", "internal/vec", "internal/strict"}, // its configurations are files' tables
	"internal/store":      {"internal/metric"},

	"runner/tune": {"internal/strict"},                                                                           // knows of trials no more than a score on valid
	"experiments": {"datasets", "models", "internal/train", "internal/strict", "internal/metric", "runner/tune"}, // whose options it decodes
	"runner":      {"experiments", "models", "internal/train", "internal/bench", "datasets", "datasets/batch", "internal/store", "internal/metric", "internal/vec", "internal/checkpoint", "internal/scores"},
	"report":      {"internal/store", "internal/stat", "internal/metric", "datasets/batch", "datasets/describe"}, // a report does not train

	// Of stat the verdicts' names alone, since report decides what is real; and nothing imports cmd.
	"cmd": {
		"internal/vec", "internal/metric", "internal/strict", "internal/train", "internal/trace", "internal/bench", "internal/store", "internal/checkpoint", "internal/npz", "internal/scores", "internal/stat",
		"nn", "interactions", "embeddings", "datasets", "models", "experiments", "runner", "report",
	},
}

// lines is which rooms may hold a line of a kind: an import of a package that is not ours or of one below it, a statement, a call.
// Tests are free.
var lines = map[string][]string{
	"import C":                           {"internal/vec"},
	"import database/sql":                {"internal/store"},
	"import github.com/mattn/go-sqlite3": {"internal/store"},
	"import gonum.org/v1/plot":           {"report"},
	"import github.com/klauspost":        {"datasets/text", "datasets", "datasets/parquet", "internal/scores"},
	"import github.com/parquet-go":       {"datasets/parquet"},
	"import github.com/andybalholm":      {"datasets/parquet"},
	"import google.golang.org/protobuf":  {"nn"},
	"import flag":                        {"cmd"},
	"import log":                         {},

	"go statement": {"internal/train", "internal/store", "internal/bench", "runner", "datasets", "datasets/cache", "datasets/prepare", "datasets/text", "cmd"},
	"time.Now":     {"internal/train", "internal/bench", "runner", "datasets/prepare", "cmd"},
	"os.Exit":      {"cmd"},
	"fmt.Print":    {},
	"fmt.Printf":   {},
	"fmt.Println":  {},
	"global rand":  {}, // a generator is explicit, seeded by (seed, name)
}

type pkg struct {
	ImportPath, Dir, room              string
	GoFiles, CgoFiles                  []string
	Imports, TestImports, XTestImports []string
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		if p.room == "" {
			t.Errorf("%s is in no room of the house: give it a row in rooms, with what it may import", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			if to, ours := strings.CutPrefix(path, module); ours && !within(to, rooms[p.room]) && !within(to, []string{p.room}) {
				t.Errorf("%s imports %s; of ours %s may import: %s", p.ImportPath, path, p.room, list(rooms[p.room]))
			}
			checkLine(t, p, "import "+path, p.ImportPath)
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if strings.HasPrefix(path, module+"cmd/") && p.room != "cmd" {
				t.Errorf("the tests of %s import %s; nothing imports cmd", p.ImportPath, path)
			}
		}
	}
}

func TestLines(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if k := kind(n); k != "" {
					checkLine(t, p, k, fmt.Sprintf("%s/%s:%d", p.ImportPath, name, set.Position(n.Pos()).Line))
				}
				return true
			})
		}
	}
}

func checkLine(t *testing.T, p pkg, line, place string) {
	t.Helper()
	for kind, allowed := range lines {
		if within(line, []string{kind}) && !slices.Contains(allowed, p.room) {
			t.Errorf("%s: %s; that lives in: %s", place, line, list(allowed))
		}
	}
}

// kind names what n is as lines does: a go statement, or a call of a function of a package; else it is empty.
func kind(n ast.Node) string {
	if _, ok := n.(*ast.GoStmt); ok {
		return "go statement"
	}
	call, _ := n.(*ast.CallExpr)
	if call == nil {
		return ""
	}
	f, _ := call.Fun.(*ast.SelectorExpr)
	if f == nil {
		return ""
	}
	if f.Sel.Name == "Go" { // of a sync.WaitGroup or the like
		return "go statement"
	}
	of, _ := f.X.(*ast.Ident)
	switch {
	case of == nil:
		return ""
	case of.Name == "rand" && !strings.HasPrefix(f.Sel.Name, "New"):
		return "global rand"
	}
	return of.Name + "." + f.Sel.Name
}

// packages lists the module's packages with the room of each; the root, which has only this test, has none.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,CgoFiles,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		t.Fatalf("go list: %s", exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		path, below := strings.CutPrefix(p.ImportPath, module)
		if !below {
			continue
		}
		for room := range rooms {
			if within(path, []string{room}) && len(room) > len(p.room) {
				p.room = room
			}
		}
		all = append(all, p)
	}
}

// within reports whether path is one of rooms or below one.
func within(path string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
}

func list(rooms []string) string {
	if len(rooms) == 0 {
		return "none"
	}
	return strings.Join(rooms, " ")
}
