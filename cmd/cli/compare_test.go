package cli

import "testing"

// Verdicts are painted, each by what it is, labels are not; and nothing without colours.
func TestVerdictColour(t *testing.T) {
	for row, want := range map[string]string{
		"better FM  0.1  worse  ± 0.2 unresolved": "better FM  0.1  \x1b[31mworse\x1b[0m  ± 0.2 unresolved",
		"FM  0.1  better  ± 0.2 better":           "FM  0.1  \x1b[32mbetter\x1b[0m  ± 0.2 \x1b[32mbetter\x1b[0m",
		"FM  0.1  worse, but negligible":          "FM  0.1  \x1b[2mworse, but negligible\x1b[0m",
		"FM  0.1  equivalent":                     "FM  0.1  \x1b[36mequivalent\x1b[0m",
	} {
		if got := verdictColour(row, true); got != want {
			t.Errorf("%q is %q, want %q", row, got, want)
		}
		if verdictColour(row, false) != row {
			t.Errorf("%q has colours where there are none", row)
		}
	}
}
