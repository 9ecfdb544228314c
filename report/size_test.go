package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"ctrlab/internal/store"
)

// Curves are thinned to what can be seen: the figures of 40 variants of 10 seeds with a thousand points each leave most of a
// page's 3 MB to the rest.
func TestFiguresAreSmall(t *testing.T) {
	o := many(40)
	o.seeds = 10
	r := o.report()
	for i := range r.Series {
		r.Series[i] = wandering(r.Series[i])
	}
	all, err := draft(summarize(r), inTurn)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, d := range all {
		total += len(d.svg) + len(d.CSV())
		t.Logf("%s: %d + %d bytes", d.file, len(d.svg), len(d.CSV()))
	}
	if total > 1_500_000 {
		t.Errorf("%d bytes of figures, want at most 1,500,000", total)
	}
}

// wandering is a series of a thousand noisy points.
func wandering(s store.Series) store.Series {
	out := store.Series{Trial: s.Trial, Name: s.Name}
	noise := rand.New(rand.NewPCG(1, uint64(len(s.Trial))))
	for k := range 1000 {
		out.Step, out.Examples = append(out.Step, k), append(out.Examples, int64(160*k+160))
		out.Seconds = append(out.Seconds, 0.001*float64(k))
		out.Value = append(out.Value, s.Value[9]-0.2*math.Exp(-0.005*float64(k))+0.002*noise.NormFloat64())
	}
	return out
}
