package datasets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/parquet"
	"ctrlab/datasets/prepare"
	"ctrlab/datasets/raw"
	"ctrlab/internal/strict"
)

// Parquet are the options of tables in Parquet files. Columns are known by their names, nested ones with dots between.
type Parquet struct {
	Files
	Steps
	Roles
}

func parquetDefaults() Parquet { return Parquet{Files: Files{SplitSeed: 1}} }

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *Parquet) Check() error {
	for _, paths := range []Paths{o.Path, o.Train, o.Valid, o.Test} {
		if slices.Contains(paths, "-") {
			return errors.New("source is parquet, which is read from its end: want files, and not standard input")
		}
	}
	if err := o.Roles.check(); err != nil {
		return err
	}
	if err := o.Steps.resolve("standard"); err != nil {
		return err
	}
	return o.Files.resolve(o.Roles.splits(), "end")
}

func openParquet(ctx context.Context, env Env, o Parquet) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	files, err := o.expand(noDirectory)
	if err != nil {
		return nil, err
	}
	plan, err := o.agree(files)
	if err != nil {
		return nil, err
	}
	return build(ctx, env, "parquet", 1, o, &o.Files, &o.Steps, files, plan.layout, func(_ Env, file string) prepare.Input {
		return prepare.Input{Name: file, Path: file, Read: func(ctx context.Context, r prepare.Reading) (string, error) { return o.read(ctx, file, plan, r) }}
	})
}

// parquetPlan is what becomes of a file's columns.
type parquetPlan struct {
	layout raw.Layout
	uses   []parquetUse
	all    []*parquet.Column
}

type parquetUse struct {
	key       string
	role      csvRole
	place     int // among dense columns or fields
	column    *parquet.Column
	separator string // of a list in text
}

// agree plans all files, whose columns in use must be the same.
func (o *Parquet) agree(files []named) (*parquetPlan, error) {
	var first *parquetPlan
	for _, file := range files {
		f, err := parquet.Open(file.file)
		if err != nil {
			return nil, err
		}
		p, err := o.plan(f)
		f.Close()
		switch {
		case err != nil:
			return nil, err
		case first == nil:
			first = p
		default:
			if err := p.same(file.file, first, files[0].file); err != nil {
				return nil, err
			}
		}
	}
	return first, nil
}

func (p *parquetPlan) same(file string, as *parquetPlan, other string) error {
	for i, u := range p.uses {
		if i >= len(as.uses) || as.uses[i].column.Name != u.column.Name {
			return fmt.Errorf("%s: data.%s: * means the column %s too, and not so in %s", file, u.key, u.column.Name, other)
		}
		if its := as.uses[i].column; its.Type != u.column.Type {
			return fmt.Errorf("%s: data.%s: column %s is %s, and in %s it is %s", file, u.key, u.column.Name, u.column.Type, other, its.Type)
		}
	}
	if len(p.uses) < len(as.uses) {
		u := as.uses[len(p.uses)]
		return fmt.Errorf("%s: data.%s: * means the column %s in %s, which is not here", file, u.key, u.column.Name, other)
	}
	return nil
}

// plan gives columns their roles.
func (o *Parquet) plan(f *parquet.File) (*parquetPlan, error) {
	p := &parquetPlan{all: f.Columns()}
	if err := o.assign(p); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return p, nil
}

func (o *Parquet) assign(p *parquetPlan) error {
	var names []string
	for _, c := range p.all {
		names = append(names, c.Name)
	}
	l := &p.layout
	if err := p.take("label", o.Label, csvLabel, 0, o.labelKinds()); err != nil {
		return err
	}
	if o.Rating != nil {
		l.Rating = &batch.Range{Min: o.Rating[0], Max: o.Rating[1]}
	}
	l.Dense = o.all(o.Dense, names)
	for i, name := range l.Dense {
		if err := p.take("dense", name, csvDense, i, numberKinds); err != nil {
			return err
		}
	}
	for i, name := range o.all(o.Categorical, names) {
		if err := p.take("categorical", name, csvCategorical, i, valueKinds); err != nil {
			return err
		}
		l.Fields = append(l.Fields, raw.Field{Name: name, Key: raw.Text})
	}
	for _, m := range o.Multi {
		if err := p.takeMulti(m); err != nil {
			return err
		}
	}
	if o.Time != "" {
		l.Time = true
		return p.take("time", o.Time, csvTime, 0, timeKinds)
	}
	return nil
}

