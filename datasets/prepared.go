package datasets

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/prepare"
	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// lines is how the files of a source of lines are read.
type lines struct {
	Layout raw.Layout
	Head   int                // lines before the first row of every file
	Parser func() text.Parser // a new one
}

// prepared opens the cache of a source's files, which it makes where there is none. version is that of the source's
// reading; o is all that decides the rows beside the files' content: the options, resolved, with f and s in them; detect
// tells from the files how to read them.
func prepared(ctx context.Context, env Env, name string, version int, o any, f *Files, s *Steps, detect func(files []string) (lines, error)) (*cached, error) {
	files, err := f.expand(noDirectory)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		names = append(names, file.file)
	}
	l, err := detect(names)
	if err != nil {
		return nil, err
	}
	return build(ctx, env, name, version, o, f, s, files, l.Layout, l.input)
}

// build is prepared with the files listed and known; input reads one of them.
func build(ctx context.Context, env Env, name string, version int, o any, f *Files, s *Steps, files []named, l raw.Layout, input func(Env, string) prepare.Input) (*cached, error) {
	job := prepare.Job{
		Recipe: recipeOf(name, version, o, files), Layout: l, MaxBad: f.MaxBadRows,
		Assign: func(st *prepare.Staged) (iter.Seq[batch.Split], error) { return f.assignment(st, files, l) },
		Dir:    env.Cache, Memory: env.memory(), Workers: env.Workers, Progress: env.Progress, Tell: env.Tell,
	}
	for _, file := range files {
		job.Inputs = append(job.Inputs, input(env, file.file))
	}
	for range l.Dense {
		job.Dense = append(job.Dense, s.dense())
	}
	for range l.Fields {
		job.Fields = append(job.Fields, s.field())
	}
	done, err := env.fit(&job)
	if err != nil {
		return nil, err
	}
	file, err := prepare.Build(ctx, job)
	if err = errors.Join(err, done()); err != nil {
		return nil, err
	}
	c, err := newCached(file, env.Cache, files, s)
	if err == nil {
		c.warnEmpty(f)
	}
	return c, err
}

// recipeOf is canonical JSON of what decides the rows beside the files' content. Where the files lie does not.
func recipeOf(name string, version int, o any, files []named) string {
	var roles []batch.Split
	for _, f := range files {
		roles = append(roles, f.split)
	}
	var keys map[string]json.RawMessage
	b, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(b, &keys)
	}
	for _, key := range []string{"path", "train", "valid", "test", "recipe"} {
		delete(keys, key)
	}
	if err == nil {
		b, err = json.Marshal([]any{name, version, keys, roles})
	}
	if err != nil {
		panic("datasets: options that are no JSON")
	}
	return string(b)
}

// input reads a file of lines.
func (l lines) input(env Env, file string) prepare.Input {
	in := prepare.Input{Name: file, Path: file}
	if file == "-" {
		in = prepare.Input{Name: "standard input"}
	}
	in.Read = func(ctx context.Context, r prepare.Reading) (string, error) {
		f, err := env.open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		err = text.Read(ctx, f, l.Head, l.Layout, l.Parser, r.Workers, r.Bad, func(rows *raw.Rows) error { return r.Emit(rows, f.Done()) })
		if err != nil {
			return "", err
		}
		sum := f.Sum()
		return hex.EncodeToString(sum[:]), nil
	}
	return in
}

// assignment gives every staged row its split.
func (f *Files) assignment(st *prepare.Staged, files []named, l raw.Layout) (iter.Seq[batch.Split], error) {
	var counts [batch.Splits]int
	for i, n := range st.Inputs() {
		counts[files[i].split] += n
	}
	var r rowsToSplit
	if l.Time {
		r.times = st.Times()
	}
	if f.Split != nil && f.Split.User != "" {
		i := slices.IndexFunc(l.Fields, func(x raw.Field) bool { return x.Name == f.Split.User && !x.MultiHot })
		if i < 0 {
			return nil, fmt.Errorf("data.split.user is %q, want a field of one value a row: %s", f.Split.User, singles(l))
		}
		r.users = st.Keys(i)
	}
	return f.splits(counts, r), nil
}

func singles(l raw.Layout) string {
	var names []string
	for _, f := range l.Fields {
		if !f.MultiHot {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

// dense and field are the steps as prepare has them.
func (s *Steps) dense() prepare.DenseStep {
	d := prepare.DenseStep{Kind: prepare.DenseKind(s.DenseStep), Buckets: s.Buckets, All: s.Fit == "all"}
	if d.Kind == prepare.Log2 {
		d.Field = s.field()
		d.Field.HashRows = 0 // buckets are few
	}
	return d
}

func (s *Steps) field() prepare.FieldStep {
	return prepare.FieldStep{MinCount: *s.MinCount, Most: s.MaxRows, HashRows: s.HashRows, All: s.Fit == "all"}
}

// cached is the Source over a cache.
type cached struct {
	*cache.File
	notes prepare.Notes
	about About
}

func newCached(file *cache.File, dir string, files []named, s *Steps) (*cached, error) {
	m := file.Meta()
	notes, err := prepare.NotesOf(m)
	if err != nil {
		return nil, err
	}
	c := &cached{file, notes, About{BadRows: m.BadRows, Warnings: m.Warnings, Digests: m.Digests}}
	if dir != "" {
		c.about.Cache = cache.Path(dir, m.Key)
	}
	c.warnBad()
	c.warnCopies(files)
	c.warnRepeats()
	c.warnUnseen(s)
	c.warnCollisions()
	c.warnOrder()
	return c, nil
}

func (c *cached) Identity() string { return c.Meta().Key }
func (c *cached) About() About     { return c.about }

func (c *cached) warn(format string, args ...any) {
	c.about.Warnings = append(c.about.Warnings, fmt.Sprintf(format, args...))
}
