package datasets

import "math"

// headRows is how many of a field's most frequent ids are drawn exactly, from a table; beyond them the sum of
// rank⁻ˢ and its integral differ by a part in 10⁹.
const headRows = 1 << 14

// zipf draws ids of [0, rows) with P(id) ∝ (id+1)⁻ˢ: id 0 is the most frequent, s = 0 is uniform.
// The head is an alias table (Walker 1977; Vose 1991) whose last cell, if there are more rows, stands for the tail.
type zipf struct {
	rows     int
	s        float64
	cells    []aliasCell
	pmf      []float64 // of the head
	from, to float64   // the integral of x⁻ˢ at the tail's ends
}

type aliasCell struct {
	cut   uint32 // of 2³²: draws below it are the cell's own
	other int32
}

func newZipf(rows int, s float64) *zipf {
	z := &zipf{s: s, rows: rows}
	head := min(rows, headRows)
	weights := make([]float64, 0, head+1)
	for i := range head {
		weights = append(weights, math.Pow(float64(i+1), -s))
	}
	if rows > head {
		z.from, z.to = z.integral(float64(head)+0.5), z.integral(float64(rows)+0.5)
		weights = append(weights, z.to-z.from)
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	for i := range weights {
		weights[i] /= total
	}
	z.cells = aliases(weights)
	z.pmf = weights[:head]
	return z
}

// draw returns an id.
func (z *zipf) draw(s *stream) int32 {
	i := z.pick(s.next())
	if i == headRows {
		return z.tail(s)
	}
	return i
}

// pick returns an id of the head, or headRows for one beyond.
func (z *zipf) pick(u uint64) int32 {
	i := int32(u >> 32 * uint64(len(z.cells)) >> 32)
	c := z.cells[i]
	if other := c.other; uint32(u) >= c.cut {
		i = other
	}
	return i
}

func (z *zipf) tail(s *stream) int32 {
	x := z.inverse(z.from + unit(s.next())*(z.to-z.from))
	return int32(min(max(int(x+0.5), headRows+1), z.rows) - 1)
}

// each draws an id from each row's stream: that of its key and the column's.
func (z *zipf) each(ids []int32, keys []uint64, column uint64, first int32) {
	for r, key := range keys {
		s := stream(key ^ column)
		i := z.pick(s.next())
		if i == headRows {
			i = z.tail(&s)
		}
		ids[r] = i + first
	}
}

// integral is ∫₁ˣ t⁻ˢ dt.
func (z *zipf) integral(x float64) float64 {
	if z.s == 1 {
		return math.Log(x)
	}
	return math.Expm1((1-z.s)*math.Log(x)) / (1 - z.s)
}

func (z *zipf) inverse(y float64) float64 {
	if z.s == 1 {
		return math.Exp(y)
	}
	return math.Exp(math.Log1p((1-z.s)*y) / (1 - z.s))
}

// aliases makes the table of a distribution of probabilities p.
func aliases(p []float64) []aliasCell {
	cells := make([]aliasCell, len(p))
	left := make([]float64, len(p))
	var small, large []int32
	for i, v := range p {
		left[i] = v * float64(len(p))
		cells[i] = aliasCell{math.MaxUint32, int32(i)}
		if left[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		cells[s] = aliasCell{uint32(min(left[s]*0x1p32, math.MaxUint32)), l}
		if left[l] -= 1 - left[s]; left[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	return cells
}
