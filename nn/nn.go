// Package nn has the parts that models are made of: matrices over borrowed memory (Mat, Block), parameters
// (Param, Table) and the Builder that declares them, layers (Linear, MLP), losses and optimisers (a table each).
//
// Everything here works on one shard of a batch on one goroutine and knows of no other. Layers have explicit
// Forward and Backward methods; a Backward adds into the gradients it is given. Scratch comes from the Builder,
// sized once, so that a step allocates nothing.
package nn

// Mat is N rows of C columns; row n starts at Data[n*Stride]. A window of a wider matrix is a Mat too.
type Mat struct {
	N, C, Stride int
	Data         []float32
}

// NewMat returns a zero matrix of its own memory.
func NewMat(n, c int) Mat { return Mat{N: n, C: c, Stride: c, Data: huge(n * c)} }

// Row returns row n, [C].
func (m Mat) Row(n int) []float32 { return m.Data[n*m.Stride:][:m.C:m.C] }

// Rows returns the first n rows: a short batch in scratch that was sized for a full one.
func (m Mat) Rows(n int) Mat { return m.Window(0, n, 0, m.C) }

// Cols returns the window of columns [from, to).
func (m Mat) Cols(from, to int) Mat { return m.Window(0, m.N, from, to) }

// Window returns n rows from row on, and of them columns [from, to). Its Data ends with its last element.
func (m Mat) Window(row, n, from, to int) Mat {
	w := Mat{N: n, C: to - from, Stride: m.Stride}
	if n > 0 {
		at := row * m.Stride
		w.Data = m.Data[at+from : at+(n-1)*m.Stride+to]
	}
	return w
}

// Copy takes the elements of a window of the same size; it may be m itself.
func (m Mat) Copy(x Mat) {
	for n := range m.N {
		copy(m.Row(n), x.Row(n))
	}
}

// Zero sets every element of the window to 0.
func (m Mat) Zero() {
	for n := range m.N {
		clear(m.Row(n))
	}
}

// Block is N examples of F fields of D numbers, contiguous: [N, F·D] is the same memory.
// A concatenation of unlike things is a Block with F = 1 and D its width.
type Block struct {
	N, F, D int
	Data    []float32
}

// NewBlock returns a zero block of its own memory.
func NewBlock(n, f, d int) Block { return Block{N: n, F: f, D: d, Data: huge(n * f * d)} }

// Mat returns the block flattened, [N, F·D], over the same memory.
func (b Block) Mat() Mat { return Mat{N: b.N, C: b.F * b.D, Stride: b.F * b.D, Data: b.Data} }

// Field returns field f of every example, [N, D], as a window.
func (b Block) Field(f int) Mat {
	return b.Mat().Cols(f*b.D, (f+1)*b.D)
}

// Rows returns examples [from, to).
func (b Block) Rows(from, to int) Block {
	w := b.F * b.D
	return Block{N: to - from, F: b.F, D: b.D, Data: b.Data[from*w : to*w]}
}

// Step says where in training a shard stands: what dropout and the like draw their streams from.
type Step struct {
	Seed  uint64
	Step  int             // of the optimiser, from 0
	Row   int             // of the batch: the shard's first
	Train bool            // this is no prediction
	Sum   func([]float64) // of Reduce; nil where the shard is the whole batch
}

// Reduce sums v over all shards of the batch, in their order: it returns when every one has come to this point. A layer
// whose training reduces is declared with Builder.Reduces.
func (s *Step) Reduce(v []float64) {
	if s.Sum != nil {
		s.Sum(v)
	}
}

// Cost is what a part of a model costs: parameters, and an example's forward pass in floating-point operations
// (a multiply-add is two) and in bytes of embeddings, activations and outputs moved.
type Cost struct {
	Params int64
	FLOPs  float64
	Bytes  float64
}

// Add returns the sum of two costs.
func (c Cost) Add(o Cost) Cost {
	return Cost{Params: c.Params + o.Params, FLOPs: c.FLOPs + o.FLOPs, Bytes: c.Bytes + o.Bytes}
}
