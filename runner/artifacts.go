package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ctrlab/internal/checkpoint"
	"ctrlab/internal/store"
)

// Artifacts returns the folder beside a database in which runs leave files, one folder a trial.
func Artifacts(db string) string { return strings.TrimSuffix(db, filepath.Ext(db)) + ".runs" }

// modelName is the file of a trial's model in the trial's folder.
const modelName = "model.ckpt"

// Header is what checkpoints and model files say of themselves.
type Header struct {
	Trial   string `json:"trial"`   // id
	Dataset string `json:"dataset"` // identity of the data
	Config  string `json:"config"`  // canonical JSON of data, model and train
	Seed    uint64 `json:"seed"`
	Schema  string `json:"schema"` // canonical JSON
	Build   string `json:"build"`  // digest of the executable
	Kernels string `json:"kernels"`
}

// header is that of a trial's files.
func (t *Trial) header(build, kernels string) Header {
	return Header{t.ID, t.Source.Identity(), t.Config, t.Seed, canonical(t.Source.Schema()), build, kernels}
}

// keep makes a file, with its folder.
func keep(path string, h Header, write func(*checkpoint.Writer)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	w, err := checkpoint.Create(path, h)
	if err != nil {
		return err
	}
	write(w)
	return w.Close()
}

// modelOf describes the file of a trial's model, if there is one.
func modelOf(folder, trial string) (a store.Artifact, ok bool) {
	a = store.Artifact{Kind: "model", Path: filepath.Join(trial, modelName)}
	f, err := os.Open(filepath.Join(folder, a.Path))
	if err != nil {
		return a, false
	}
	defer f.Close()
	h := sha256.New()
	if a.Bytes, err = io.Copy(h, f); err != nil {
		return a, false
	}
	a.Digest = hex.EncodeToString(h.Sum(nil))
	return a, true
}
