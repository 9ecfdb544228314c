package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// missing stands where there is no number.
const missing = "–"

// fixed writes x with a number of decimals and a true minus; with an exponent where a model has diverged.
func fixed(x float64, decimals int) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return missing
	case math.Abs(x) >= 1e7:
		return minus(strconv.FormatFloat(x, 'g', 3, 64))
	}
	return minus(strconv.FormatFloat(x, 'f', decimals, 64))
}

func minus(s string) string {
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// about writes x, which is not negative, with two digits.
func about(x float64) string {
	if x == 0 {
		return "0"
	}
	return fixed(x, min(6, max(0, 1-int(math.Floor(math.Log10(x))))))
}

// tail writes a p-value; one that is next to nothing is not known to its digits.
func tail(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return about(p)
}

// scaled writes x with three digits and a factor of thousand: 1234567 is "1.23M".
func scaled(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return missing
	}
	size, letter := thousand(x)
	if size == 1 && x == math.Trunc(x) {
		return fixed(x, 0)
	}
	return digits3(x/size) + letter
}

// Count writes x to three digits with a factor of thousand, without the zeros that a round number does not need: "20k", "1.5M".
func Count(x float64) string {
	size, letter := thousand(x)
	return strconv.FormatFloat(x/size, 'g', 3, 64) + letter
}

// thousand returns the factor that leaves three digits before the point of x, and its letter.
func thousand(x float64) (size float64, letter string) {
	for i, letter := range []string{"T", "G", "M", "k"} {
		if size := math.Pow(1000, float64(4-i)); math.Abs(x) >= 0.9995*size {
			return size, letter
		}
	}
	return 1, ""
}

// digits3 writes x with three digits, all of those before the point.
func digits3(x float64) string {
	switch a := math.Abs(x); {
	case a >= 99.95:
		return fixed(x, 0)
	case a >= 9.995:
		return fixed(x, 1)
	case a >= 0.9995 || a == 0:
		return fixed(x, 2)
	case a >= 0.0001:
		return fixed(x, 2-int(math.Floor(math.Log10(a))))
	}
	return minus(strconv.FormatFloat(x, 'g', 3, 64))
}

// percent writes a share: 0.9731 is "97.3 %".
func percent(x float64) string { return points(x, 1) }

// points writes a share in percent. Below −100 % a model has diverged, and how far says nothing.
func points(x float64, decimals int) string {
	s := fixed(100*x, decimals)
	switch {
	case s == missing:
		return missing
	case x < -1:
		return "< −100 %"
	}
	return s + " %"
}

// Memory writes bytes in binary units.
func Memory(x float64) string {
	if math.IsNaN(x) {
		return missing
	}
	for _, f := range []struct {
		size float64
		unit string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if x >= f.size {
			return digits3(x/f.size) + " " + f.unit
		}
	}
	return scaled(x) + " B"
}

// duration writes seconds that were measured.
func duration(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return missing
	case x < 0.9995:
		return digits3(1000*x) + " ms"
	case x < 60:
		return digits3(x) + " s"
	case x < 3600:
		return fmt.Sprintf("%d min %02d s", int(x)/60, int(x)%60)
	}
	return fmt.Sprintf("%d h %02d min", int(x)/3600, int(x)/60%60)
}

// Rough writes seconds that are estimated, to two digits: "1.5 s", "40 s", "12 min".
func Rough(x float64) string {
	switch {
	case x < 9.95:
		return strconv.FormatFloat(x, 'g', 2, 64) + " s"
	case x < 99.5:
		return fixed(x, 0) + " s"
	case x < 99.5*60:
		return fixed(x/60, 0) + " min"
	}
	return fixed(x/3600, 1) + " h"
}

// thousands writes a count, which is not negative, with thin spaces between groups of three.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// decimals returns how many decimals a column needs to show two digits of its median half-width, 4 where it has none.
func decimals(half []float64) int {
	var known []float64
	for _, h := range half {
		if h > 0 && !math.IsInf(h, 0) {
			known = append(known, h)
		}
	}
	if len(known) == 0 {
		return 4
	}
	return min(6, max(3, 1-int(math.Floor(math.Log10(median(known))))))
}

// clip shortens s to n runes, its middle replaced by an ellipsis: both ends of a label tell it from its neighbours.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	if n < 3 {
		return string(r[:max(n, 0)])
	}
	head := n / 2
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}

// Width is how many columns of a terminal a text takes: letters of Chinese, Japanese and Korean and emoji two, what joins or combines none.
func Width(text string) int {
	n := 0
	for _, c := range text {
		switch {
		case c < 0x300:
			n++
		case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), 0x3000 <= c && c <= 0x303E, 0xFF01 <= c && c <= 0xFF60, 0x1F300 <= c && c <= 0x1FAFF:
			n += 2
		default:
			n++
		}
	}
	return n
}

// plural writes a count with its noun: "1 seed", "3 seeds".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// count is plural for words that do not take an s.
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

// curt writes a metric's value or a count.
func curt(x float64) string {
	if x >= 100 {
		return scaled(x)
	}
	return fixed(x, 4)
}
