package nn

import "slices"

// Builder declares the parameters of one lane and hands out its scratch, sized once.
// In gives the same builder under a longer prefix; Lane a builder for one more lane on the same values.
type Builder struct {
	Rows  int // the most rows of a shard
	Seed  uint64
	Train bool  // gradients and scratch for Backward are wanted
	Dry   bool  // parameters, tables and scratch without memory: for counting what a model costs
	Init  Inits // of the model that is being built

	prefix string
	lane   *lane
}

// lane is what one build has declared.
type lane struct {
	values  *values
	params  []*Param
	tables  []*Table
	running []*Running
	reduces bool
	scratch *Scratch
}

// values are shared by all lanes.
type values struct {
	params  map[string]*Param
	tables  map[string]*Table
	running map[string]*Running
}

// NewBuilder returns the builder of a first lane: it draws the initial values.
func NewBuilder(rows int, seed uint64, train bool, init Inits) *Builder {
	v := &values{map[string]*Param{}, map[string]*Table{}, map[string]*Running{}}
	return &Builder{Rows: rows, Seed: seed, Train: train, Init: init, lane: &lane{values: v, scratch: &Scratch{}}}
}

// Lane returns a builder whose parameters share the values of b's: the same declarations must follow.
func (b *Builder) Lane(rows int, train bool) *Builder {
	return &Builder{Rows: rows, Seed: b.Seed, Train: train, Init: b.Init, lane: &lane{values: b.lane.values, scratch: &Scratch{}}}
}

// In returns the builder with name and a dot added to the prefix of what it declares.
func (b *Builder) In(name string) *Builder {
	c := *b
	c.prefix += name + "."
	return &c
}

// Params and Tables are all that was declared in this lane, in order.
func (b *Builder) Params() []*Param { return b.lane.params }

// Tables are shared by all lanes.
func (b *Builder) Tables() []*Table { return b.lane.tables }

// Weight declares a parameter with the house's initial values for weights, [out, in …] or [in].
func (b *Builder) Weight(name string, shape ...int) *Param {
	return b.Param(name, b.Init.Weight, shape...)
}

// Bias declares a parameter with the house's initial values for biases.
func (b *Builder) Bias(name string, shape ...int) *Param { return b.Param(name, b.Init.Bias, shape...) }

// Param declares a dense parameter. A weight vector [n] counts as n × 1 where the spread depends on the shape.
func (b *Builder) Param(name string, init Init, shape ...int) *Param {
	name = b.prefix + name
	first, ok := b.lane.values.params[name]
	if !ok {
		first = &Param{Name: name, Shape: shape, packs: &packs{}}
		out, in := first.Dims()
		first.Value = b.floats(out * in)
		init.fill(first.Value, out, in, stream(b.Seed, name))
		b.lane.values.params[name] = first
	} else if !slices.Equal(first.Shape, shape) {
		panic("nn: lanes declare a parameter in different shapes")
	}
	p := &Param{Name: name, Shape: first.Shape, Value: first.Value, packs: first.packs}
	if b.Train {
		p.Grad = b.floats(len(p.Value))
	}
	b.lane.params = append(b.lane.params, p)
	return p
}

// Table declares an embedding table.
func (b *Builder) Table(name string, init Init, rows, d int) *Table {
	name = b.prefix + name
	t, ok := b.lane.values.tables[name]
	if !ok {
		t = &Table{Name: name, Rows: rows, D: d, Value: b.floats(rows * d)}
		init.fill(t.Value, rows, d, stream(b.Seed, name))
		b.lane.values.tables[name] = t
	} else if t.Rows != rows || t.D != d {
		panic("nn: lanes declare a table in different shapes")
	}
	b.lane.tables = append(b.lane.tables, t)
	return t
}

// Running declares n numbers that all start as one.
func (b *Builder) Running(name string, start float32, n int) *Running {
	name = b.prefix + name
	r, ok := b.lane.values.running[name]
	if !ok {
		r = &Running{Name: name, N: n, Value: b.floats(n)}
		for i := range r.Value {
			r.Value[i] = start
		}
		b.lane.values.running[name] = r
	} else if r.N != n {
		panic("nn: lanes declare running numbers in different lengths")
	}
	b.lane.running = append(b.lane.running, r)
	return r
}

// Runnings are all running numbers that were declared in this lane; lanes share them.
func (b *Builder) Runnings() []*Running { return b.lane.running }

// Reduces declares that a layer calls Step.Reduce: shards must then take their steps together, each whole in its scratch.
func (b *Builder) Reduces() { b.lane.reduces = true }

// Reducing says whether a layer does.
func (b *Builder) Reducing() bool { return b.lane.reduces }

// Mat and Block hand out scratch of this lane for a full shard.
func (b *Builder) Mat(c int) Mat { return Mat{N: b.Rows, C: c, Stride: c, Data: b.floats(b.Rows * c)} }

// Block is as Mat.
func (b *Builder) Block(f, d int) Block {
	return Block{N: b.Rows, F: f, D: d, Data: b.floats(b.Rows * f * d)}
}

func (b *Builder) floats(n int) []float32 {
	if b.Dry {
		return nil
	}
	return huge(n)
}

// Scratch is working memory that the layers of a lane use one after the other; nothing in it lives from one call
// to the next.
type Scratch struct{ data []float32 }

// Scratch returns the lane's, grown to at least n numbers.
func (b *Builder) Scratch(n int) *Scratch {
	if s := b.lane.scratch; len(s.data) < n && !b.Dry {
		s.data = make([]float32, n)
	}
	return b.lane.scratch
}
