package cli

import (
	"strings"
	"testing"
)

func TestLayout(t *testing.T) {
	rows := [][]string{{"NAME", "UNIT", "ABOUT"}, {"auc", "", "probability that a positive scores above a negative"}, {"x", "s", "Überlänge"}}
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, `
NAME  UNIT  ABOUT
auc         probability that a positive scores above a negative
x     s     Überlänge
`},
		{40, `
NAME  UNIT  ABOUT
auc         probability that a positive
            scores above a negative
x     s     Überlänge
`},
		{20, `
NAME  UNIT  ABOUT
auc         probabil
            ity that
            a
            positive
            scores
            above a
            negative
x     s     Überläng
            e
`},
	} {
		if got := strings.Join(layout(rows, c.width), ""); got != c.want[1:] {
			t.Errorf("on %d columns:\n%s\nwant\n%s", c.width, got, c.want[1:])
		}
	}
}
