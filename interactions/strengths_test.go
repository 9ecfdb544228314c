package interactions_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"ctrlab/interactions"
	"ctrlab/nn"
)

// crossed is three fields of four ids each in all 64 combinations, so that fields are independent; less their mean, products of two
// have the mean 0 too.
func crossed(d int) nn.Block {
	r := rand.New(rand.NewPCG(3, 4))
	ids := make([][]float32, 3*4)
	for i := range ids {
		ids[i] = make([]float32, d)
		for c := range d {
			ids[i][c] = float32(r.NormFloat64())
		}
	}
	for f := range 3 {
		for c := range d {
			mean := (ids[4*f][c] + ids[4*f+1][c] + ids[4*f+2][c] + ids[4*f+3][c]) / 4
			for i := range 4 {
				ids[4*f+i][c] -= mean
			}
		}
	}
	x := nn.NewBlock(64, 3, d)
	for n := range 64 {
		for f := range 3 {
			copy(x.Field(f).Row(n), ids[4*f+n>>(2*f)&3])
		}
	}
	return x
}

func fields(x nn.Block) interactions.Fields {
	cuts := []int{0}
	for f := range x.F {
		cuts = append(cuts, (f+1)*x.D)
	}
	return interactions.Fields{Mat: x.Mat(), Cuts: cuts}
}

// A strength is the root mean square of what Forward makes of two fields beyond what it makes of each: y(i, j) − y(i) − y(j) + y(0),
// where other fields are zero, over the output columns in question.
func TestStrengthsAreMixedDifferences(t *testing.T) {
	for _, c := range []struct {
		name    string
		options any
		columns int // 0: all
	}{
		{"fm", interactions.None{}, 0},
		{"dot", interactions.DotOptions{}, 0},
		{"inner_product", interactions.None{}, 0},
		{"outer_product", interactions.None{}, 0},
		{"fwfm", interactions.FwFMOptions{}, 0},
		{"fwfm", interactions.FwFMOptions{Vectors: true}, 0},
		{"fmfm", interactions.FMFMOptions{Kernel: "matrix"}, 0},
		{"fmfm", interactions.FMFMOptions{Kernel: "diagonal"}, 0},
		{"ffm", interactions.None{}, 0},
		{"cross", interactions.CrossOptions{Layers: 1}, 0},
		{"cin", interactions.CINOptions{Layers: []int{5}, Activation: "identity"}, 0},
		{"fibinet", interactions.FiBiNETOptions{Reduction: 1, Bilinear: "interaction", Shared: true}, 3 * 6}, // those of the fields, not SENet's
		{"fibinet", interactions.FiBiNETOptions{Reduction: 1, Bilinear: "each", Shared: true}, 3 * 6},
		{"fibinet", interactions.FiBiNETOptions{Reduction: 1, Bilinear: "all"}, 3 * 6},
	} {
		v, _ := interactions.Find(c.name)
		x := crossed(6)
		of := v.New(nn.NewBuilder(64, 1, false, nn.DefaultInits), 3, 6, c.options)
		got := make([]float64, 3)
		of.(interactions.Pairing).Strengths(got, fields(x))
		for p, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
			both, one, other, none := forward(of, x, pair[0], pair[1]), forward(of, x, pair[0]), forward(of, x, pair[1]), forward(of, x)
			sum := 0.0
			for n := range x.N {
				for k := range both.C {
					if c.columns == 0 || k < c.columns {
						d := float64(both.Row(n)[k]) - float64(one.Row(n)[k]) - float64(other.Row(n)[k]) + float64(none.Row(n)[k])
						sum += d * d
					}
				}
			}
			if want := math.Sqrt(sum / float64(x.N)); want == 0 || math.Abs(got[p]-want) > 1e-5*want {
				t.Errorf("%s %+v, fields %v: %v, want %v", c.name, c.options, pair, got[p], want)
			}
		}
	}
}

// forward is the output where all fields but those are zero.
func forward(of interactions.Interaction, x nn.Block, keep ...int) nn.Mat {
	some := nn.NewBlock(x.N, x.F, x.D)
	for _, f := range keep {
		some.Field(f).Copy(x.Field(f))
	}
	y := nn.NewMat(x.N, of.Width())
	of.Forward(&nn.Step{}, y, some)
	return y
}

// What a field says by itself is no part of a strength: a mean that all its vectors have changes nothing.
func TestStrengthsIgnoreMeans(t *testing.T) {
	for _, name := range []string{"fm", "fwfm", "fmfm", "ffm", "outer_product", "cross", "cin", "fibinet"} {
		v, _ := interactions.Find(name)
		x := crossed(6)
		of := v.New(nn.NewBuilder(64, 1, false, nn.DefaultInits), 3, 6, v.Options).(interactions.Pairing)
		before, after := make([]float64, 3), make([]float64, 3)
		of.Strengths(before, fields(x))
		for n := range x.N {
			x.Field(1).Row(n)[0] += 3
		}
		of.Strengths(after, fields(x))
		for p := range before {
			if math.Abs(after[p]-before[p]) > 1e-5*before[p] {
				t.Errorf("%s, pair %d: %v, and with a mean %v", name, p, before[p], after[p])
			}
		}
	}
}

// Attention by hand: two fields of one number. In autoint with query and key 1, x = (0, ln 3) gives field 0 the products (0, 0), that
// is 1/2 to each, and field 1 the products (0, ln²3), e^{ln²3} = 3^{ln 3}.
func TestAttentionStrengths(t *testing.T) {
	v, _ := interactions.Find("autoint")
	b := nn.NewBuilder(1, 1, false, nn.DefaultInits)
	of := v.New(b, 2, 1, interactions.AutoIntOptions{Layers: 1, Heads: 1, AttentionDim: 1})
	for _, p := range b.Params() {
		p.Value[0] = 1
	}
	x := nn.NewBlock(1, 2, 1)
	x.Data[1] = float32(math.Log(3))
	got := make([]float64, 1)
	of.(interactions.Pairing).Strengths(got, fields(x))
	if want := (0.5 + 1/(1+math.Pow(3, math.Log(3)))) / 2; math.Abs(got[0]-want) > 1e-6 {
		t.Errorf("autoint: %v, want %v", got[0], want)
	}

	// In afm with h = 0 every pair has the attention 1/3: what is left is the deviation of p·(x_i ⊙ x_j)/3.
	v, _ = interactions.Find("afm")
	b = nn.NewBuilder(64, 1, false, nn.DefaultInits)
	of = v.New(b, 3, 2, interactions.AFMOptions{AttentionDim: 2})
	for _, p := range b.Params() {
		if p.Name == "attention.h" {
			clear(p.Value)
		}
		if p.Name == "p" {
			copy(p.Value, []float32{1, 1})
		}
	}
	three, plain := make([]float64, 3), make([]float64, 3)
	of.(interactions.Pairing).Strengths(three, fields(crossed(2)))
	fm, _ := interactions.Find("fm")
	fm.New(nn.NewBuilder(64, 1, false, nn.DefaultInits), 3, 2, interactions.None{}).(interactions.Pairing).Strengths(plain, fields(crossed(2)))
	for p := range three {
		if math.Abs(three[p]-plain[p]/3) > 1e-6 {
			t.Errorf("afm, pair %d: %v, want %v", p, three[p], plain[p]/3)
		}
	}
}
