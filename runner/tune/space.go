package tune

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ctrlab/internal/strict"
)

// Space is the keys to tune, in the order of the file.
type Space []Dimension

// Dimension is a key with the values that it may take: some choices, or a range.
type Dimension struct {
	Key     string       `json:"key"`     // train.learning_rate
	Choices []any        `json:"choices"` // raw values; nil for a range
	Low     float64      `json:"low"`
	High    float64      `json:"high"`
	Log     bool         `json:"log"`     // every factor is as likely as another, not every difference
	Integer bool         `json:"integer"` // and so are both ends
	Points  int          `json:"points"`  // of a grid; 0: all integers
	At      strict.Place `json:"-"`
}

// Point is a place in a Space: a value a dimension, of choices its index.
type Point []float64

// MarshalJSON writes choices that are tables or lists as Spell does.
func (d Dimension) MarshalJSON() ([]byte, error) {
	type plain Dimension
	out := plain(d)
	out.Choices = nil
	for _, c := range d.Choices {
		switch c.(type) {
		case string, bool, int64, float64:
			out.Choices = append(out.Choices, c)
		default:
			out.Choices = append(out.Choices, Spell(c))
		}
	}
	return json.Marshal(out)
}

// DecodeValue implements strict.Decoder: "train.learning_rate" = … and the unquoted train.learning_rate = …, which TOML
// nests, are alike.
func (s *Space) DecodeValue(v any, at strict.Place) error {
	t, ok := v.(*strict.Table)
	if !ok {
		return at.Errorf(`is no table, want keys like "train.learning_rate" = { log = [1e-4, 1e-1] }`)
	}
	*s = nil
	return s.read(t, "")
}

func (s *Space) read(t *strict.Table, prefix string) error {
	for _, k := range t.InOrder() {
		v, _ := t.Get(k)
		if sub, ok := v.(*strict.Table); ok && prefix == "" && !strings.Contains(k, ".") {
			if err := s.read(sub, k+"."); err != nil {
				return err
			}
			continue
		}
		d := Dimension{Key: prefix + k, At: t.At(k)}
		if err := d.decode(v); err != nil {
			return err
		}
		for _, other := range *s {
			if other.Key == d.Key {
				return d.At.Errorf("stands here twice")
			}
		}
		*s = append(*s, d)
	}
	return nil
}

// kinds are the ways to write a range.
type kinds struct {
	Range  []float64 `json:"range"`
	Log    []float64 `json:"log"`
	Int    []int64   `json:"int"`
	LogInt []int64   `json:"log_int"`
	Points int       `json:"points"`
}

func (d *Dimension) decode(v any) error {
	const want = "want a list of values, or one of { range = [a, b] }, { log = [a, b] }, { int = [a, b] }, { log_int = [a, b] }"
	switch v := v.(type) {
	case []any:
		d.Choices = v
	case []*strict.Table:
		for _, t := range v {
			d.Choices = append(d.Choices, t)
		}
	case *strict.Table:
		return d.decodeRange(v, want)
	default:
		return d.At.Errorf("is one value, %s", want)
	}
	if len(d.Choices) == 0 {
		return d.At.Errorf("is empty, %s", want)
	}
	seen := map[string]bool{}
	for _, c := range d.Choices {
		if _, date := c.(time.Time); date {
			return d.At.Errorf("has a date, which no key takes")
		}
		if seen[Spell(c)] {
			return d.At.Errorf("has %s twice", Spell(c))
		}
		seen[Spell(c)] = true
	}
	return nil
}

func (d *Dimension) decodeRange(t *strict.Table, want string) error {
	var k kinds
	if err := t.Decode(&k); err != nil {
		return err
	}
	floats := func(l []int64) (out []float64) {
		for _, x := range l {
			out = append(out, float64(x))
		}
		return out
	}
	given := 0
	for _, r := range []struct {
		key          string
		ends         []float64
		log, integer bool
	}{{"range", k.Range, false, false}, {"log", k.Log, true, false}, {"int", floats(k.Int), false, true}, {"log_int", floats(k.LogInt), true, true}} {
		if !t.Has(r.key) {
			continue
		}
		given++
		if len(r.ends) != 2 || r.ends[0] >= r.ends[1] {
			return t.Errorf(r.key, "is not [low, high] with low below high")
		}
		d.Low, d.High, d.Log, d.Integer = r.ends[0], r.ends[1], r.log, r.integer
		if r.integer && max(-d.Low, d.High) > 1<<31 {
			return t.Errorf(r.key, "is out of range, want at most %d", 1<<31)
		}
		if d.Log && (d.Low <= 0 || d.Integer && d.Low < 1) {
			return t.Errorf(r.key, "begins at %g, which has no logarithm; want more than 0", d.Low)
		}
	}
	if given != 1 {
		return d.At.Errorf("is no range, %s", want)
	}
	if d.Points = k.Points; t.Has("points") && (d.Points < 2 || d.Points > 10_000) {
		return t.Errorf("points", "is %d, want 2 to 10000", d.Points)
	}
	return nil
}

