package runner

import (
	"strings"
	"testing"

	"ctrlab/interactions"
	"ctrlab/internal/store"
	"ctrlab/nn"
)

// faulty is a layer whose backward pass panics from the third step on.
type faulty struct{ d int }

func (f *faulty) Width() int                               { return f.d }
func (f *faulty) Forward(_ *nn.Step, y nn.Mat, _ nn.Block) { clear(y.Data) }
func (f *faulty) Cost() nn.Cost                            { return nn.Cost{} }
func (f *faulty) Backward(s *nn.Step, _ nn.Block, _ nn.Mat, _ nn.Block) {
	if s.Step >= 2 {
		panic("faulty: on purpose")
	}
}

// A panic inside a layer, on whichever thread, fails its trial, which keeps where it began; the others go on.
func TestPanicInLayer(t *testing.T) {
	must(t, interactions.SetExtra(interactions.Define("faulty", "", "", 1, struct{}{},
		func(_ *nn.Builder, _, d int, _ struct{}) interactions.Interaction { return &faulty{d} })))
	defer interactions.SetExtra()
	p, s := planOf(t, small+"[[model]]\nname = \"dlrm\"\ninteraction = \"faulty\"\nembedding_dim = 4\n"), newStore(t)
	got, err := Run(t.Context(), p, s, Options{Workers: 2})
	must(t, err)
	if want := (Summary{Done: 4, Failed: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	runs, err := s.Runs()
	must(t, err)
	if r := runs[0]; r.State != store.Failed || r.Retry || r.Error != "panic: faulty: on purpose" || !strings.Contains(r.Stack, "(*faulty).Backward") {
		t.Errorf("%s, %q\n%s", r.State, r.Error, r.Stack)
	}
}
