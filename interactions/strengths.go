package interactions

import (
	"math"

	"ctrlab/nn"
)

// Pairing is an Interaction that says how strongly it lets two fields act together.
type Pairing interface {
	// Strengths writes to dst, a number a pair (0,1), (0,2), …, (1,2), …, how strong each is over the rows of x.
	//
	// What a pair adds to an output is measured with x̃, fields less their mean over the rows: what a field does by itself is no part of
	// it, and strengths do not change with the scale that embeddings and weights share. Where an output is a sum over pairs, the
	// strength is the standard deviation of a pair's term: in fm, dot and inner_product x̃_i·x̃_j, in fwfm r_ij x̃_i·x̃_j, in fmfm and
	// outer_product x̃_iᵀ M_ij x̃_j, in ffm ṽ_{i→j}·ṽ_{j→i}, in afm, of x as it is, a_ij p·(x_i ⊙ x_j). Where pairs put out vectors it is
	// the root of their mean square: in fibinet of (x̃_iᵀ W_ij) ⊙ x̃_j; in cross of the first layer's x̃_i ⊙ W_ij x̃_j and
	// x̃_j ⊙ W_ji x̃_i together, which are the blocks' Frobenius norms (Wang et al. 2021, fig. 7) where embeddings are white. In cin it is
	// the deviation of x̃_i·x̃_j times the norm of the first layer's weights of the pair, W[h,i,j] + W[h,j,i] over h, and in autoint the
	// mean attention of the first layer, between the two in both directions, over its heads and rows of x.
	Strengths(dst []float64, x Fields)
}

// Fields are rows cut into fields: field i is columns [Cuts[i], Cuts[i+1]).
type Fields struct {
	nn.Mat
	Cuts []int
}

// Len is the number of fields.
func (f Fields) Len() int { return len(f.Cuts) - 1 }

// Pairs is the number of pairs of them.
func (f Fields) Pairs() int { return pairs(f.Len()) }

// Of returns field i of row n.
func (f Fields) Of(n, i int) []float32 { return f.Row(n)[f.Cuts[i]:f.Cuts[i+1]] }

// block is the same as a Block, where fields are of one width.
func (f Fields) block() nn.Block { return nn.Block{N: f.N, F: f.Len(), D: f.Cuts[1], Data: f.Data} }

// each calls do for every pair.
func (f Fields) each(do func(p, i, j int)) { (&kernels{f: f.Len()}).each(do) }

// Centred is a copy with the mean of every column taken off.
func (f Fields) Centred() Fields {
	out := Fields{nn.Mat{N: f.N, C: f.C, Stride: f.C, Data: make([]float32, f.N*f.C)}, f.Cuts}
	for c := range f.C {
		mean := 0.0
		for n := range f.N {
			mean += float64(f.Row(n)[c]) / float64(f.N)
		}
		for n := range f.N {
			out.Row(n)[c] = f.Row(n)[c] - float32(mean)
		}
	}
	return out
}

// deviations writes the standard deviation over rows of each pair's term, which is of x less its mean.
func deviations(dst []float64, x Fields, term func(p, i, j int, a, b []float32) float64) {
	x = x.Centred()
	x.each(func(p, i, j int) {
		var s spread
		for n := range x.N {
			s.add(term(p, i, j, x.Of(n, i), x.Of(n, j)))
		}
		dst[p] = s.deviation()
	})
}

// sizes is deviations for terms that are squared norms: it writes the root of their mean.
func sizes(dst []float64, x Fields, square func(p, i, j int, a, b []float32) float64) {
	x = x.Centred()
	x.each(func(p, i, j int) {
		sum := 0.0
		for n := range x.N {
			sum += square(p, i, j, x.Of(n, i), x.Of(n, j))
		}
		dst[p] = math.Sqrt(sum / float64(x.N))
	})
}

// dots is deviations of x̃_i·x̃_j.
func dots(dst []float64, x Fields) {
	deviations(dst, x, func(_, _, _ int, a, b []float32) float64 { return dotted(a, b) })
}

// spread sums up numbers for their standard deviation.
type spread struct{ n, sum, square float64 }

func (s *spread) add(x float64) {
	s.n, s.sum, s.square = s.n+1, s.sum+x, s.square+x*x
}

func (s *spread) deviation() float64 {
	mean := s.sum / s.n
	return math.Sqrt(max(0, s.square/s.n-mean*mean))
}

