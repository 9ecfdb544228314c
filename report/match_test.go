package report

import (
	"strings"
	"testing"
)

// FM has half of its budget and nothing to size; all others meet theirs.
func TestMatchNote(t *testing.T) {
	s := summarize(pairsKnown())
	note := s.matchNote(s.groups[0])
	if !strings.HasPrefix(note, "Each variant was sized to ") || !strings.HasSuffix(note, `dense parameters, tables apart (match = "params"); off that by more than 5 %: FM has 50.0 %, nothing to size.`) {
		t.Error(note)
	}
	if s := summarize(quickstart().report()); s.matchNote(s.groups[0]) != "" {
		t.Error("a note of a budget that there is not")
	}
	_, plan := s.plan()
	for _, p := range plan {
		want := "top=[71,35] (was top=[64,32]): 100.0 % of the budget"
		if p.Label == "FM" {
			want = "nothing to size: 50.0 % of the budget"
		}
		if p.Sized != want {
			t.Errorf("%s: %q, want %q", p.Label, p.Sized, want)
		}
	}
}
