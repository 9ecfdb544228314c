package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/nn"
)

// Net is a model as one lane has it: parameters shared in value, scratch and gradients of its own.
type Net struct {
	params   []*nn.Param
	linear   *linear
	products *productTerm
	groups   []*group
	branches []*branch
	head     *nn.Linear
	share    float32 // of a branch in the logit, where there is no head
	joint    nn.Mat  // [N, Σ Out], the branches side by side under the head, or one column each
	djoint   nn.Mat
	dvoices  nn.Mat // [N, branches], what Voices hands out; without Data where there is no auxiliary loss
	logit    nn.Mat // [N, 1]
}

// build declares everything in the order of the formula; grads, a block a group, is nil where none are wanted, p where there are no products.
func build(b *nn.Builder, s Spec, grads []nn.Block, p *products) *Net {
	n := &Net{logit: b.Mat(1), share: 1}
	if s.Mean {
		n.share = 1 / float32(len(s.Branches))
	}
	if s.Linear.On {
		n.linear = newLinear(b.In("linear"), s)
	}
	if p != nil {
		n.products = newProductTerm(b.In("products"), s, p)
	}
	for i, g := range s.Groups {
		var grad *nn.Block
		if grads != nil {
			grad = &grads[i]
		}
		n.groups = append(n.groups, newGroup(b, g, s.Schema, grad))
	}
	width := 0
	for _, br := range s.Branches {
		built := newBranch(b, br, n.groups[br.Group])
		n.branches = append(n.branches, built)
		width += built.out
	}
	n.joint = b.Mat(width)
	if b.Train {
		n.djoint = b.Mat(width)
	}
	if b.Train && s.auxiliary().Name != "none" {
		n.dvoices = b.Mat(width)
	}
	if s.Head {
		n.head = nn.NewLinear(b.In("head").In("0"), width, 1, false)
	}
	n.params = b.Params()
	return n
}

// Forward returns the logits of rows [from, to) of a batch that the model was begun on; they are valid until the next call.
func (n *Net) Forward(s *nn.Step, b *batch.Batch, from, to int) []float32 {
	for _, g := range n.groups {
		g.forward(s, b, from, to)
	}
	at, joint := 0, n.joint.Rows(to-from)
	for _, br := range n.branches {
		br.forward(s, joint.Cols(at, at+br.out), br.group.x.Rows(0, to-from))
		at += br.out
	}
	z := n.logit.Rows(to - from)
	if n.head != nil {
		n.head.Forward(z, joint)
	} else {
		sumRows(z.Data[:z.N], joint, n.share)
	}
	if n.linear != nil {
		n.linear.forward(z.Data[:z.N], b, from, to)
	}
	if n.products != nil {
		n.products.forward(z.Data[:z.N], from)
	}
	return z.Data[:z.N]
}

// Look does of Forward the part that looks ids up.
func (n *Net) Look(s *nn.Step, b *batch.Batch, from, to int) {
	for _, g := range n.groups {
		g.embeddings.Forward(s, g.categorical(g.x.Rows(0, to-from).Mat()), b, from, to)
	}
	if n.linear != nil {
		n.linear.look(n.logit.Rows(to-from), b, from, to)
	}
}

// Voices are the branches' logits of the last Forward, [rows, branches], and where Backward takes their gradient from beside that which
// comes through the logit: for an auxiliary loss.
func (n *Net) Voices(rows int) (z, dz nn.Mat) { return n.joint.Rows(rows), n.dvoices.Rows(rows) }

// Backward follows the Forward of the same rows: it adds into the gradients of the lane's parameters and writes
// those of the embeddings into the model's Lookups.
func (n *Net) Backward(s *nn.Step, b *batch.Batch, dlogit []float32, from, to int) {
	rows := to - from
	dz := nn.Mat{N: rows, C: 1, Stride: 1, Data: dlogit}
	if n.linear != nil {
		n.linear.backward(dlogit, b, from)
	}
	if n.products != nil {
		n.products.backward(dlogit, from)
	}
	joint, djoint := n.joint.Rows(rows), n.djoint.Rows(rows)
	if n.head != nil {
		n.head.Backward(djoint, dz, joint, true)
	} else {
		spread(djoint, dlogit, n.share)
	}
	if n.dvoices.Data != nil {
		for i, d := range n.dvoices.Rows(rows).Data {
			djoint.Data[i] += d
		}
	}
	for _, g := range n.groups {
		clear(g.grad.Rows(from, to).Data)
	}
	at := 0
	for _, br := range n.branches {
		br.backward(s, br.group.grad.Rows(from, to), djoint.Cols(at, at+br.out), br.group.x.Rows(0, rows))
		at += br.out
	}
	for _, g := range n.groups {
		g.backward(s, b, from, to)
	}
}

