package interactions

import (
	"fmt"
	"slices"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// FiBiNETOptions are the options of fibinet.
type FiBiNETOptions struct {
	Reduction int    `json:"reduction"` // of the fields in SENet's hidden layer
	Bilinear  string `json:"bilinear"`  // a matrix for each interaction, for each left field, or one for all
	Shared    bool   `json:"shared"`    // the same matrices for the fields and the weighted fields
}

// Check wants a ratio and a known kind of matrices.
func (o FiBiNETOptions) Check() error {
	if !slices.Contains(kernelsOf, o.Bilinear) {
		return fmt.Errorf("bilinear is %q, want interaction, each or all", o.Bilinear)
	}
	if o.Reduction < 1 {
		return fmt.Errorf("reduction is %d, want at least 1", o.Reduction)
	}
	return nil
}

// fiBiNET is bilinear products p_ij = (x_iᵀ W_ij) ⊙ x_j of all pairs, [p; q], where q is the same of v_i = a_i x_i, the fields
// weighted by SENet: a = relu(S_1 relu(S_0 mean_d(x))).
//
// Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature Interaction", RecSys 2019, eqs. 3 to 9.
type fiBiNET struct {
	f, d    int
	kernels [2]*kernels // of x and of v
	senet   [2]*nn.Stack
	z       [3]nn.Mat // [N, F], [N, r], [N, F]: means, hidden, weights
	dz      [3]nn.Mat // behind the ReLU
	v, dv   nn.Block
}

func newFiBiNET(b *nn.Builder, f, d int, o FiBiNETOptions) Interaction {
	i := &fiBiNET{f: f, d: d, v: b.Block(f, d)}
	i.kernels[0] = newKernels(b, "bilinear", f, d, o.Bilinear)
	i.kernels[1] = i.kernels[0]
	if !o.Shared {
		i.kernels[1] = newKernels(b, "bilinear_senet", f, d, o.Bilinear)
	}
	r := max(1, f/o.Reduction)
	for l, shape := range [...][2]int{{r, f}, {f, r}} {
		in := b.In("senet").In(strconv.Itoa(l))
		i.senet[l] = nn.NewStack(in, in.Weight("weight", shape[0], shape[1]))
	}
	for l, c := range [...]int{f, r, f} {
		i.z[l] = b.Mat(c)
		if b.Train {
			i.dz[l] = b.Mat(c)
		}
	}
	if b.Train {
		i.dv = b.Block(f, d)
	}
	return i
}

func (i *fiBiNET) Width() int { return 2 * pairs(i.f) * i.d }

// weigh makes the weights of the fields and v.
func (i *fiBiNET) weigh(x nn.Block) nn.Block {
	n, v := x.N, i.v.Rows(0, x.N)
	mean := i.z[0].Rows(n).Data
	for t := range mean {
		mean[t] = vec.Sum(x.Data[t*i.d:][:i.d]) / float32(i.d)
	}
	for l, s := range i.senet {
		z := i.z[l+1].Rows(n)
		s.Forward(z, i.z[l].Rows(n), 0, 1)
		vec.ReLU(z.Data, z.Data)
	}
	vec.OuterRows(v.Data, i.z[2].Data, 1, x.Data, i.d, n*i.f, 1, i.d)
	return v
}

func (i *fiBiNET) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	half := pairs(i.f) * i.d
	bilinear(i.kernels[0], y.Cols(0, half), x)
	bilinear(i.kernels[1], y.Cols(half, 2*half), i.weigh(x))
}

// bilinear writes the products of all pairs.
func bilinear(k *kernels, y nn.Mat, x nn.Block) {
	k.each(func(p, a, b int) {
		t, e := k.product(x, p, a, b), x.Field(b)
		vec.MulRows(y.Data[p*k.d:], y.Stride, t.Data, t.Stride, e.Data, e.Stride, x.N, k.d)
	})
}

func (i *fiBiNET) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	n, half := x.N, pairs(i.f)*i.d
	v, dv := i.v.Rows(0, n), i.dv.Rows(0, n)
	bilinearGrad(i.kernels[0], dx, dy.Cols(0, half), x)
	clear(dv.Data)
	bilinearGrad(i.kernels[1], dv, dy.Cols(half, 2*half), v)
	vec.AxpyRows(dx.Data, i.d, i.z[2].Data, 1, dv.Data, i.d, n*i.f, i.d)
	vec.DotRows(i.dz[2].Data, 1, dv.Data, i.d, x.Data, i.d, n*i.f, i.d)
	for l := 1; l >= 0; l-- {
		d, z := i.dz[l+1].Rows(n), i.z[l+1].Rows(n)
		vec.ReLUGrad(d.Data, d.Stride, d.Data, d.Stride, z.Data, z.Stride, n, z.C)
		i.senet[l].Backward(i.dz[l].Rows(n), d, i.z[l].Rows(n), true)
	}
	for t, g := range i.dz[0].Rows(n).Data {
		g /= float32(i.d)
		for j := range i.d {
			dx.Data[t*i.d+j] += g
		}
	}
}

func bilinearGrad(k *kernels, dx nn.Block, dy nn.Mat, x nn.Block) {
	k.each(func(p, a, b int) {
		t, dt, e, g := k.product(x, p, a, b), k.gradient(x.N, a, b), x.Field(b), dy.Cols(p*k.d, (p+1)*k.d)
		mulAdd(dx.Field(b), g, t)
		mulAdd(dt, g, e)
		k.back(dx, x, p, a, b)
	})
}

func (i *fiBiNET) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	a := g.Scale(g.Sum(x, 2), 1/float32(i.d))
	for _, s := range i.senet {
		a = g.Relu(s.ONNX(g, a, 0))
	}
	p := i.kernels[0].productsONNX(g, x)
	q := i.kernels[1].productsONNX(g, g.Mul(x, g.Reshape(a, 0, i.f, 1)))
	return g.Reshape(g.Concat(1, p, q), 0, i.Width())
}

func (i *fiBiNET) Cost() nn.Cost {
	c := i.kernels[0].cost()
	if i.kernels[1] != i.kernels[0] {
		c.Params *= 2
	}
	c.FLOPs = 2 * (c.FLOPs + float64(pairs(i.f)*i.d))
	c.FLOPs += float64(2 * i.f * i.d)
	c.Bytes += float64(4 * (i.f*i.d + i.Width()))
	for _, s := range i.senet {
		c = c.Add(s.Cost())
	}
	return c
}
