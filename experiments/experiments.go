// Package experiments reads experiment files: what to train, on what data, with which values of a matrix.
//
// Load turns a file into an Experiment, a list of Trials with nothing left to guess. Keys are strict: what a source,
// a preset or the training does not know is an error with its line, and nothing comes of the file. The files beside
// this code are part of the program; Files and Load know them by name.
package experiments

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ctrlab/datasets"
	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// Experiment is a file with its overrides, resolved.
type Experiment struct {
	File      string
	Source    []byte   // the file's content
	Overrides []string // as --set gave them
	Name      string
	Question  string
	Seeds     []uint64
	Match     string             // what every variant is sized to have as much of, a row of models.Budgets; "": they are as the file has them
	Budget    float64            // how much; 0: as the largest has
	Trials    []Trial            // by model, then by the matrix's combinations, then by seed; none where Tuning is to find them
	Tuning    *Tuning            // nil without [tune]
	Reference []metric.Reference // what others published of its variants
}

// Trial is one configuration with its seed.
type Trial struct {
	Label string // the same for all seeds, and for nothing else in the experiment
	Seed  uint64
	Data  datasets.Config
	Train train.Options
	Model models.Config
}

//go:embed *.toml papers/*.toml
var files embed.FS

// Files returns the names of the experiments that are part of the program.
func Files() []string { return append(named("*.toml"), Papers()...) }

// Papers returns the names of those that hold a published claim against what comes out here.
func Papers() []string { return named("papers/*.toml") }

func named(pattern string) []string {
	names, _ := fs.Glob(files, pattern)
	for i, n := range names {
		names[i] = strings.TrimSuffix(path.Base(n), ".toml")
	}
	return names
}

// Load reads an experiment from a file, or by the name of one that is part of the program, and applies sets, each
// key=value or key=value,value…
func Load(file string, sets []string) (*Experiment, error) {
	src, err := os.ReadFile(file)
	if err != nil && !strings.ContainsAny(file, "./\\") { // not there, or a folder of the name
		for _, name := range []string{file + ".toml", "papers/" + file + ".toml"} {
			if own, err := files.ReadFile(name); err == nil {
				return Parse("experiments/"+name, own, sets)
			}
		}
	}
	if bad := (*fs.PathError)(nil); errors.As(err, &bad) {
		if near := strict.Nearest(file, Files()); near != "" {
			return nil, fmt.Errorf("%s: %w; did you mean %s?", file, bad.Err, near)
		}
		return nil, fmt.Errorf("%s: %w; want an experiment file, or one of %s", file, bad.Err, strings.Join(Files(), ", "))
	}
	if err != nil {
		return nil, err
	}
	return Parse(file, src, sets)
}

// Parse is Load with the file's content at hand.
func Parse(file string, src []byte, sets []string) (*Experiment, error) {
	d, err := newDocument(file, src)
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		if err := d.set(s); err != nil {
			return nil, err
		}
	}
	h, err := d.head(strings.TrimSuffix(filepath.Base(file), ".toml"))
	if err != nil {
		return nil, err
	}
	e := &Experiment{File: file, Source: src, Overrides: sets, Name: h.Name, Question: h.Question, Seeds: h.Seeds, Match: h.Match, Budget: h.Budget}
	variants, err := d.variants(len(h.Seeds))
	if err != nil {
		return nil, err
	}
	if e.Reference, err = d.references(variants); err != nil {
		return nil, err
	}
	if e.Tuning, err = d.tuning(variants, h); e.Tuning != nil || err != nil {
		return e, err
	}
	for _, v := range variants {
		for _, seed := range e.Seeds {
			v.Seed = seed
			e.Trials = append(e.Trials, v.Trial)
		}
	}
	return e, nil
}
