package datasets

import "slices"

// Planted is a Source whose truth is known.
type Planted interface {
	Source
	// Strengths returns what is planted in the pairs of some columns, (0,1), (0,2), …, (1,2), …: the standard deviation over rows,
	// in logits, of what a pair adds beyond its columns by themselves. It is nil where a column is not the set's own, or where the
	// truth is no sum over sets of columns, as an mlp is not.
	Strengths(columns []string) []float64
	// Latents returns the hidden vectors [len(ids), dim] that the first term of kind fm gives to ids of a one-hot field; nil where
	// there are none, or where they change with time.
	Latents(field string, ids []int32) (vectors []float32, dim int)
}

// pairTerm is a term that is a sum over sets of columns: pairs calls add with what each set of two, as places among the term's
// columns, contributes to the rows of a block.
type pairTerm interface {
	of() *latents
	pairs(b *block, add func(i, j int, values []float64))
}

// plantedRows is how many rows strengths are measured on.
const plantedRows = 1 << 12

// Strengths implements Planted.
func (s *synthetic) Strengths(columns []string) []float64 {
	for _, name := range columns {
		if s.names.index(name) < 0 {
			return nil
		}
	}
	for _, t := range s.terms {
		if _, ok := t.term.(pairTerm); !ok {
			return nil
		}
	}
	values := make([][]float64, len(columns)*(len(columns)-1)/2)
	for p := range values {
		values[p] = make([]float64, plantedRows)
	}
	d, numbers := s.drawer(blockRows), make([]uint64, blockRows)
	for from := 0; from < plantedRows; from += blockRows {
		for i := range numbers {
			numbers[i] = sampleFrom + uint64(from+i)
		}
		d.start()
		d.each(numbers, func(b *block) {
			s.strengths(b, columns, func(p, r int, x float64) { values[p][from+int(b.numbers[r]-numbers[0])] += x })
		})
	}
	var out []float64
	for _, v := range values {
		_, sd := moments(v)
		out = append(out, sd)
	}
	return out
}

// strengths calls add with what each pair of columns gets of each row of a block.
func (s *synthetic) strengths(b *block, columns []string, add func(p, r int, x float64)) {
	for _, t := range s.terms {
		of := t.term.(pairTerm)
		place := func(i int) int { return slices.Index(columns, s.name(of.of().columns[i])) }
		of.pairs(b, func(i, j int, v []float64) {
			p := pairAt(len(columns), place(i), place(j))
			for r, x := range v {
				if p >= 0 {
					add(p, r, t.scale*x)
				}
			}
		})
	}
}

// pairAt is the place of a pair of n among all, −1 where one of the two is not there.
func pairAt(n, i, j int) int {
	i, j = min(i, j), max(i, j)
	if i < 0 {
		return -1
	}
	return i*(2*n-i-1)/2 + j - i - 1
}

func (s *synthetic) name(c latentColumn) string {
	if c.dense {
		return s.dense[c.at].Name
	}
	return s.fields[c.at].Name
}

// Latents implements Planted.
func (s *synthetic) Latents(field string, ids []int32) (vectors []float32, dim int) {
	for _, t := range s.terms {
		of, ok := t.term.(fmTerm)
		if !ok {
			continue
		}
		i := slices.IndexFunc(of.columns, func(c latentColumn) bool { return !c.dense && s.name(c) == field })
		if i < 0 || s.drift > 0 || s.fields[of.columns[i].at].MultiHot > 0 {
			return nil, 0
		}
		vectors = make([]float32, len(ids)*of.dim)
		of.columns[i].book.lookup(vectors, ids)
		return vectors, of.dim
	}
	return nil, 0
}

// vectors are those of all columns of a block, [n, dim] each.
func (l *latents) vectors(b *block) [][]float32 {
	all := make([][]float32, len(l.columns))
	for i := range all {
		all[i] = make([]float32, b.n*l.dim)
		l.fill(all[i], b, i)
	}
	return all
}

func (l *latents) of() *latents { return l }

func (linearTerm) pairs(*block, func(i, j int, values []float64)) {}

func (t fmTerm) pairs(b *block, add func(i, j int, values []float64)) {
	v := t.vectors(b)
	for i := range v {
		for j := i + 1; j < len(v); j++ {
			add(i, j, products(v[i], v[j], t.dim))
		}
	}
}

func (t *productTerm) pairs(b *block, add func(i, j int, values []float64)) {
	v := t.vectors(b)
	for _, list := range t.combinations {
		if len(list) == 2 {
			add(list[0], list[1], products(v[list[0]], v[list[1]], t.dim))
		}
	}
}

func (t *bilinearTerm) pairs(b *block, add func(i, j int, values []float64)) {
	v, m := t.vectors(b), t.m
	for i := range v {
		for j := i + 1; j < len(v); j++ {
			sums, out := make([]float32, b.n), make([]float64, b.n)
			t.pair(sums, v[i], v[j], m[:t.dim*t.dim])
			m = m[t.dim*t.dim:]
			for r, x := range sums {
				out[r] = float64(x)
			}
			add(i, j, out)
		}
	}
}

// products are those of rows of dim numbers.
func products(a, b []float32, dim int) []float64 {
	out := make([]float64, len(a)/dim)
	for r := range out {
		for d := range dim {
			out[r] += float64(a[r*dim+d]) * float64(b[r*dim+d])
		}
	}
	return out
}
