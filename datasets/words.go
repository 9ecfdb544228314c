package datasets

import (
	"fmt"
	"strconv"
)

// counted writes a count with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// grouped spells a count with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// quoted is a value of a file in an error.
func quoted(v []byte) string {
	if len(v) > 40 {
		return fmt.Sprintf("%q…", v[:40])
	}
	return fmt.Sprintf("%q", v)
}
