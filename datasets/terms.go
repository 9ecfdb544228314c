package datasets

import (
	"fmt"
	"math"
)

// term is a planted term: values sets b.values, and changes nothing else of b but its scratch.
type term interface{ values(b *block) }

// planter has what terms are made from.
type planter struct {
	key    uint64 // of the term
	names  columnNames
	fields []fieldColumn
	drift  bool
	tmp    int // numbers of scratch a row wanted so far
}

// scratch makes room for n numbers in every row.
func (p *planter) scratch(n int) { p.tmp = max(p.tmp, n) }

// columns returns the numbers of the columns named; without names those of all categorical fields, and with all
// of the dense features too.
func (p *planter) columns(names []string, all bool) []int {
	var cols []int
	for _, name := range names {
		cols = append(cols, p.names.index(name))
	}
	if names == nil {
		nd := len(p.names.dense)
		for c := range nd + len(p.names.sparse) {
			if all || c >= nd {
				cols = append(cols, c)
			}
		}
	}
	return cols
}

type linearTerm struct{ *latents }

func (o LinearTruth) plant(p *planter) term {
	p.scratch(1)
	return linearTerm{p.latents(1, false, p.columns(o.Fields, true))}
}

func (t linearTerm) values(b *block) {
	w, sums := b.tmp[:b.n], b.values[:b.n]
	clear(sums)
	for i := range t.columns {
		t.fill(w, b, i)
		for r, x := range w {
			sums[r] += float64(x)
		}
	}
}

type fmTerm struct{ *latents }

func (o FMTruth) plant(p *planter) term {
	p.scratch(2*o.Dim + 1)
	return fmTerm{p.latents(o.Dim, false, p.columns(o.Fields, false))}
}

// values are ½ Σ_d [(Σ_f v)² − Σ_f v²].
func (t fmTerm) values(b *block) {
	n := b.n * t.dim
	v, sum, squares := b.tmp[:n], b.tmp[n:2*n], b.tmp[2*n:][:b.n]
	clear(b.tmp[n : 2*n+b.n])
	for i := range t.columns {
		t.fill(v, b, i)
		for r, square := range squares {
			s := sum[r*t.dim:][:t.dim]
			for d, x := range v[r*t.dim:][:t.dim] {
				s[d] += x
				square += x * x
			}
			squares[r] = square
		}
	}
	for r, square := range squares {
		total := float32(0)
		for _, s := range sum[r*t.dim:][:t.dim] {
			total += s * s
		}
		b.values[r] = float64(total-square) / 2
	}
}

// productTerm is Σ over combinations of Σ_d ∏ v.
type productTerm struct {
	*latents
	combinations [][]int // of the latents' columns
}

func (o ProductTruth) plant(p *planter) term {
	return p.products(o.Fields, o.Order, o.Count, o.Dim, false)
}

func (o ParityTruth) plant(p *planter) term { return p.products(o.Fields, o.Order, o.Count, 1, true) }

func (p *planter) products(lists [][]string, order, count, dim int, signs bool) term {
	t := &productTerm{latents: p.latents(dim, signs, p.columns(nil, true))}
	p.scratch(2 * dim)
	for _, list := range lists {
		t.combinations = append(t.combinations, p.columns(list, true))
	}
	if lists == nil {
		t.combinations = p.random(order, count)
	}
	return t
}

// random draws count distinct combinations of so many categorical fields, or all if they are fewer.
func (p *planter) random(order, count int) [][]int {
	fields, s := p.columns(nil, false), stream(keyOf(p.key, "combinations"))
	seen := map[string]bool{}
	var lists [][]int
	for len(lists) < min(count, choose(len(fields), order)) {
		list := subset(fields, order, &s)
		if name := fmt.Sprint(list); !seen[name] {
			seen[name] = true
			lists = append(lists, list)
		}
	}
	return lists
}

// subset draws k of the numbers by selection sampling, which keeps their order (Knuth, TAOCP 2, 3.4.2 S).
func subset(of []int, k int, s *stream) []int {
	var list []int
	for i, c := range of {
		if s.below(len(of)-i) < k-len(list) {
			list = append(list, c)
		}
	}
	return list
}

// choose is n over k, or maxCount if that is less.
func choose(n, k int) int {
	c := 1
	for i := 1; i <= min(k, n-k); i++ {
		if c = c * (n - i + 1) / i; c >= maxCount {
			return maxCount
		}
	}
	return c
}

