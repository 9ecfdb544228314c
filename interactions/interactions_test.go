package interactions_test

import (
	"math"
	"slices"
	"testing"

	"ctrlab/interactions"
	"ctrlab/interactions/interactiontest"
	"ctrlab/nn"
)

// further are options beside the defaults that the suite tries.
var further = map[string][]any{
	"dot":          {interactions.DotOptions{SelfInteraction: true}},
	"cross_vector": {interactions.CrossOptions{Layers: 1}},
	"cross":        {interactions.CrossOptions{Layers: 1}},
	"cin": {
		interactions.CINOptions{Layers: []int{5, 4, 3}, SplitHalf: true, Activation: "identity"},
		interactions.CINOptions{Layers: []int{3, 2}, Activation: "identity"},
		interactions.CINOptions{Layers: []int{4}, SplitHalf: true, Activation: "identity"},
	},
	"autoint": {
		interactions.AutoIntOptions{Layers: 1, Heads: 1, AttentionDim: 1},
		interactions.AutoIntOptions{Layers: 2, Heads: 3, AttentionDim: 5, Scaled: true},
		interactions.AutoIntOptions{Layers: 1, Heads: 2, AttentionDim: 17, Scaled: true},
		interactions.AutoIntOptions{Layers: 1, Heads: 3, AttentionDim: 6, Total: true},
	},
	"afm":         {interactions.AFMOptions{AttentionDim: 1}},
	"gated_cross": {interactions.CrossOptions{Layers: 1}},
	"cross_mix":   {interactions.CrossMixOptions{Layers: 1, Experts: 1, Rank: 1}, interactions.CrossMixOptions{Layers: 2, Experts: 2, Rank: 3, GateBias: true}, interactions.CrossMixOptions{Layers: 2, Experts: 3, Rank: 5}},
	"fwfm":        {interactions.FwFMOptions{Vectors: true}},
	"fmfm":        {interactions.FMFMOptions{Kernel: "diagonal"}},
	"fibinet": {
		interactions.FiBiNETOptions{Reduction: 1, Bilinear: "each", Shared: true},
		interactions.FiBiNETOptions{Reduction: 2, Bilinear: "all"},
	},
	"anova":    {interactions.AnovaOptions{Order: 2}, interactions.AnovaOptions{Order: 5}},
	"residual": {interactions.ResidualOptions{Units: []int{1}}, interactions.ResidualOptions{Units: []int{5, 3}, Hidden: nn.Hidden{Norm: "batch", Activation: "gelu", Dropout: 0.3}}},
	"final_block": {
		interactions.FinalBlockOptions{Layers: []int{5}, Residual: "sum", Hidden: nn.Hidden{Norm: "layer", Dropout: 0.2}},
		interactions.FinalBlockOptions{Layers: []int{4, 6, 2}, Residual: "concat", Hidden: nn.Hidden{Activation: "identity"}},
	},
	"exponential_cross": {interactions.CrossOptions{Layers: 1}},
	"linear_cross":      {interactions.CrossOptions{Layers: 1}},
	"logarithmic":       {interactions.LogarithmicOptions{Neurons: 1, Least: 0.5}, interactions.LogarithmicOptions{Neurons: 3, Least: 0.01, Norm: "layer"}},
	"masknet": {
		interactions.MaskNetOptions{MaskNetBlocks: interactions.MaskNetBlocks{Blocks: []int{7}, Reduction: 0.1, Structure: "serial", FieldNorm: true}},
		interactions.MaskNetOptions{
			MaskNetBlocks: interactions.MaskNetBlocks{Blocks: []int{7, 5}, Reduction: 1, Structure: "parallel"},
			Hidden:        nn.Hidden{Norm: "batch", Activation: "silu", Dropout: 0.25},
		},
	},
	"finalmlp": {
		interactions.FinalMLPOptions{FinalMLPStreams: interactions.FinalMLPStreams{MLP1: []int{6}, MLP2: []int{4}, Heads: 2}},
		interactions.FinalMLPOptions{FinalMLPStreams: interactions.FinalMLPStreams{MLP1: []int{6}, MLP2: []int{5, 9}, Heads: 3, Gated: true}, Context1: []int{2, 0}, Context2: []int{0}},
		interactions.FinalMLPOptions{FinalMLPStreams: interactions.FinalMLPStreams{MLP1: []int{6}, MLP2: []int{4}, Heads: 1}, Hidden: nn.Hidden{Norm: "batch", Activation: "prelu", Dropout: 0.2}},
	},
	"euler": {interactions.EulerOptions{Layers: []int{3, 2}, LayerNorm: true}},
	"wukong": {
		interactions.WukongOptions{WukongLayers: interactions.WukongLayers{Layers: 2, FMFields: 2, LinearFields: 1, Rank: 3, FMReLU: true}},
		interactions.WukongOptions{
			WukongLayers: interactions.WukongLayers{Layers: 2, FMFields: 2, LinearFields: 1, Rank: 3, MLP: []int{6}, Attentive: true}, Hidden: nn.Hidden{Norm: "layer", Activation: "tanh", Dropout: 0.1},
		},
	},
	"dhen": {interactions.DHENOptions{Layers: 1, Modules: []string{"concat", "fm", "final_block"}}},
}

