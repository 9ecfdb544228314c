package bench

import (
	"slices"
	"testing"
)

// Every subject has a time of its own, and a name that is none is refused.
func TestVisit(t *testing.T) {
	names := Subjects()
	if !slices.Contains(names, "kernel/mul_packed") || !slices.Contains(names, "train/dlrm") || !slices.Contains(names, "infer/autoint") {
		t.Fatalf("subjects: %v", names)
	}
	seconds, err := Visit(t.Context(), names, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !(seconds[name] > 0) {
			t.Errorf("%s took %v", name, seconds[name])
		}
	}
	if len(seconds) != len(names) {
		t.Errorf("%d times of %d subjects", len(seconds), len(names))
	}
	if _, err := Visit(t.Context(), []string{"kernel/none"}, 0); err == nil || err.Error() != `there is no subject "kernel/none"` {
		t.Errorf("an unknown subject: %v", err)
	}
}