// Params are the lane's dense parameters.
func (n *Net) Params() []*nn.Param { return n.params }

func (n *Net) cost() nn.Cost {
	var c nn.Cost
	if n.linear != nil {
		c = c.Add(nn.Cost{FLOPs: float64(2*n.linear.fields + 2*n.linear.dense), Bytes: float64(8 * n.linear.fields)})
	}
	if n.products != nil {
		c = c.Add(n.products.cost())
	}
	for _, g := range n.groups {
		c = c.Add(g.cost())
	}
	for _, br := range n.branches {
		c = c.Add(br.cost())
	}
	if n.head != nil {
		c = c.Add(n.head.Cost())
	}
	return c
}

// sumRows writes z[n] = share · Σ_c m[n, c].
func sumRows(z []float32, m nn.Mat, share float32) {
	for n := range z {
		sum := float32(0)
		for _, v := range m.Row(n) {
			sum += v
		}
		z[n] = share * sum
	}
}

// spread is sumRows backward.
func spread(d nn.Mat, dz []float32, share float32) {
	for n, v := range dz {
		row := d.Row(n)
		for c := range row {
			row[c] = share * v
		}
	}
}

// branch is a Branch of a lane.
type branch struct {
	spec  Branch
	group *group
	parts []part
	raw   int    // dense features beside the interactions' outputs, before them
	width int    // of the interactions' outputs side by side
	y, dy nn.Mat // [N, width]; only where a perceptron follows
	mlp   *nn.MLP
	out   int
}

// part is an interaction and its columns.
type part struct {
	interactions.Interaction
	from, to int
}

// newBranch declares interactions, then the perceptron.
func newBranch(b *nn.Builder, s Branch, g *group) *branch {
	br := &branch{spec: s, group: g, raw: s.raw(g)}
	br.width = br.raw
	for _, u := range s.Interactions {
		in := b.In(s.Prefix)
		if s.Custom {
			in = in.In(u.Name)
		}
		if s.Init != nil {
			in.Init.Weight, in.Init.Bias = s.Init.Weight, s.Init.Bias
		}
		i := newInteraction(in, g, u)
		br.parts = append(br.parts, part{i, br.width, br.width + i.Width()})
		br.width += i.Width()
	}
	br.out = br.width
	if bare := s.Custom && len(s.Hidden) == 0 && br.width == 1; s.MLP != "" && !bare {
		br.y = b.Mat(br.width)
		if b.Train {
			br.dy = b.Mat(br.width)
		}
		br.mlp = nn.NewMLP(b.In(s.MLP), br.width, s.Hidden, s.Unit, s.Layers)
		br.out = br.mlp.Out()
	}
	return br
}

func (br *branch) forward(s *nn.Step, out nn.Mat, x nn.Block) {
	y := out
	if br.mlp != nil {
		y = br.y.Rows(x.N)
	}
	if br.raw > 0 {
		y.Cols(0, br.raw).Copy(x.Mat().Cols(0, br.raw))
	}
	for _, p := range br.parts {
		p.Forward(s, y.Cols(p.from, p.to), x)
	}
	if br.mlp != nil {
		br.mlp.Forward(s, out, y)
	}
}

func (br *branch) backward(s *nn.Step, dx nn.Block, dout nn.Mat, x nn.Block) {
	dy := dout
	if br.mlp != nil {
		dy = br.dy.Rows(x.N)
		dy.Zero()
		br.mlp.Backward(s, dy, dout, br.y.Rows(x.N))
	}
	for _, p := range br.parts {
		p.Backward(s, dx, dy.Cols(p.from, p.to), x)
	}
}

func (br *branch) cost() nn.Cost {
	var c nn.Cost
	for _, p := range br.parts {
		c = c.Add(p.Cost())
	}
	if br.mlp != nil {
		c = c.Add(br.mlp.Cost())
	}
	return c
}
