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
	if got := strings.Join(layout([][]string{{"因子分解机", "1"}, {"fm", "2"}, {"12345678901", "3"}}, 11), ""); got != "因子分解  1\n机\nfm        2\n12345678  3\n901\n" {
		t.Errorf("letters of two columns:\n%s", got)
	}
}
