package nn

import "ctrlab/internal/vec"

// Pack is a weight [out, in] packed for vec.MulPacked: once a step for all lanes. Forward it holds the transpose
// [in, out], for y = x·Wᵀ; backward the weight itself, for dx = dy·W.
type Pack struct {
	Data     []float32
	backward bool
	height   int // rows of what is packed backward: out, or those of a Stack
}

// packs are a parameter's, shared by its lanes.
type packs struct {
	list    []*Pack
	stacked [2][]float32 // of the Stack whose first weight this is: forward, backward
}

// Pack declares a packed form of a parameter. Lanes that ask for the same share it.
func (b *Builder) Pack(p *Param, backward bool) *Pack {
	for _, k := range p.packs.list {
		if k.backward == backward {
			return k
		}
	}
	out, in := p.Dims()
	k := &Pack{backward: backward, height: out}
	if backward {
		k.Data = b.floats(vec.PackedLen(out, in))
	} else {
		k.Data = b.floats(vec.PackedLen(in, out))
	}
	p.packs.list = append(p.packs.list, k)
	if !b.Dry {
		k.update(p.Value, out, in, 0, out)
	}
	return k
}

// Repack brings the packed forms of rows [from, to) up to date after Value has changed there. from is a multiple
// of vec.Panel, and so is to unless it is the last; owners of different rows may repack at once.
func (p *Param) Repack(from, to int) {
	out, in := p.Dims()
	for _, k := range p.packs.list {
		k.update(p.Value, out, in, from, to)
	}
}

func (k *Pack) update(w []float32, out, in, from, to int) {
	if k.backward {
		vec.PackRange(k.Data, w, in, 1, k.height, in, from, to, 0, in)
	} else {
		vec.PackRange(k.Data, w, 1, in, in, out, 0, in, from, to)
	}
}
