package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctrlab/internal/checkpoint"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// files are what a run keeps in its trial's folder: its last checkpoints, and when it is done its model.
type files struct {
	folder string // of all artifacts
	header Header
	every  time.Duration
	steps  int
	most   int64        // bytes of a model that is kept
	lease  func() error // an error where the trial has become another's
	tell   func(text string)
	say    func(format string, args ...any) // a line for the log alone
	from   func(step int)                   // is told the step that the run goes on from
	mine   []string                         // checkpoints of this run, or that it went on from, the last first
	model  bool                             // is kept
	left   []store.Artifact
}

const (
	checkpointName = "checkpoint-%d.ckpt" // of a step
	kept           = 2                    // checkpoints
)

// add tells a job where it goes on, and where it keeps what it comes to. The function ends its reading.
func (f *files) add(j *train.Job) (end func()) {
	if j.Spec.Baseline != nil {
		return func() {}
	}
	j.Checkpoint = &train.Checkpoint{Steps: f.steps, Every: f.every, Save: f.save}
	if 4*j.Spec.Cost().Params <= f.most {
		j.Model = f.keepModel
	}
	file := f.last()
	if file == nil {
		return func() {}
	}
	j.Resume = file
	return func() { file.Close() }
}

// last opens the last checkpoint that this build wrote of the trial and that is sound; nil where there is none.
func (f *files) last() *checkpoint.File {
	damaged := false
	for _, step := range f.listed() {
		file, err := f.open(step)
		switch {
		case err == nil:
			f.mine = []string{file.Path()}
			f.tell(fmt.Sprintf("goes on from step %d", step))
			f.from(step)
			return file
		case !errors.Is(err, errForeign):
			f.tell(err.Error())
			damaged = true
		}
	}
	if damaged {
		f.tell("begins anew: no checkpoint is sound")
	}
	return nil
}

var errForeign = errors.New("runner: a checkpoint of another build or trial")

// open refuses what another trial, build or set of kernels wrote, and what is damaged.
func (f *files) open(step int) (*checkpoint.File, error) {
	file, err := checkpoint.Open(f.path(step))
	if err != nil {
		return nil, err
	}
	var h Header
	if err := file.Header(&h); err != nil || h.Trial != f.header.Trial || h.Build != f.header.Build || h.Kernels != f.header.Kernels {
		file.Close()
		return nil, errForeign
	}
	if err := file.Verify(); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (f *files) dir() string { return filepath.Join(f.folder, f.header.Trial) }

func (f *files) path(step int) string {
	return filepath.Join(f.dir(), fmt.Sprintf(checkpointName, step))
}

// stepOf is that of a checkpoint's name; of other files 0.
func stepOf(name string) int {
	number, is := strings.CutPrefix(strings.TrimSuffix(name, ".ckpt"), "checkpoint-")
	if step, err := strconv.Atoi(number); is && err == nil && name == fmt.Sprintf(checkpointName, step) {
		return step
	}
	return 0
}

// listed are the steps of the checkpoints in the folder, the last first.
func (f *files) listed() (steps []int) {
	entries, _ := os.ReadDir(f.dir())
	for _, e := range entries {
		if step := stepOf(e.Name()); step > 0 {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	return steps
}

// save keeps a checkpoint, and of those before it one. Where it cannot, training goes on without.
func (f *files) save(step int, write func(*checkpoint.Writer)) {
	if f.lease() != nil {
		return
	}
	path := f.path(step)
	if err := keep(path, f.header, write); err != nil {
		f.tell(fmt.Sprintf("no checkpoint: %v", err))
		return
	}
	f.mine = slices.DeleteFunc(f.mine, func(p string) bool { return p == path })
	f.mine = slices.Insert(f.mine, 0, path)
	f.mine = f.mine[:min(len(f.mine), kept)]
	f.clear(f.mine...)
}

// keepModel keeps the state of a trial that is done.
func (f *files) keepModel(write func(*checkpoint.Writer)) {
	if f.lease() != nil {
		return
	}
	if err := keep(filepath.Join(f.dir(), modelName), f.header, write); err != nil {
		f.tell(fmt.Sprintf("its model is not kept: %v", err))
		return
	}
	f.model = true
}

// clear removes checkpoints but for some, and what was left half written.
func (f *files) clear(but ...string) {
	entries, _ := os.ReadDir(f.dir())
	for _, e := range entries {
		path := filepath.Join(f.dir(), e.Name())
		if filepath.Ext(path) == checkpoint.Part || stepOf(e.Name()) > 0 && !slices.Contains(but, path) {
			_ = os.Remove(path)
		}
	}
}

// done removes what a trial alone has need of that is not done.
func (f *files) done() {
	f.clear()
	_ = os.Remove(f.dir()) // if it is empty
	_ = os.Remove(f.folder)
}
