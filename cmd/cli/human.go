package cli

import (
	"fmt"
	"math"
	"strconv"
)

// short writes a count with three digits and a factor of thousand: 1234567 is 1.23M.
func short(x float64) string {
	i := 0
	for ; math.Abs(x) >= 999.5 && i < 4; i++ {
		x /= 1000
	}
	return strconv.FormatFloat(x, 'g', 3, 64) + []string{"", "k", "M", "G", "T"}[i]
}

// span writes seconds.
func span(s float64) string {
	switch {
	case s < 9.95:
		return strconv.FormatFloat(s, 'g', 2, 64) + " s"
	case s < 100:
		return fmt.Sprintf("%.0f s", s)
	case s < 100*60:
		return fmt.Sprintf("%.0f min", s/60)
	}
	return fmt.Sprintf("%.1f h", s/3600)
}
