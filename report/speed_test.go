package report

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ctrlab/internal/store"
)

// measured gives a fixture's trials the results that the figures of speed need.
func measured(r *store.Report, tables float64) *store.Report {
	for i := range r.Trials {
		x := r.Trials[i].Results
		if x == nil {
			continue
		}
		for name, v := range map[string]float64{
			"roof.flops": 190e9, "roof.bytes": 31e9, "roof.rows": 47e6, "params.tables": tables, "flops": 1e4, "bytes": 900,
			"train.seconds": 4, "time.read": 1, "time.forward": 1, "time.backward": 2, "time.update": 1,
		} {
			x[name] = v
		}
	}
	return r
}

// What has no phases, as a model without gradients, has no bar: its shares are of nothing.
func TestPhasesOfNothing(t *testing.T) {
	r := measured(quickstart().report(), 1e4)
	for i := range r.Trials {
		if x := r.Trials[i]; x.Label == "LR" {
			for _, name := range timed {
				delete(x.Results, "time."+name)
			}
		}
	}
	d := drawn{file: "phases", drawing: *drawPhases(summarize(r).groups[0])}
	if err := d.render(); err != nil || len(d.data) != 8 || bytes.Contains(d.svg, []byte("NaN")) || bytes.Contains(d.svg, []byte(">LR<")) {
		t.Errorf("%v, %v, %s", err, d.data, d.svg)
	}
}

func TestSpeeds(t *testing.T) {
	for _, c := range []struct {
		tables, rows float64
	}{{1e4, 0}, {1e8, 47e6}} {
		s := summarize(measured(quickstart().report(), c.tables)).groups[0].speeds()
		if want := (Machine{190e9, 31e9, c.rows}); s.machine != want {
			t.Errorf("with %g parameters in tables: %v, want %v", c.tables, s.machine, want)
		}
		if len(s.all) != 8 || s.all[0].FLOPs != 3e4 || s.all[0].Bytes != 2700 {
			t.Fatalf("%+v", s.all)
		}
		// 4 s of training at this rate, and 1 s of reading: 5 s for all examples.
		if got, want := s.all[0].total(), 5/(4*s.all[0].Rate); math.Abs(got-want) > 1e-12*want {
			t.Errorf("an example takes %v s, want %v", got, want)
		}
		if share := s.all[0].phase("backward") / s.all[0].total(); math.Abs(share-0.4) > 1e-12 {
			t.Errorf("backward takes %v, want 2 of 5", share)
		}
		if got := s.taken(); !slices.Equal(got, timed) {
			t.Errorf("phases %v, want %v", got, timed)
		}
	}
	if g := summarize(quickstart().report()).groups[0]; drawRoofline(g) != nil {
		t.Error("a roofline without roofs")
	}
}

// TestWriteSpeeds draws what could go wrong: one variant, many at one place, none that computes.
func TestWriteSpeeds(t *testing.T) {
	m := Machine{190e9, 31e9, 47e6}
	phases := []Phase{{"read", 0}, {"gather", 1e-6}, {"forward", 2e-6}, {"update", 1e-9}}
	one := Speed{"deepfm", 41e3, 3.4e6, 7000, phases}
	var many []Speed
	for i := range 20 {
		x := one
		x.Label = fmt.Sprintf("xdeepfm embedding_dim=%d batch=4096", 4*i)
		x.FLOPs *= float64(1 + i%4)
		many = append(many, x)
	}
	for name, c := range map[string]struct {
		all  []Speed
		m    Machine
		want []string
	}{
		"one":     {[]Speed{one}, m, []string{"phases.png", "roofline.png"}},
		"many":    {many, m, []string{"phases.png", "roofline.png"}},
		"nothing": {[]Speed{{"lr", 1e6, 0, 0, nil}}, m, nil},
		"no roof": {[]Speed{one}, Machine{}, []string{"phases.png"}},
	} {
		dir := t.TempDir()
		if keep := os.Getenv("CTRLAB_KEEP"); keep != "" { // to look at
			dir = filepath.Join(keep, name)
		}
		if err := WriteSpeeds(dir, c.all, c.m, "ctr39, train"); err != nil {
			t.Fatal(err)
		}
		var got []string
		files, _ := os.ReadDir(dir)
		for _, f := range files {
			got = append(got, f.Name())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
