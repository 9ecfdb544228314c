package train

import (
	"slices"
	"testing"
)

// A trial begins alike each time and on any number of threads, and is itself: its losses are those that a run trains with. A step allocates nothing.
func TestBegin(t *testing.T) {
	j := job(t, `name = "fm"`, "batch_size = 24\noptimizer = \"adam\"")
	j.Workers = 1
	one, err := Begin(t.Context(), j, 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Losses) != 20 || len(one.Logits) != 20 || one.Losses[0] == one.Losses[1] || one.Allocs != 0 {
		t.Fatalf("%+v", one)
	}
	j.Workers = 3
	again, err := Begin(t.Context(), j, 20)
	if err != nil || !slices.Equal(again.Losses, one.Losses) || !slices.Equal(again.Logits, one.Logits) || again.Bytes != one.Bytes {
		t.Errorf("again %+v, %v", again, err)
	}
	// Origin: Adam remembers two numbers a parameter.
	if params := float64(j.Spec.Cost().Params); one.Bytes != 3*4*params {
		t.Errorf("%v bytes of %v parameters", one.Bytes, params)
	}
	j.Options.LearningRate *= 1.02
	other, err := Begin(t.Context(), j, 20)
	if err != nil || other.Losses[0] != one.Losses[0] || other.Losses[1] == one.Losses[1] {
		t.Errorf("a learning rate 2 %% larger: %v, and %v; %v", other.Losses[:2], one.Losses[:2], err)
	}
}