func (t *productTerm) values(b *block) {
	n := b.n * t.dim
	v, product, sums := b.tmp[:n], b.tmp[n:2*n], b.values[:b.n]
	clear(sums)
	for _, list := range t.combinations {
		t.fill(product, b, list[0])
		for _, i := range list[1:] {
			t.fill(v, b, i)
			for k, x := range v {
				product[k] *= x
			}
		}
		for r := range sums {
			for _, x := range product[r*t.dim:][:t.dim] {
				sums[r] += float64(x)
			}
		}
	}
}

// bilinearTerm is Σ_{i<j} v_iᵀ M_ij v_j.
type bilinearTerm struct {
	*latents
	m []float32 // [pairs, dim, dim]
}

func (o BilinearTruth) plant(p *planter) term {
	t := &bilinearTerm{latents: p.latents(o.Dim, false, p.columns(o.Fields, false))}
	f := len(t.columns)
	t.m = normals(keyOf(p.key, "matrix"), f*(f-1)/2*o.Dim*o.Dim, 1)
	p.scratch(f*o.Dim + 1)
	return t
}

func (t *bilinearTerm) values(b *block) {
	d, m, n := t.dim, t.m, b.n*t.dim
	for i := range t.columns {
		t.fill(b.tmp[i*n:][:n], b, i)
	}
	sums := b.tmp[len(t.columns)*n:][:b.n]
	clear(sums)
	for i := range t.columns {
		for j := i + 1; j < len(t.columns); j++ {
			t.pair(sums, b.tmp[i*n:][:n], b.tmp[j*n:][:n], m[:d*d])
			m = m[d*d:]
		}
	}
	for r, s := range sums {
		b.values[r] = float64(s)
	}
}

// pair adds v_iᵀ M v_j of every row.
func (t *bilinearTerm) pair(sums, vi, vj, m []float32) {
	d := t.dim
	for r, sum := range sums {
		y := vj[r*d:][:d]
		for a, x := range vi[r*d:][:d] {
			row, dot := m[a*d:][:d], float32(0)
			for k, w := range y {
				dot += row[k] * w
			}
			sum += x * dot
		}
		sums[r] = sum
	}
}

// mlpTerm is a network from all columns' vectors to one number.
type mlpTerm struct {
	*latents
	layers []randomLayer
	most   int // units of the widest layer
}

type randomLayer struct {
	in, out int
	w       []float32 // [out, in]
}

// plant draws weights of variance 4/in: wide enough that tanh bends.
func (o MLPTruth) plant(p *planter) term {
	t := &mlpTerm{latents: p.latents(o.Dim, false, p.columns(o.Fields, true))}
	in, most := len(t.columns)*o.Dim, 0
	for i, out := range append(o.Hidden[:len(o.Hidden):len(o.Hidden)], 1) {
		key := keyOf(p.key, "layer", fmt.Sprint(i))
		t.layers = append(t.layers, randomLayer{in, out, normals(key, out*in, 2/math.Sqrt(float64(in)))})
		most, in = max(most, in, out), out
	}
	p.scratch(2*most + o.Dim)
	t.most = most
	return t
}

// values runs the network on numbers that lie [unit, row].
func (t *mlpTerm) values(b *block) {
	n, half := b.n, b.n*t.most
	x, y, v := b.tmp[:half], b.tmp[half:2*half], b.tmp[2*half:][:n*t.dim]
	for i := range t.columns {
		t.fill(v, b, i)
		for r := range n {
			for d, u := range v[r*t.dim:][:t.dim] {
				x[(i*t.dim+d)*n+r] = u
			}
		}
	}
	for i, l := range t.layers {
		for o := range l.out {
			out := y[o*n:][:n]
			l.unit(out, x, o)
			if i < len(t.layers)-1 {
				for r, s := range out {
					out[r] = float32(math.Tanh(float64(s)))
				}
			}
		}
		x, y = y, x
	}
	for r := range n {
		b.values[r] = float64(x[r])
	}
}

// unit sets out to the sums of one unit, four rows at a time since a sum waits for itself.
func (l randomLayer) unit(out, x []float32, o int) {
	n, w, r := len(out), l.w[o*l.in:][:l.in], 0
	for ; r+4 <= n; r += 4 {
		var s [4]float32
		for k, wk := range w {
			u := x[k*n+r:][:4]
			s[0] += wk * u[0]
			s[1] += wk * u[1]
			s[2] += wk * u[2]
			s[3] += wk * u[3]
		}
		copy(out[r:], s[:])
	}
	for ; r < n; r++ {
		sum := float32(0)
		for k, wk := range w {
			sum += wk * x[k*n+r]
		}
		out[r] = sum
	}
}

func normals(key uint64, n int, sd float64) []float32 {
	w, s := make([]float32, n), stream(key)
	for i := range w {
		w[i] = normal(s.next()) * float32(sd)
	}
	return w
}
