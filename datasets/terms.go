package datasets

import (
	"fmt"
	"math"
)

// term is a planted term; it changes nothing but a row's scratch.
type term interface{ value(r *row) float64 }

// planter has what terms are made from.
type planter struct {
	key    uint64 // of the term
	names  columnNames
	fields []Field
	zipfs  []*zipf
	tmp    int // numbers of scratch wanted so far
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
	return linearTerm{p.latents(1, false, p.columns(o.Fields, true))}
}

func (t linearTerm) value(r *row) float64 {
	var w [1]float32
	sum := 0.0
	for i := range t.columns {
		t.vector(w[:], r, i)
		sum += float64(w[0])
	}
	return sum
}

type fmTerm struct{ *latents }

func (o FMTruth) plant(p *planter) term {
	return fmTerm{p.latents(o.Dim, false, p.columns(o.Fields, false))}
}

// value is ½ Σ_d [(Σ_f v)² − Σ_f v²].
func (t fmTerm) value(r *row) float64 {
	var buf, sums [maxDim]float32
	v, sum := buf[:t.dim], sums[:t.dim]
	squares := float32(0)
	for i := range t.columns {
		t.vector(v, r, i)
		for d, x := range v {
			sum[d] += x
			squares += x * x
		}
	}
	total := float32(0)
	for _, s := range sum {
		total += s * s
	}
	return float64(total-squares) / 2
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

func (t *productTerm) value(r *row) float64 {
	var buf, products [maxDim]float32
	v, product := buf[:t.dim], products[:t.dim]
	sum := 0.0
	for _, list := range t.combinations {
		t.vector(product, r, list[0])
		for _, i := range list[1:] {
			t.vector(v, r, i)
			for d := range v {
				product[d] *= v[d]
			}
		}
		for _, x := range product {
			sum += float64(x)
		}
	}
	return sum
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
	p.scratch(f * o.Dim)
	return t
}

func (t *bilinearTerm) value(r *row) float64 {
	d, m := t.dim, t.m
	for i := range t.columns {
		t.vector(r.tmp[i*d:][:d], r, i)
	}
	sum := float32(0)
	for i := range t.columns {
		vi := r.tmp[i*d:][:d]
		for j := i + 1; j < len(t.columns); j++ {
			vj := r.tmp[j*d:][:d]
			for a, x := range vi {
				row, dot := m[a*d:][:d], float32(0)
				for b, y := range vj {
					dot += row[b] * y
				}
				sum += x * dot
			}
			m = m[d*d:]
		}
	}
	return float64(sum)
}

// mlpTerm is a network from all columns' vectors to one number.
type mlpTerm struct {
	*latents
	layers []randomLayer
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
	p.scratch(2 * most)
	return t
}

func (t *mlpTerm) value(r *row) float64 {
	half := len(r.tmp) / 2
	x, y := r.tmp[:half], r.tmp[half:]
	for i := range t.columns {
		t.vector(x[i*t.dim:][:t.dim], r, i)
	}
	for i, l := range t.layers {
		for o := range l.out {
			sum := float32(0)
			for k, w := range l.w[o*l.in:][:l.in] {
				sum += w * x[k]
			}
			if i < len(t.layers)-1 {
				sum = float32(math.Tanh(float64(sum)))
			}
			y[o] = sum
		}
		x, y = y, x
	}
	return float64(x[0])
}

func normals(key uint64, n int, sd float64) []float32 {
	w, s := make([]float32, n), stream(key)
	for i := range w {
		w[i] = normal(s.next()) * float32(sd)
	}
	return w
}
