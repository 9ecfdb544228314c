package runner

import (
	"path/filepath"
	"strings"
)

// Artifacts returns the folder beside a database in which runs leave files, one folder a trial.
func Artifacts(db string) string { return strings.TrimSuffix(db, filepath.Ext(db)) + ".runs" }

// Header is what checkpoints and model files say of themselves.
type Header struct {
	Trial   string `json:"trial"`   // id
	Dataset string `json:"dataset"` // identity of the data
	Config  string `json:"config"`  // canonical JSON of data, model and train
	Seed    uint64 `json:"seed"`
	Schema  string `json:"schema"` // canonical JSON
	Build   string `json:"build"`  // digest of the executable
	Kernels string `json:"kernels"`
	Step    int    `json:"step"` // of training
}

// header is that of a trial's files.
func (t *Trial) header(build, kernels string, step int) Header {
	return Header{t.ID, t.Source.Identity(), t.Config, t.Seed, canonical(t.Source.Schema()), build, kernels, step}
}