// kindsOf are the kinds of columns that a key may name.
type kindsOf struct {
	want string
	of   []parquet.Kind
}

var (
	numberKinds = kindsOf{"numbers", []parquet.Kind{parquet.Bool, parquet.Int, parquet.Uint, parquet.Float}}
	valueKinds  = kindsOf{"text, numbers or truths", []parquet.Kind{parquet.Text, parquet.Bool, parquet.Int, parquet.Uint, parquet.Float}}
	timeKinds   = kindsOf{"timestamps, dates, whole numbers or text", []parquet.Kind{parquet.Time, parquet.Int, parquet.Text}}
)

func (o *Parquet) labelKinds() kindsOf {
	if o.Positive != nil {
		return valueKinds
	}
	return numberKinds
}

// take gives the column of a name its role.
func (p *parquetPlan) take(key, name string, role csvRole, place int, kinds kindsOf) error {
	c, err := p.find(key, name)
	switch {
	case err != nil:
		return err
	case c.Depth == 0 && slices.Contains(kinds.of, c.Kind):
	case c.Depth == 1 && role == csvCategorical:
		return fmt.Errorf("data.%s: column %s is %s, want one value a row; lists are for multi", key, name, c.Type)
	case key == "label" && c.Depth == 0 && c.Kind == parquet.Text:
		return fmt.Errorf("data.%s: column %s is %s, want %s; or positive, which says what text is 1", key, name, c.Type, kinds.want)
	default:
		return fmt.Errorf("data.%s: column %s is %s, want %s", key, name, c.Type, kinds.want)
	}
	p.uses = append(p.uses, parquetUse{key: key, role: role, place: place, column: c})
	return nil
}

func (p *parquetPlan) takeMulti(m MultiValued) error {
	c, err := p.find("multi", m.Name)
	switch {
	case err != nil:
		return err
	case c.Depth == 1 && m.Separator != "":
		return fmt.Errorf("data.multi: column %s is %s, which needs no separator", m.Name, c.Type)
	case c.Depth == 0 && c.Kind == parquet.Text && m.Separator == "":
		return fmt.Errorf("data.multi: column %s is %s, want a list, or a separator between the values in text", m.Name, c.Type)
	case c.Depth > 1 || c.Depth == 0 && c.Kind != parquet.Text || !slices.Contains(valueKinds.of, c.Kind):
		return fmt.Errorf("data.multi: column %s is %s, want a list of %s", m.Name, c.Type, valueKinds.want)
	}
	p.uses = append(p.uses, parquetUse{"multi", csvMulti, len(p.layout.Fields), c, m.Separator})
	pool, _ := pool(m.Pool)
	p.layout.Fields = append(p.layout.Fields, raw.Field{Name: m.Name, Key: raw.Text, MultiHot: true, Pool: pool})
	return nil
}

func (p *parquetPlan) find(key, name string) (*parquet.Column, error) {
	var found *parquet.Column
	var names []string
	for _, c := range p.all {
		names = append(names, c.Name)
		switch {
		case c.Name != name:
		case found != nil:
			return nil, fmt.Errorf("data.%s: %q is the name of several columns", key, name)
		default:
			found = c
		}
	}
	if near := strict.Nearest(name, names); found == nil && near != "" {
		return nil, fmt.Errorf("data.%s: there is no column %q; did you mean %s?", key, name, near)
	} else if found == nil {
		return nil, fmt.Errorf("data.%s: there is no column %q; columns are %s", key, name, strings.Join(names, ", "))
	}
	return found, nil
}
