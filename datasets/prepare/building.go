package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/raw"
)

// Version is that of what is made of rows: a new one makes other keys.
const Version = 1

// errFolder is of a folder of caches that cannot be written to.
var errFolder = errors.New("the folder of caches cannot be written to")

// building is a Job on its way.
type building struct {
	*Job
	folder string  // of the stage
	index  *index  // nil where Dir is empty
	stamps []stamp // of the Inputs
	stage  *stage
	meter  meter

	told    bool                  // that the cache is damaged
	unknown [][batch.Splits]int64 // of each field, counted while it is written
}

func newBuilding(j *Job) (*building, error) {
	if j.Fitted != nil {
		if err := j.checkFitted(); err != nil {
			return nil, err
		}
	}
	for i := range j.Inputs {
		if in := &j.Inputs[i]; in.Path != "" {
			path, err := filepath.Abs(in.Path)
			if err != nil {
				return nil, err
			}
			in.Path = path
		}
	}
	b := &building{Job: j, folder: j.Dir, meter: meter{report: j.Progress}}
	if j.Dir == "" {
		b.folder = os.TempDir()
	} else if err := os.MkdirAll(j.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("%w: %w", errFolder, err)
	} else {
		b.index = &index{j.Dir}
	}
	for _, in := range j.Inputs {
		s, err := stampOf(in.Path)
		if err != nil {
			return nil, err
		}
		b.stamps = append(b.stamps, s)
	}
	return b, nil
}

// build makes the cache in a stage of its own, with the stage's lock.
func (b *building) build(ctx context.Context) (*cache.File, error) {
	dir, err := b.stageFolder()
	if err != nil {
		return nil, err
	}
	if file, err := b.known(); file != nil || err != nil {
		remove(dir) // a process that was killed may have left it
		return file, err
	}
	l, err := acquire(ctx, dir+".lock")
	if err != nil {
		return nil, err
	}
	defer l.release()
	b.sweep(dir)
	if file, err := b.known(); file != nil || err != nil { // made while we waited
		return file, errors.Join(err, os.RemoveAll(dir))
	}
	if b.stage, err = openStage(dir, b.Layout); err != nil {
		return nil, err
	}
	release, err := ceiling(ctx, b.Memory)
	if err != nil {
		return nil, err
	}
	defer release()
	file, err := b.make(ctx)
	if err != nil && ctx.Err() != nil && b.resumable() {
		return nil, err
	}
	return file, errors.Join(err, os.RemoveAll(dir))
}

func (b *building) make(ctx context.Context) (*cache.File, error) {
	if err := b.read(ctx); err != nil {
		return nil, err
	}
	key := b.key(b.stage.sums())
	if file, err := b.open(key); file != nil || err != nil {
		return file, err
	}
	if err := b.assign(); err != nil {
		return nil, err
	}
	if err := b.fit(ctx); err != nil {
		return nil, err
	}
	return b.write(ctx, key)
}

// known opens the cache if the index knows the content of all Inputs, and the cache is there.
func (b *building) known() (*cache.File, error) {
	if b.index == nil {
		return nil, nil
	}
	var sums []string
	for _, in := range b.Inputs {
		sum := b.index.sum(in.Path)
		if sum == "" {
			return nil, nil
		}
		sums = append(sums, sum)
	}
	return b.open(b.key(sums))
}

// open returns nil where there is no cache of the key, or only a damaged one, which is made anew.
func (b *building) open(key string) (*cache.File, error) {
	if b.Dir == "" {
		return nil, nil
	}
	file, err := cache.Open(cache.Path(b.Dir, key), key)
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, cache.ErrDamaged):
		if b.Tell != nil && !b.told {
			b.Tell(fmt.Sprintf("%v; it is made anew", err))
		}
		b.told = true
		return nil, nil
	}
	return nil, fmt.Errorf("opening the cache: %w", err)
}

// recipe is all that decides rows beside the content of files.
func (b *building) recipe() []any {
	list := []any{Version, cache.Version, b.Recipe, b.Layout, b.Dense, b.Fields}
	if b.Fitted != nil {
		list = append(list, b.Fitted.Cache.Meta().Key)
	}
	return list
}

func (b *building) key(sums []string) string { return digest(append(b.recipe(), sums)) }

// stageFolder is the same for the same files and recipe, or a new one where the stage cannot be used again.
func (b *building) stageFolder() (string, error) {
	if !b.resumable() {
		return os.MkdirTemp(b.folder, stagePrefix+"*")
	}
	var paths []string
	for _, in := range b.Inputs {
		paths = append(paths, in.Path)
	}
	return filepath.Join(b.folder, stagePrefix+digest(append(b.recipe(), paths, b.stamps))[:24]), nil
}

func (b *building) resumable() bool {
	return b.Dir != "" && !slices.ContainsFunc(b.Inputs, func(in Input) bool { return in.Path == "" })
}

func digest(v any) string {
	list, err := json.Marshal(v)
	if err != nil {
		panic("prepare: a recipe that is no JSON")
	}
	sum := sha256.Sum256(list)
	return hex.EncodeToString(sum[:])
}

const (
	stagePrefix = "ctrlab-stage-"
	stale       = 7 * 24 * time.Hour
)

// sweep removes stages that nobody came back to.
func (b *building) sweep(own string) {
	list, _ := filepath.Glob(filepath.Join(b.folder, stagePrefix+"*.lock"))
	for _, path := range list {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > stale {
			if dir := strings.TrimSuffix(path, ".lock"); dir != own {
				remove(dir)
			}
		}
	}
}

// remove removes a stage if it is there and nobody works on it.
func remove(dir string) {
	if _, err := os.Stat(dir + ".lock"); err != nil {
		return
	}
	if l, _ := try(dir + ".lock"); l != nil {
		_ = os.RemoveAll(dir)
		l.release()
	}
}

// tableMemory is what one worker's tables may take.
func (b *building) tableMemory() int64 { return b.Memory / 2 / int64(b.Workers) }

// bufferSize is that of a column that is appended to.
func (b *building) bufferSize() int {
	columns := 4 + len(b.Layout.Dense)
	for _, f := range b.Layout.Fields {
		columns++
		if f.MultiHot {
			columns++
		}
		if f.Key == raw.Text {
			columns += 2
		}
	}
	return int(min(max(b.Memory/8/int64(columns), 4<<10), 1<<20))
}
