package train

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"ctrlab/internal/checkpoint"
	"ctrlab/models"
)

// array is a named part of a model's state.
type array struct {
	name  string // with its kind: param, table, or running, which has no gradient and no average
	shape []int
	value []float32
}

// Prefixes of names: of running numbers, and of what a run under way has beside the values.
const (
	runningPrefix = "running/"
	bestPrefix    = "best/"
	averagePrefix = "average/"
)

// arrays are all parts of a model's state in the order of declaration, each once.
func arrays(m *models.Model) (all []array) {
	seen := map[string]bool{}
	add := func(name string, value []float32, shape ...int) {
		if !seen[name] {
			seen[name] = true
			all = append(all, array{name, shape, value})
		}
	}
	for _, p := range m.Params() {
		add("param/"+p.Name, p.Value, p.Shape...)
	}
	for _, t := range m.Tables() {
		add("table/"+t.Name, t.Value, t.Rows, t.D)
	}
	for _, r := range m.Runnings() {
		add(runningPrefix+r.Name, r.Value, r.N)
	}
	return all
}

// digest is the SHA-256 of a state, by name, shape and numbers, and of what it scored on valid and test.
func digest(state []array, metrics map[string]float64) string {
	h := sha256.New()
	for _, a := range state {
		fmt.Fprintln(h, a.name, a.shape)
		h.Write(checkpoint.View(a.value))
	}
	for _, name := range sorted(metrics) {
		if strings.HasPrefix(name, "valid.") || strings.HasPrefix(name, "test.") {
			fmt.Fprintln(h, name, strconv.FormatFloat(metrics[name], 'g', -1, 64))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Load brings into a model the state that a file has of it: the one that was chosen; of a run under way the best on valid so far,
// or where it has none the average of its values, or they themselves.
func Load(m *models.Model, f *checkpoint.File) error {
	for _, a := range arrays(m) {
		name := a.name
		for _, kind := range []string{averagePrefix, bestPrefix} {
			if f.Has(kind + a.name) {
				name = kind + a.name
			}
		}
		if err := f.ReadFloats(name, a.value); err != nil {
			return err
		}
	}
	m.Repack()
	return nil
}
