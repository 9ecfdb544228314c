package nn

import "ctrlab/internal/vec"

// Pack is a weight [out, in], or some of its columns, packed for vec.MulPacked: once a step for all lanes. Forward it
// holds the transpose [width, out], for y = x·Wᵀ; backward the columns themselves [out, width], for dx = dy·W.
type Pack struct {
	Data       []float32
	col, width int
	backward   bool
	height     int // rows of what is packed backward: out, or those of a Stack
}

// packs are a parameter's, shared by its lanes.
type packs struct {
	list []*Pack
	// A layer that computes with something made of the weight has it made here: derive brings rows [from, to) of
	// derived, as large as Value, up to date. Without, packs are made of Value.
	derived []float32
	derive  func(from, to int)
	stacked [2][]float32 // of the Stack whose first weight this is: forward, backward
}

// Pack declares a packed form of columns [col, col+width) of a parameter. Lanes that ask for the same share it.
func (b *Builder) Pack(p *Param, col, width int, backward bool) *Pack {
	for _, k := range p.packs.list {
		if k.col == col && k.width == width && k.backward == backward {
			return k
		}
	}
	out, in := p.Dims()
	k := &Pack{col: col, width: width, backward: backward, height: out}
	if backward {
		k.Data = b.floats(vec.PackedLen(out, width))
	} else {
		k.Data = b.floats(vec.PackedLen(width, out))
	}
	p.packs.list = append(p.packs.list, k)
	if !b.Dry {
		k.update(p.packed(), out, in, 0, out)
	}
	return k
}

// Derive makes packs of what derive writes, rows [from, to) at a time, into a slice as large as Value, instead of
// Value itself. It stands before the first Pack; later lanes change nothing.
func (b *Builder) Derive(p *Param, derive func(dst, value []float32, from, to int)) {
	if p.packs.derived != nil || b.Dry {
		return
	}
	dst := make([]float32, len(p.Value))
	p.packs.derived = dst
	p.packs.derive = func(from, to int) { derive(dst, p.Value, from, to) }
	out, _ := p.Dims()
	p.packs.derive(0, out)
}

// Repack brings the packed forms of rows [from, to) up to date after Value has changed there. from is a multiple
// of vec.Panel, and so is to unless it is the last; owners of different rows may repack at once.
func (p *Param) Repack(from, to int) {
	if p.packs.derive != nil {
		p.packs.derive(from, to)
	}
	out, in := p.Dims()
	for _, k := range p.packs.list {
		k.update(p.packed(), out, in, from, to)
	}
}

// packed is what packs are made of.
func (p *Param) packed() []float32 {
	if p.packs.derived != nil {
		return p.packs.derived
	}
	return p.Value
}

func (k *Pack) update(w []float32, out, in, from, to int) {
	if k.backward {
		vec.PackRange(k.Data, w[k.col:], in, 1, k.height, k.width, from, to, 0, k.width)
	} else {
		vec.PackRange(k.Data, w[k.col:], 1, in, k.width, out, 0, k.width, from, to)
	}
}