func TestConformance(t *testing.T) {
	for _, v := range interactions.All {
		interactiontest.Run(t, v, further[v.Name]...)
	}
}

// off is how far a variant may be from what is worked out by hand: some have a LayerNorm, with its 1e-5 in the root, or a
// transcendental function in between.
var off = map[string]float64{"masknet": 1e-5, "wukong": 1e-5, "dhen": 1e-5, "euler": 1e-6}

// twoCrosses and fusion are parameters of cases below.
var (
	twoCrosses = map[string][]float32{
		"0.weight": {1, 0, 0, 0, 0, 0, 1, 0}, "0.norm.weight": {0, 0}, "0.norm.bias": {2, -1}, "0.bias": {0, 0, 0, 1},
		"1.weight": {1, 0, 0, 0, 0, 0, 1, 0}, "1.norm.weight": {0, 0}, "1.norm.bias": {2, -1}, "1.bias": {0, 0, 0, 1},
	}
	fusion = map[string][]float32{
		"1.mlp.0.weight": {1, 0, 0, 0}, "2.mlp.0.weight": {0, 0, 1, 0},
		"fusion.bias": {10}, "fusion.1": {2}, "fusion.2": {4}, "fusion.weight": {5},
		"1.gate.vector": {0, 0}, "1.gate.0.bias": {100, 100, 100, 100}, "2.gate.0.weight": make([]float32, 8),
	}
)

