package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ctrlab/datasets/fetch"
	"ctrlab/internal/strict"
	"ctrlab/report"
)

// fetchFlags are those of data fetch.
type fetchFlags struct {
	out    string
	accept bool
	quiet  bool
}

func dataFetch(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o fetchFlags
	f.StringVar(&o.out, "out", "", "download into `DIR` (data/NAME)")
	f.BoolVar(&o.accept, "accept-terms", false, "download: you have read the owner's terms and agree to them")
	f.BoolVar(&o.quiet, "quiet", false, "no progress")
	return func(ctx context.Context, a *app, args []string) error {
		switch len(args) {
		case 0:
			return listSets(a.stdout)
		case 1:
			return o.run(ctx, a, args[0])
		}
		return usage("data fetch: want one name; data fetch alone lists them")
	}
}

func listSets(w io.Writer) error {
	var rows [][]string
	for _, s := range fetch.Sets {
		rows = append(rows, []string{s.Name, s.About})
	}
	for _, name := range slices.Sorted(maps.Keys(fetch.Elsewhere)) {
		rows = append(rows, []string{name, "not from here: " + fetch.Elsewhere[name]})
	}
	_, err := io.WriteString(w, strings.Join(layout(rows, lineWidth), ""))
	return environment(err)
}

func (o *fetchFlags) run(ctx context.Context, a *app, name string) error {
	s, ok := fetch.Find(name)
	if !ok {
		return unknownSet(name)
	}
	dir := o.out
	if dir == "" {
		dir = filepath.Join("data", s.Name)
	}
	about := []string{s.Name + ": " + s.About, "owner: " + s.Page, "terms: " + s.Terms}
	for _, line := range about {
		fmt.Fprintln(a.stdout, strings.Join(wrap(line, lineWidth), "\n"))
	}
	size, err := s.Size(ctx, http.DefaultClient)
	if err != nil {
		return failedFetch(err)
	}
	amount := "of unknown size"
	if size >= 0 {
		amount = report.Memory(float64(size))
	}
	fmt.Fprintf(a.stdout, "%s, %s, into %s\n", plural(len(s.Files), "file"), amount, dir)
	if !o.accept {
		return usage("data fetch: read the owner's terms, and say --accept-terms to agree to them and download")
	}
	p := &fetching{w: a.stderr, quiet: o.quiet, began: time.Now()}
	sums, err := s.Get(ctx, http.DefaultClient, dir, p.show)
	p.end()
	if err != nil {
		return failedFetch(err)
	}
	for _, file := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(a.stdout, "%s  %s\n", sums[file], filepath.Join(dir, file))
	}
	return nil
}

func unknownSet(name string) error {
	if where, ok := fetch.Elsewhere[name]; ok {
		return usage("data fetch: %s cannot be had from here: %s", name, where)
	}
	var names []string
	for _, s := range fetch.Sets {
		names = append(names, s.Name)
	}
	if near := strict.Nearest(name, names); near != "" {
		return usage("data fetch: there is no %s; did you mean %s?", name, near)
	}
	return usage("data fetch: there is no %s; want one of %s", name, strings.Join(names, ", "))
}

// failedFetch is an error of the network or the disk, unless it is an interruption.
func failedFetch(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return environment(err)
}

// fetching shows how far a download is: a line that changes on a terminal, one now and then in a pipe.
type fetching struct {
	w            io.Writer
	quiet        bool
	began, shown time.Time
	name         string
	from         int64 // what was there when this file began
}

func (p *fetching) show(name string, done, size int64) {
	now := time.Now()
	if name != p.name {
		p.name, p.from, p.began = name, done, now
	}
	every := lineEvery
	if terminal(p.w) {
		every = barEvery
	}
	if p.quiet || now.Sub(p.shown) < every && done != size {
		return
	}
	p.shown = now
	rate := float64(done-p.from) / max(now.Sub(p.began).Seconds(), 1e-3)
	line := fmt.Sprintf("%s: %s", name, report.Memory(float64(done)))
	if size >= 0 {
		line += fmt.Sprintf(" of %s, %s/s, %s left", report.Memory(float64(size)), report.Memory(rate), report.Rough(float64(size-done)/max(rate, 1)))
	}
	if terminal(p.w) {
		fmt.Fprintf(p.w, "\r\x1b[K%.*s", lineWidth, line)
		return
	}
	fmt.Fprintln(p.w, line)
}

func (p *fetching) end() {
	if p.name != "" && !p.quiet {
		clearLine(p.w)
	}
}