// fits checks the space for a method.
func (s Space) fits(m method) error {
	const largest = 100_000
	points := 1
	for _, d := range s {
		switch {
		case m.whole && d.Choices == nil && !d.Integer && d.Points == 0:
			return d.At.Errorf("has no points, which a grid wants: { range = [a, b], points = 5 }")
		case !m.whole && d.Points != 0:
			return d.At.Errorf("has points, which only a grid has")
		case m.whole && d.Points == 0 && d.size() > largest/points, m.whole && d.Points > largest/points:
			return d.At.Errorf("makes the grid larger than %d points", largest)
		case m.whole:
			points *= max(d.Points, 1)
			if d.Points == 0 {
				points *= d.size()
			}
		}
	}
	if m.most > 0 && len(s) > m.most {
		return s[m.most].At.Errorf("is one key too many: the method %s takes at most %d", m.name, m.most)
	}
	return nil
}

// bounds are the ends of a range as it is drawn from: logarithms where Log, and of integers half a step further out.
func (d Dimension) bounds() (low, high float64) {
	low, high = d.Low, d.High
	if d.Integer {
		low, high = low-0.5, high+0.5
	}
	if d.Log {
		low, high = math.Log(low), math.Log(high)
	}
	return low, high
}

// at is the value at a share u of the dimension, 0 ≤ u ≤ 1.
func (d Dimension) at(u float64) float64 {
	if n := len(d.Choices); n > 0 {
		return min(math.Floor(u*float64(n)), float64(n-1))
	}
	low, high := d.bounds()
	return d.value(low + u*(high-low))
}

// value takes a number between the bounds to what the key is given: an integer, or four digits, which people can copy.
func (d Dimension) value(x float64) float64 {
	if d.Log {
		x = math.Exp(x)
	}
	if d.Integer {
		x = math.Round(x)
	} else {
		x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	}
	return min(max(x, d.Low), d.High)
}

// size is how many values there are, 0 for more than can be counted.
func (d Dimension) size() int {
	switch {
	case d.Choices != nil:
		return len(d.Choices)
	case d.Integer:
		return int(d.High-d.Low) + 1
	}
	return 0
}

// Size is how many points there are, 0 for more than can be counted.
func (s Space) Size() int {
	n := 1
	for _, d := range s {
		if n *= d.size(); n == 0 || n > 1<<30 {
			return 0
		}
	}
	return n
}

// Values are a point's raw values, one a dimension.
func (s Space) Values(p Point) []any {
	out := make([]any, len(s))
	for i, d := range s {
		switch {
		case d.Choices != nil:
			out[i] = d.Choices[int(p[i])]
		case d.Integer:
			out[i] = int64(p[i])
		default:
			out[i] = p[i]
		}
	}
	return out
}

// Ends are points that between them have every end of a range and every choice, to check what all can be: the other
// values of each are the first ones.
func (s Space) Ends() []Point {
	first := make(Point, len(s))
	for i, d := range s {
		first[i] = d.ends()[0]
	}
	out := []Point{first}
	for i, d := range s {
		for _, v := range d.ends()[1:] {
			p := append(Point(nil), first...)
			p[i] = v
			out = append(out, p)
		}
	}
	return out
}

func (d Dimension) ends() []float64 {
	if d.Choices == nil {
		return []float64{d.Low, d.High}
	}
	out := make([]float64, len(d.Choices))
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

// Spell writes a raw value, a table with its keys.
func Spell(v any) string {
	switch v := v.(type) {
	case *strict.Table:
		var words []string
		for _, k := range v.InOrder() {
			e, _ := v.Get(k)
			words = append(words, k+"="+Spell(e))
		}
		return "{" + strings.Join(words, ",") + "}"
	case []*strict.Table:
		words := make([]string, len(v))
		for i, e := range v {
			words[i] = Spell(e)
		}
		return "[" + strings.Join(words, ",") + "]"
	case []any:
		words := make([]string, len(v))
		for i, e := range v {
			words[i] = Spell(e)
		}
		return "[" + strings.Join(words, ",") + "]"
	}
	return fmt.Sprint(v)
}