// One example of two fields of two numbers, x_0 = (1, 2), x_1 = (3, −1), worked out by hand. Weights are constants:
// a uniform distribution of scale 0 for what has none, and values set below.
func TestByHand(t *testing.T) {
	x := nn.Block{N: 1, F: 2, D: 2, Data: []float32{1, 2, 3, -1}}
	for _, c := range []struct {
		variant string
		options any
		params  map[string][]float32
		want    []float32
	}{
		{"concat", nil, nil, []float32{1, 2, 3, -1}},
		{"first", nil, nil, []float32{1, 2}},
		{"sum", nil, nil, []float32{4, 1}},
		{"dot", nil, nil, []float32{1}}, // 3·1 − 1·2
		{"dot", interactions.DotOptions{SelfInteraction: true}, nil, []float32{5, 1, 10}},
		{"fm", nil, nil, []float32{1}},
		{"hadamard", nil, nil, []float32{3, -2}},
		// x·w = 1 + 3 = 4; y = 4·x + b + x = 5·x + b
		{"cross_vector", interactions.CrossOptions{Layers: 1},
			map[string][]float32{"0.weight": {1, 0, 1, 0}, "0.bias": {0, 0, 0, 1}}, []float32{5, 10, 15, -4}},
		// W swaps the first two numbers and drops the others: a = (2, 1, 0, 0) + b = (2, 1, 0, 1); y = x ⊙ a + x
		{"cross", interactions.CrossOptions{Layers: 1},
			map[string][]float32{"0.weight": {0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "0.bias": {0, 0, 0, 1}}, []float32{3, 4, 3, -2}},
		// map 0: x_0⊙x_0 + 2·x_0⊙x_1 = (1, 4) + 2·(3, −2) = (7, 0); with b = 1 for both numbers: 7 + 0 + 2
		{"cin", interactions.CINOptions{Layers: []int{1}, SplitHalf: true, Activation: "identity"},
			map[string][]float32{"0.weight": {1, 2, 0, 0}, "0.bias": {1}}, []float32{9}},
		// the same with ReLU and b = −1: (6, −1) → 6 + 0
		{"cin", interactions.CINOptions{Layers: []int{1}, Activation: "relu"},
			map[string][]float32{"0.weight": {1, 2, 0, 0}, "0.bias": {-1}}, []float32{6}},
		// Query 0: all logits 0, so both fields get the mean of V x = x, (2, 0.5); R swaps: (2, 1) and (−1, 3) come on top
		{"autoint", interactions.AutoIntOptions{Layers: 1, Heads: 1, AttentionDim: 2},
			map[string][]float32{"0.query": {0, 0, 0, 0}, "0.key": {1, 0, 0, 1}, "0.value": {1, 0, 0, 1}, "0.residual": {0, 1, 1, 0}},
			[]float32{4, 1.5, 1, 3.5}},
		// Two heads of one: the first as before; the second's logits are 1000·x_i0·x_j0, field 1's x_j0 = 3 wins, V gives −2·x_0
		{"autoint", interactions.AutoIntOptions{Layers: 1, Heads: 2, AttentionDim: 1},
			map[string][]float32{"0.query": {0, 0, 1000, 0}, "0.key": {1, 0, 1, 0}, "0.value": {1, 0, -2, 0}, "0.residual": {0, 1, 7, 0}},
			[]float32{4, 1, 1, 15}},
		{"bi", nil, nil, []float32{3, -2}},
		{"inner_product", nil, nil, []float32{1}},
		{"outer_product", nil, map[string][]float32{"weight": {0, 1, 0, 0}}, []float32{-1}}, // x_00·x_11
		{"fwfm", nil, map[string][]float32{"r": {2}}, []float32{2}},
		{"fwfm", interactions.FwFMOptions{Vectors: true}, map[string][]float32{"r": {2}}, []float32{2*3 + 2 - 3}}, // 2·(1·3) + 1·2 + 3·(−1)
		{"fmfm", nil, map[string][]float32{"weight": {1, 2, 3, 4}}, []float32{11}},                                // (1, 2) W = (7, 10)
		{"ffm", nil, nil, []float32{6}},                                                                           // x_01·x_10
		// one pair has all the attention: p·(3, −2)
		{"afm", nil, map[string][]float32{"p": {2, 5}}, []float32{-4}},
		// as cross above, and a gate of σ(0)
		{"gated_cross", interactions.CrossOptions{Layers: 1},
			map[string][]float32{"0.weight": {0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "0.gate": make([]float32, 16), "0.bias": {0, 0, 0, 1}}, []float32{2, 3, 3, -1.5}},
		// one expert, whose gate is 1, saturated: u = U; x ⊙ (U + b) + x
		{"cross_mix", interactions.CrossMixOptions{Layers: 1, Experts: 1, Rank: 1},
			map[string][]float32{"0.v": {100, 0, 0, 0}, "0.c": {100}, "0.u": {1, 0, 2, 0}, "0.bias": {0, 0, 0, 1}}, []float32{2, 2, 9, -2}},
		// means 1.5 and 1, hidden 2·1.5, weights 3 and 6: v = (3, 6), (18, −6)
		{"fibinet", nil, map[string][]float32{"bilinear": {1, 0, 0, 1}, "senet.0.weight": {2, 0}, "senet.1.weight": {1, 2}}, []float32{3, -2, 54, -36}},
		{"fmfm", interactions.FMFMOptions{Kernel: "diagonal"}, map[string][]float32{"weight": {2, 1}}, []float32{4}}, // (2, 1)·(3, −2)
		{"fibinet", interactions.FiBiNETOptions{Reduction: 3, Bilinear: "all"},
			map[string][]float32{"bilinear": {1, 0, 0, 1}, "bilinear_senet": {2, 0, 0, 2}, "senet.0.weight": {2, 0}, "senet.1.weight": {1, 2}}, []float32{3, -2, 108, -72}},
		{"anova", interactions.AnovaOptions{Order: 2}, nil, []float32{1}},
		{"anova", nil, nil, []float32{0}}, // no three fields
		// h = relu(1); x + (−5, 0, 1, 2)·h
		{"residual", interactions.ResidualOptions{Units: []int{1}},
			map[string][]float32{"0.0.weight": {1, 0, 0, 0}, "0.1.weight": {-5, 0, 1, 2}}, []float32{0, 2, 4, 1}},
		// h_2 = 1 + 3, h_1 = 2 + 1: 4 + 12, or both
		{"final_block", interactions.FinalBlockOptions{Layers: []int{1}, Residual: "sum"},
			map[string][]float32{"0.weight": {1, 0, 1, 0, 0, 1, 0, 0}, "0.bias": {0, 1}}, []float32{16}},
		{"final_block", interactions.FinalBlockOptions{Layers: []int{2}, Residual: "concat"},
			map[string][]float32{"0.weight": {1, 0, 1, 0, 0, 1, 0, 0}, "0.bias": {0, 1}}, []float32{4, 12}},
		// c = (x_00, x_10), mask (2, 0): a = (1, 2, 3, 0 + 1), x_1 = (2, 6, 12, −2); then a = (2, 4, 12, 0 + 1), by x_1 or x_0
		{"exponential_cross", interactions.CrossOptions{Layers: 2}, twoCrosses, []float32{6, 30, 156, -4}},
		{"linear_cross", interactions.CrossOptions{Layers: 2}, twoCrosses, []float32{4, 14, 48, -3}},
		// x_0², and the absolute value of x_0 ⊙ x_1
		{"logarithmic", interactions.LogarithmicOptions{Neurons: 2, Least: 1e-7}, map[string][]float32{"weight": {2, 0, 1, 1}}, []float32{1, 4, 3, 2}},
		// (1, 2, 0, 3) ⊙ (2, 3, 4, 5), summed to 23 beside a 0: 1 and −1 behind the norm, scaled and shifted to 3 and −2
		{"masknet", interactions.MaskNetOptions{MaskNetBlocks: interactions.MaskNetBlocks{Blocks: []int{2}, Reduction: 0.25, Structure: "serial", FieldNorm: true}, Hidden: nn.Hidden{Norm: "layer"}}, map[string][]float32{
			"norm.weight": {0, 0, 0, 0}, "norm.bias": {2, 3, 4, 5}, "0.mask.0.weight": {1, 0, 0, 0}, "0.mask.1.weight": {1, 2, 0, 0}, "0.mask.1.bias": {0, 0, 0, 3},
			"0.hidden.weight": {1, 1, 1, 1, 0, 0, 0, 0}, "0.norm.weight": {2, 3}, "0.norm.bias": {1, 1},
		}, []float32{3, 0}},
		// o_1 = 1, o_2 = 3: 10 + 2·1 + 4·3 + 5·1·3; a gate that is open to 2 makes o_1 = 2
		{"finalmlp", interactions.FinalMLPOptions{FinalMLPStreams: interactions.FinalMLPStreams{MLP1: []int{1}, MLP2: []int{1}, Heads: 1}}, fusion, []float32{39}},
		{"finalmlp", interactions.FinalMLPOptions{FinalMLPStreams: interactions.FinalMLPStreams{MLP1: []int{1}, MLP2: []int{1}, Heads: 1, Gated: true}, Context2: []int{1}}, fusion, []float32{56}},
		// phases 1 + 3 and 2 − 1: cos 4 + sin 4, cos 1 + sin 1
		{"euler", interactions.EulerOptions{Layers: []int{1}},
			map[string][]float32{"0.orders": {1, 1}, "0.modulus": {0, 0}, "0.phase": {0, 0}, "0.weight": make([]float32, 8)}, []float32{-1.4104461, 1.3817733}},
		// X Xᵀ Y = (5, 1), (1, −1) behind the norm, times (10, 5) is one field; x_0 + x_1 is the other; with X (11, −3) and (7, 0)
		{"wukong", interactions.WukongOptions{WukongLayers: interactions.WukongLayers{Layers: 1, FMFields: 1, LinearFields: 1, Rank: 1}}, map[string][]float32{
			"0.fm.projection": {1, 0}, "0.fm.0.weight": {10, 0, 0, 5}, "0.linear.weight": {1, 1}, "0.norm.weight": {2, 3}, "0.norm.bias": {0, 1},
		}, []float32{2, -2, 2, -2}},
		// x_0·x_1 = 1, projected and with x (101, 2) and (3, 99)
		{"dhen", interactions.DHENOptions{Layers: 1, Modules: []string{"inner_product"}}, map[string][]float32{
			"0.inner_product.projection.weight": {100, 0, 0, 100}, "0.norm.weight": {2, 3}, "0.norm.bias": {0, 1},
		}, []float32{2, -2, -2, 4}},
	} {
		v, _ := interactions.Find(c.variant)
		if c.options == nil {
			c.options = v.Options
		}
		b := nn.NewBuilder(1, 1, false, nn.DefaultInits)
		i := v.New(b, 2, 2, c.options)
		for _, p := range b.Params() {
			copy(p.Value, c.params[p.Name])
			out, _ := p.Dims()
			p.Repack(0, out)
		}
		y := nn.NewMat(1, i.Width())
		i.Forward(&nn.Step{}, y, x)
		if !slices.EqualFunc(y.Data, c.want, func(got, want float32) bool { return math.Abs(float64(got-want)) <= off[c.variant] }) {
			t.Errorf("%s %+v gives %v, want %v", c.variant, c.options, y.Data, c.want)
		}
	}
}

// Three fields (1, 2), (3, −1), (2, 5): 1·3·2 − 2·1·5 of order 3; of order 2 it is fm.
func TestAnova(t *testing.T) {
	x := nn.Block{N: 1, F: 3, D: 2, Data: []float32{1, 2, 3, -1, 2, 5}}
	v, _ := interactions.Find("anova")
	for order, want := range map[int]float32{2: 3 + 2 + 6 - 2 + 10 - 5, 3: -4, 4: 0} {
		y := nn.NewMat(1, 1)
		v.New(nn.NewBuilder(1, 1, false, nn.DefaultInits), 3, 2, interactions.AnovaOptions{Order: order}).Forward(&nn.Step{}, y, x)
		if y.Data[0] != want {
			t.Errorf("order %d gives %g, want %g", order, y.Data[0], want)
		}
	}
}

// fm is the sum of all pairs' dot products, in another order of sums.
func TestFMIsSumOfDots(t *testing.T) {
	x := nn.NewBlock(3, 6, 5)
	for i := range x.Data {
		x.Data[i] = float32(i%7) - 3
	}
	run := func(name string) nn.Mat {
		v, _ := interactions.Find(name)
		i := v.New(nn.NewBuilder(3, 1, false, nn.DefaultInits), 6, 5, v.Options)
		y := nn.NewMat(3, i.Width())
		i.Forward(&nn.Step{}, y, x)
		return y
	}
	fm, dots := run("fm"), run("dot")
	for n := range 3 {
		sum := float32(0)
		for _, v := range dots.Row(n) {
			sum += v
		}
		if fm.Row(n)[0] != sum { // small whole numbers: float32 is exact
			t.Errorf("row %d: fm gives %g, the dots sum to %g", n, fm.Row(n)[0], sum)
		}
	}
}

func TestSetExtra(t *testing.T) {
	dot, _ := interactions.Find("dot")
	if err := interactions.SetExtra(dot); err == nil {
		t.Error("an interaction of a name that is taken was accepted")
	}
	mine := interactions.Define("mine", "x", "–", 0, interactions.None{}, dotAsIs)
	if err := interactions.SetExtra(mine); err != nil {
		t.Fatal(err)
	}
	defer interactions.SetExtra()
	if _, ok := interactions.Find("mine"); !ok {
		t.Error("a registered interaction is not found")
	}
}

func dotAsIs(b *nn.Builder, f, d int, _ interactions.None) interactions.Interaction {
	v, _ := interactions.Find("dot")
	return v.New(b, f, d, v.Options)
}
