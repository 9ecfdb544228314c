package datasets

import (
	"bytes"
	"context"
	"fmt"

	"ctrlab/datasets/text"
)

// LibFFM are the options of files with lines "label field:index:value …". The fields of a file are numbered from 0; those
// of the options are them in order, and without any they are as many as the first lines have.
type LibFFM struct {
	Files
	Steps
	Fields       FeatureFields `json:"fields,omitempty"`
	IgnoreValues bool          `json:"ignore_values"` // a category is what is there, whatever its value
}

func libffmDefaults() LibFFM { return LibFFM{Files: Files{SplitSeed: 1}} }

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *LibFFM) Check() error {
	if err := o.Fields.check(); err != nil {
		return err
	}
	for i, f := range o.Fields {
		if f.From != nil {
			return fmt.Errorf("fields[%d].from is for libsvm: here a feature says its field", i)
		}
	}
	if err := o.Steps.resolve("none"); err != nil {
		return err
	}
	return o.Files.resolve([]string{"order", "random", "user", "leave-one-out", "k-fold"}, "end")
}

func openLibFFM(ctx context.Context, env Env, o LibFFM) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	return prepared(ctx, env, "libffm", 1, o, &o.Files, &o.Steps, o.detect)
}

const firstLines = 1000

func (o *LibFFM) detect(files []string) (lines, error) {
	fields := o.Fields
	if len(fields) == 0 {
		n, err := countFields(files)
		if err != nil {
			return lines{}, err
		}
		for i := range n {
			fields = append(fields, FeatureField{Name: numbered("f", i)})
		}
	}
	l, all := fields.features()
	return featureLines(l, featureLine{features: all, ignoreValues: o.IgnoreValues, put: (*featureLine).fielded}), nil
}

// countFields counts the fields of files by their first lines.
func countFields(files []string) (n int, err error) {
	for _, file := range files {
		if file == "-" {
			return 0, fmt.Errorf("data.fields is missing, want the names of fields: standard input is read but once")
		}
		first, err := text.First(file, firstLines, text.Limits{})
		if err != nil {
			return 0, err
		}
		for i, line := range first {
			_, rest := token([]byte(line))
			for v, rest := token(rest); v != nil; v, rest = token(rest) {
				field, _, _ := bytes.Cut(v, []byte(":"))
				f, ok := index(field)
				if !ok || f >= maxFields {
					return 0, fmt.Errorf("%s:%d: %s is no feature, want field:index:value with a field below %d", file, i+1, quoted(v), maxFields)
				}
				n = max(n, int(f)+1)
			}
		}
	}
	if n == 0 {
		return 0, fmt.Errorf("%s: its first lines have no feature, want data.fields to say which there are", files[0])
	}
	return n, nil
}