func dotted(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// through calls do with each number of aᵀ W, W [len(a), width].
func through(a, w []float32, width int, do func(k int, v float64)) {
	for k := range width {
		sum := 0.0
		for i, v := range a {
			sum += float64(v) * float64(w[i*width+k])
		}
		do(k, sum)
	}
}

// Strengths implements Pairing.
func (i *fm) Strengths(dst []float64, x Fields) { dots(dst, x) }

// Strengths implements Pairing.
func (i *dot) Strengths(dst []float64, x Fields) { dots(dst, x) }

// Strengths implements Pairing.
func (i *innerProduct) Strengths(dst []float64, x Fields) { dots(dst, x) }

// Strengths implements Pairing.
func (i *fwfm) Strengths(dst []float64, x Fields) {
	deviations(dst, x, func(p, _, _ int, a, b []float32) float64 { return float64(i.r.Value[p]) * dotted(a[:i.d], b[:i.d]) })
}

// Strengths implements Pairing.
func (i *fmfm) Strengths(dst []float64, x Fields) { i.deviations(dst, x) }

// Strengths implements Pairing.
func (i *outerProduct) Strengths(dst []float64, x Fields) { i.deviations(dst, x) }

// deviations are those of x̃_iᵀ W x̃_j.
func (k *kernels) deviations(dst []float64, x Fields) {
	deviations(dst, x, func(p, i, _ int, a, b []float32) float64 {
		sum := 0.0
		through(a, k.part(k.weight.Value, p, i), k.d, func(c int, v float64) { sum += v * float64(b[c]) })
		return sum
	})
}

// Strengths implements Pairing.
func (i *fvfm) Strengths(dst []float64, x Fields) {
	deviations(dst, x, func(p, _, _ int, a, b []float32) float64 {
		sum := 0.0
		for c, w := range i.weight.Value[p*i.d:][:i.d] {
			sum += float64(w) * float64(a[c]) * float64(b[c])
		}
		return sum
	})
}

// Strengths implements Pairing.
func (i *ffm) Strengths(dst []float64, x Fields) {
	deviations(dst, x, func(_, f, g int, a, b []float32) float64 { return dotted(a[g*i.d:][:i.d], b[f*i.d:][:i.d]) })
}

// Strengths implements Pairing.
func (i *fiBiNET) Strengths(dst []float64, x Fields) {
	k := i.kernels[0]
	sizes(dst, x, func(p, f, _ int, a, b []float32) float64 {
		sum := 0.0
		through(a, k.part(k.weight.Value, p, f), k.d, func(c int, v float64) { v *= float64(b[c]); sum += v * v })
		return sum
	})
}

// Strengths implements Pairing.
func (i *cross) Strengths(dst []float64, x Fields) {
	w := i.layers[0].Weight()
	half := func(f, g int, a, b []float32) float64 { // ‖a ⊙ W_fg b‖²
		sum := 0.0
		for k, v := range a {
			v := float64(v) * dotted(b, w[(x.Cuts[f]+k)*i.c+x.Cuts[g]:][:len(b)])
			sum += v * v
		}
		return sum
	}
	sizes(dst, x, func(_, f, g int, a, b []float32) float64 { return half(f, g, a, b) + half(g, f, b, a) })
}

// Strengths implements Pairing.
func (i *cin) Strengths(dst []float64, x Fields) {
	dots(dst, x)
	l := i.layers[0]
	w := l.linear.Weight() // [out, F, F]
	x.each(func(p, f, g int) {
		sum := 0.0
		for h := range l.out {
			v := float64(w[(h*i.f+f)*i.f+g]) + float64(w[(h*i.f+g)*i.f+f])
			sum += v * v
		}
		dst[p] *= math.Sqrt(sum)
	})
}

// Strengths implements Pairing.
func (i *afm) Strengths(dst []float64, x Fields) {
	terms, in := make([]spread, i.pairs), x.block()
	for t := 0; t < in.N; t += i.tile {
		n := min(i.tile, in.N-t)
		i.attend(in.Rows(t, t+n))
		for e := range n {
			a, q := i.a.Row(e), i.q.Row(e)
			for p := range terms {
				terms[p].add(float64(a[p]) * float64(q[p]))
			}
		}
	}
	for p := range terms {
		dst[p] = terms[p].deviation()
	}
}

// Strengths implements Pairing.
func (i *autoInt) Strengths(dst []float64, x Fields) {
	sums := make([]float64, i.f*i.f) // attention of field to field
	q, k := make([]float64, i.f*i.width), make([]float64, i.f*i.width)
	for n := range x.N {
		for f := range i.f {
			i.layers[0].project(q[f*i.width:][:i.width], k[f*i.width:][:i.width], x.Of(n, f))
		}
		i.attend(sums, q, k)
	}
	x.each(func(p, f, g int) {
		dst[p] = (sums[f*i.f+g] + sums[g*i.f+f]) / float64(2*x.N*i.options.Heads)
	})
}

// project makes the query and the key of a field's vector.
func (l *autoIntLayer) project(q, k []float64, x []float32) {
	for r := range q {
		q[r], k[r] = dotted(x, l.query.Value[r*len(x):][:len(x)]), dotted(x, l.key.Value[r*len(x):][:len(x)])
	}
}

// attend adds an example's attention, softmax over j of q_i·k_j, of all heads.
func (i *autoInt) attend(sums, q, k []float64) {
	d, row := i.options.AttentionDim, make([]float64, i.f)
	for h := range i.options.Heads {
		for f := range i.f {
			total := 0.0
			for g := range row {
				row[g] = 0
				for c := range d {
					row[g] += q[f*i.width+h*d+c] * k[g*i.width+h*d+c]
				}
			}
			most := row[0]
			for _, v := range row {
				most = max(most, v)
			}
			for g, v := range row {
				row[g] = math.Exp(float64(i.scale) * (v - most))
				total += row[g]
			}
			for g, v := range row {
				sums[f*i.f+g] += v / total
			}
		}
	}
}
