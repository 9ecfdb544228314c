package prepare

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
)

// stage is a folder of columns: as they were read, and as what they became. Its files are
//
//	label, dense0 …, time    as in raw.Rows
//	keys0 …                  of 4 bytes, or 8 where they are Text
//	bags0 …                  lengths of the bags of a multi-hot field
//	names0 …, text0 …        keys that have a text, as often as they were given, and its length; the texts
//	hash                     of each row's values and label
//	split                    of each row
//	ids0 …                   of the fields of the cache
//	bad.tsv                  malformed rows
//	state                    what of all this is complete
type stage struct {
	dir    string
	layout raw.Layout
	state  state
}

// state is the stage's JSON.
type state struct {
	Inputs   []staged
	Bad      int       // rows
	FirstBad string    `json:",omitempty"`
	Assigned *assigned `json:",omitempty"`
	Rows     *rowsNote `json:",omitempty"` // and what follows: fitted so far
	Dense    map[int]DenseNote
	Fields   map[int]FieldNote // of the cache
	Sizes    map[string]int64  // of the files of columns, after the last of Inputs
}

type staged struct {
	Name, Sum string
	Rows      int
}

// assigned counts rows.
type assigned struct {
	Splits  [batch.Splits]int
	Dropped int
}

func openStage(dir string, layout raw.Layout) (*stage, error) {
	s := &stage{dir: dir, layout: layout}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := load(s.path("state"), &s.state); err != nil {
		return nil, fmt.Errorf("%w; remove that folder", err)
	}
	if s.state.Dense == nil {
		s.state.Dense, s.state.Fields = map[int]DenseNote{}, map[int]FieldNote{}
	}
	return s, nil
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

func (s *stage) save() error { return save(s.path("state"), s.state) }

func (s *stage) rows() (n int) {
	for _, in := range s.state.Inputs {
		n += in.Rows
	}
	return n
}

func (s *stage) sums() (sums []string) {
	for _, in := range s.state.Inputs {
		sums = append(sums, in.Sum)
	}
	return sums
}

func numbered(name string, i int) string { return fmt.Sprint(name, i) }

// appender adds rows to the columns of a stage as they are read.
type appender struct {
	*stage
	files             map[string]*writer
	label, hash, time *writer
	dense             []*writer
	keys, bags        []*writer
	names             []names
	bad               *writer

	hashes []uint64
	narrow []uint32
	record []byte
}

func (s *stage) appender(buffer int) (*appender, error) {
	a := &appender{stage: s, files: map[string]*writer{}}
	var failed error
	open := func(name string) *writer {
		w, err := appendTo(s.path(name), s.state.Sizes[name], buffer)
		failed = errors.Join(failed, err)
		if err == nil {
			a.files[name] = w
		}
		return w
	}
	a.label, a.hash, a.bad = open("label"), open("hash"), open("bad.tsv")
	if s.layout.Time {
		a.time = open("time")
	}
	for i := range s.layout.Dense {
		a.dense = append(a.dense, open(numbered("dense", i)))
	}
	a.bags, a.names = make([]*writer, len(s.layout.Fields)), make([]names, len(s.layout.Fields))
	for i, f := range s.layout.Fields {
		a.keys = append(a.keys, open(numbered("keys", i)))
		if f.MultiHot {
			a.bags[i] = open(numbered("bags", i))
		}
		if f.Key == raw.Text {
			a.names[i] = names{open(numbered("names", i)), open(numbered("text", i)), make(recent, 1<<16)}
		}
	}
	if failed != nil {
		return nil, errors.Join(failed, a.close())
	}
	return a, nil
}

func (a *appender) close() error {
	var failed error
	for _, w := range a.files {
		failed = errors.Join(failed, w.f.Close())
	}
	return failed
}

// complete marks that an Input is read to its end.
func (a *appender) complete(in staged, bad int, firstBad string) error {
	sizes := map[string]int64{}
	for name, w := range a.files {
		if err := w.sync(); err != nil {
			return err
		}
		sizes[name] = w.size
	}
	a.state.Inputs = append(a.state.Inputs, in)
	a.state.Sizes, a.state.Bad, a.state.FirstBad = sizes, bad, firstBad
	return a.save()
}

func (a *appender) add(r *raw.Rows) error {
	a.check(r)
	if err := a.addHash(r); err != nil {
		return err
	}
	if err := put(a.label, r.Label); err != nil {
		return err
	}
	if a.time != nil {
		if err := put(a.time, r.Time); err != nil {
			return err
		}
	}
	for i, w := range a.dense {
		if err := put(w, r.Dense[i]); err != nil {
			return err
		}
	}
	for i := range a.keys {
		if err := a.addField(i, r); err != nil {
			return err
		}
	}
	return nil
}

// check panics where a reader made rows that are none: what follows would not notice.
func (a *appender) check(r *raw.Rows) {
	same := len(r.Label) == r.N && (a.time == nil || len(r.Time) == r.N)
	for i := range a.dense {
		same = same && len(r.Dense[i]) == r.N
	}
	for i := range a.keys {
		keys := r.N
		if a.bags[i] != nil {
			keys = 0
			for _, length := range r.Bags[i] {
				keys += int(length)
			}
			same = same && len(r.Bags[i]) == r.N
		}
		same = same && len(r.Keys[i]) == keys
	}
	if !same {
		panic("prepare: columns of rows are not of one length")
	}
}

func (a *appender) addField(i int, r *raw.Rows) error {
	if w := a.bags[i]; w != nil {
		if err := put(w, r.Bags[i]); err != nil {
			return err
		}
	}
	if a.layout.Fields[i].Key == raw.Text {
		return errors.Join(put(a.keys[i], r.Keys[i]), a.addNames(i, r.Names[i]))
	}
	a.narrow = a.narrow[:0]
	high := uint64(0)
	for _, k := range r.Keys[i] {
		high |= k
		a.narrow = append(a.narrow, uint32(k))
	}
	if high > math.MaxUint32 {
		panic("prepare: a key of more than 32 bits")
	}
	return put(a.keys[i], a.narrow)
}
