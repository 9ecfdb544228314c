package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/internal/npz"
	"ctrlab/runner"
)

// exportFormat is a way to write a model.
type exportFormat struct {
	name, about string
	of          func(s *runner.Stored) (write func(io.Writer) error, err error)
}

var exportFormats = []exportFormat{
	{"onnx", "the network, to be run by others", asONNX},
	{"npz", "its parameters and tables, for NumPy", asNPZ},
}

func export(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	out := f.String("out", "", "write to `FILE`; - for standard output")
	var words []string
	for _, format := range exportFormats {
		words = append(words, format.name+": "+format.about)
	}
	name := f.String("format", "", "the file's `FORMAT`, or its ending says: "+strings.Join(words, "; "))
	return func(_ context.Context, a *app, names []string) error {
		if len(names) != 1 {
			return usage("export: got %s, want one: see ctrlab help export", plural(len(names), "name"))
		}
		format, err := exportFormatOf(*name, *out)
		if err != nil {
			return err
		}
		path, _, err := modelFile(*db, names[0])
		if err != nil {
			return err
		}
		s, err := runner.OpenStored(path, 1)
		if err != nil {
			return err
		}
		write, err := format.of(s)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return a.writeTo("export", *out, write)
	}
}

func exportFormatOf(name, out string) (exportFormat, error) {
	if out == "" {
		return exportFormat{}, usage("export: want --out FILE, or --out - for standard output")
	}
	ending := strings.TrimPrefix(filepath.Ext(out), ".")
	var names []string
	for _, f := range exportFormats {
		names = append(names, f.name)
	}
	if name != "" && name != ending && slices.Contains(names, ending) {
		return exportFormat{}, usage("export: --format is %s, and --out %s says %s", name, out, ending)
	}
	name = cmp.Or(name, ending)
	if i := slices.Index(names, name); i >= 0 {
		return exportFormats[i], nil
	}
	return exportFormat{}, usage("export: the format is %q, want --format %s", name, strings.Join(names, " or "))
}

func asONNX(s *runner.Stored) (func(io.Writer) error, error) {
	g, err := s.Model.ONNX(s.Output())
	if err != nil {
		return nil, err
	}
	g.Meta["trial"], g.Meta["config"], g.Meta["schema"] = s.Header.Trial, s.Config, s.Header.Schema
	return g.Write, nil
}

func asNPZ(s *runner.Stored) (func(io.Writer) error, error) {
	return func(w io.Writer) error { return writeNPZ(w, s) }, nil
}

func writeNPZ(w io.Writer, s *runner.Stored) error {
	z := npz.NewWriter(w)
	for _, p := range s.Model.Params() {
		z.Floats(p.Name, p.Shape, p.Value)
	}
	for _, t := range s.Model.Tables() {
		z.Floats(t.Name, []int{t.Rows, t.D}, t.Value)
	}
	for _, r := range s.Model.Runnings() {
		z.Floats(r.Name, []int{r.N}, r.Value)
	}
	z.Text("ctrlab.trial", s.Header.Trial)
	z.Text("ctrlab.config", s.Config)
	z.Text("ctrlab.schema", s.Header.Schema)
	return z.Close()
}
