package interactions_test

import (
	"math"
	"slices"
	"testing"

	"ctrlab/interactions"
	"ctrlab/nn"
)

// More examples than go through the layers at a time (6 of 39 fields) give what each gives alone, and a build without gradients gives
// the same outputs.
func TestAutoIntTiles(t *testing.T) {
	const n, f, d = 15, 39, 3
	v, _ := interactions.Find("autoint")
	builder := nn.NewBuilder(n, 1, true, nn.DefaultInits)
	i := v.New(builder, f, d, v.Options)
	infer := v.New(builder.Lane(n, false), f, d, v.Options)
	x, dx, dx1 := nn.NewBlock(n, f, d), nn.NewBlock(n, f, d), nn.NewBlock(n, f, d)
	for j := range x.Data {
		x.Data[j] = float32(j%13)/13 - 0.4
	}
	y, y1, dy := nn.NewMat(n, i.Width()), nn.NewMat(n, i.Width()), nn.NewMat(n, i.Width())
	for j := range dy.Data {
		dy.Data[j] = float32(j%7)/7 - 0.3
	}
	i.Forward(&nn.Step{}, y, x)
	i.Backward(&nn.Step{}, dx, dy, x)
	var grads [][]float32
	for _, p := range builder.Params() {
		grads = append(grads, slices.Clone(p.Grad))
		clear(p.Grad)
	}
	for e := range n {
		i.Forward(&nn.Step{}, y1.Window(e, 1, 0, y1.C), x.Rows(e, e+1))
		i.Backward(&nn.Step{}, dx1.Rows(e, e+1), dy.Window(e, 1, 0, dy.C), x.Rows(e, e+1))
	}
	if !slices.Equal(y.Data, y1.Data) || !slices.Equal(dx.Data, dx1.Data) {
		t.Error("examples alone differ from examples among others")
	}
	for j, p := range builder.Params() {
		for k, g := range p.Grad { // sums over 585 rows in another order
			if math.Abs(float64(g-grads[j][k])) > 1e-5*(1+math.Abs(float64(g))) {
				t.Fatalf("gradient of %s[%d] is %g, one by one %g", p.Name, k, grads[j][k], g)
			}
		}
	}
	infer.Forward(&nn.Step{}, y1, x)
	if !slices.Equal(y.Data, y1.Data) {
		t.Error("a build without gradients gives other outputs")
	}
}
