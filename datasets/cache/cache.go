// Package cache keeps the rows of a source by column in one file: checksummed, memory-mapped, streamed by training
// without parsing and without holding them in memory.
//
// A Writer makes a file under a temporary name and renames it when it is complete; Open verifies all of one and gives
// a File, whose Batches are what training reads. What is where in a file stands in format.go.
package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"ctrlab/datasets/batch"
)

// Version is that of the format and of the order of rows in Batches: a new one makes other files.
const Version = 1

// Meta is what a file says about itself beside its columns.
type Meta struct {
	Key      string               // SHA-256 (hex) of source content and preprocessing
	Schema   batch.Schema         // of Batches
	Rows     [batch.Splits]int    // of each split
	Digests  [batch.Splits]string // of each split's rows, from their raw values
	BadRows  int
	Warnings []string
	Notes    json.RawMessage // of who prepared it
}

// ErrDamaged is what errors are of files that are not, or no longer, complete caches of this version: make them anew.
var ErrDamaged = errors.New("damaged cache")

// Path returns the name of the file with a key in a folder.
func Path(dir, key string) string { return filepath.Join(dir, key+".ctrlab") }

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
