// Package interactions has the operators that feature-interaction models differ in, one file a variant.
//
// An Interaction maps a Block x [N, F, D] of field vectors to a Mat y [N, Width]. All is the table of ours; Extra are
// those that a program of its own registers through cmd/cli; package models puts both into branches. A variant passes the
// conformance suite in interactiontest.
package interactions

import (
	"fmt"

	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// Interaction is one build of a variant: it belongs to a lane, treats one shard at a time and owns its scratch.
type Interaction interface {
	// Width is the length of an output row.
	Width() int
	// Forward overwrites y [N, Width] and leaves x alone.
	Forward(s *nn.Step, y nn.Mat, x nn.Block)
	// Backward follows the Forward of the same x: it adds into dx and into the gradients of its parameters.
	Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block)
	// Cost is that of one example.
	Cost() nn.Cost
}

// Exporter is an Interaction that can be written as operators of ONNX.
type Exporter interface {
	// ONNX adds what Forward computes to a graph: x is [N, F, D], and the result [N, Width].
	ONNX(g *onnx.Graph, x onnx.Value) onnx.Value
}

// ONNX is that of i, or an error in g that name has none.
func ONNX(g *onnx.Graph, name string, i Interaction, x onnx.Value) onnx.Value {
	e, ok := i.(Exporter)
	if !ok {
		g.Fail(fmt.Errorf("interaction %s has no form in ONNX", name))
		return x
	}
	return e.ONNX(g, x)
}

// Variant is a row of the table.
type Variant struct {
	Name    string // as files spell it
	Formula string
	Source  string // paper and equation
	// Fields is the least number of fields, all of one width, that it needs; 0 takes any row of numbers as it is.
	Fields int
	// Fieldwise says that the output has the fields themselves in it, or their sum: in DLRM's house z, which is one of
	// them, then does not stand beside it once more.
	Fieldwise bool
	// Aware says that a field's numbers are a vector toward each field, one behind the other.
	Aware bool
	// Accepts, where there is one, refuses a number of fields and of numbers a field that it cannot work on.
	Accepts func(f, d int) error
	// Options are the defaults: a struct with json tags, which may have a method Check() error, and a method
	// Fits(f, d int) error where it depends on them what Accepts says.
	Options any
	// New builds it for inputs of f fields of d numbers, with options of Options' type.
	New func(b *nn.Builder, f, d int, options any) Interaction
}

// Define makes a row whose options are of type O.
func Define[O any](name, formula, source string, fields int, options O, build func(b *nn.Builder, f, d int, o O) Interaction) Variant {
	return Variant{
		Name: name, Formula: formula, Source: source, Fields: fields, Options: options,
		New: func(b *nn.Builder, f, d int, o any) Interaction { return build(b, f, d, o.(O)) },
	}
}

// fieldwise marks a row.
func fieldwise(v Variant) Variant {
	v.Fieldwise = true
	return v
}

// aware marks a row.
func aware(v Variant) Variant {
	v.Aware = true
	return accepting(v, fieldAware)
}

// accepting marks a row.
func accepting(v Variant, accepts func(f, d int) error) Variant {
	v.Accepts = accepts
	return v
}

// None is the options of a variant that has none.
type None struct{}

// All is the table of variants; append only.
var All = []Variant{
	fieldwise(Define("concat", "[x_1; …; x_F]", "–", 0, None{}, newConcat)),
	fieldwise(Define("first", "x_1", "Naumov et al. 2019, §2.1 (z)", 1, None{}, newFirst)),
	fieldwise(Define("sum", "Σ_i x_i", "–", 1, None{}, newSum)),
	Define("dot", "x_i·x_j, i > j", "Naumov et al. 2019, §2.1", 2, DotOptions{}, newDot),
	Define("fm", "½ Σ_d [(Σ_i x_id)² − Σ_i x_id²]", "Rendle 2010, eq. 5", 2, None{}, newFM),
	Define("hadamard", "x_i ⊙ x_j, i < j", "He et al. 2017, eq. 8", 2, None{}, newHadamard),
	Define("cross_vector", "x_{l+1} = x_0 (x_l·w_l) + b_l + x_l", "Wang et al. 2017, eq. 3", 0, CrossOptions{Layers: 3}, newCrossVector),
	Define("cross", "x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l", "Wang et al. 2021, eq. 1", 0, CrossOptions{Layers: 3}, newCross),
	Define("cin", "X_l[h] = Σ_fp W_l[h,f,p] x_f ⊙ X_{l−1}[p], summed over d", "Lian et al. 2018, eq. 6", 1,
		CINOptions{Layers: []int{16, 16}, SplitHalf: true, Activation: "identity"}, newCIN),
	Define("autoint", "x_i ← relu([Σ_j softmax_j(q_i·k_j) v_j]_heads + R x_i)", "Song et al. 2019, eqs. 5–8", 1,
		AutoIntOptions{Layers: 3, Heads: 2, AttentionDim: 16}, newAutoInt),
	Define("bi", "½ [(Σ_i x_i)² − Σ_i x_i²]", "He & Chua 2017, eq. 4", 2, None{}, newBi),
	Define("inner_product", "x_i·x_j, i < j", "Qu et al. 2016, eq. 9", 2, None{}, newInnerProduct),
	Define("outer_product", "x_iᵀ W_ij x_j, i < j", "Qu et al. 2018, eq. 17", 2, None{}, newOuterProduct),
	Define("fwfm", "Σ_{i<j} r_ij x_i·x_j", "Pan et al. 2018, eq. 7", 2, FwFMOptions{}, newFwFM),
	Define("fmfm", "Σ_{i<j} x_iᵀ M_ij x_j", "Sun et al. 2021, eq. 8", 2, FMFMOptions{Kernel: "matrix"}, newFMFM),
	aware(Define("ffm", "Σ_{i<j} v_{i→j}·v_{j→i}", "Juan et al. 2016, eq. 3", 2, None{}, newFFM)),
	Define("afm", "p·Σ_{i<j} a_ij (x_i ⊙ x_j), a = softmax(h·relu(A (x_i ⊙ x_j) + b))", "Xiao et al. 2017, eqs. 5–7", 2,
		AFMOptions{AttentionDim: 16}, newAFM),
	Define("gated_cross", "x_{l+1} = x_0 ⊙ (W_l x_l + b_l) ⊙ σ(G_l x_l) + x_l", "Wang et al. 2023, eq. 1", 0, CrossOptions{Layers: 3}, newGatedCross),
	Define("cross_mix", "x_{l+1} = Σ_e g_e x_0 ⊙ (U_e tanh(C_e tanh(V_eᵀ x_l)) + b_l) + x_l", "Wang et al. 2021, eq. 5", 0,
		CrossMixOptions{Layers: 3, Experts: 4, Rank: 32}, newCrossMix),
	Define("fibinet", "[(x_iᵀ W_ij) ⊙ x_j; (v_iᵀ W_ij) ⊙ v_j], v_i = a_i x_i, a = relu(S_1 relu(S_0 mean(x)))", "Huang et al. 2019, eqs. 3–9", 2,
		FiBiNETOptions{Reduction: 3, Bilinear: "interaction", Shared: true}, newFiBiNET),
	Define("anova", "Σ_{i<j<…} Σ_d x_id x_jd …, the products of all sets of order fields", "Blondel et al. 2016, §3", 2, AnovaOptions{Order: 3}, newAnova),
	Define("residual", "x ← relu(x + W_1 relu(W_0 x + b_0) + b_1)", "Shan et al. 2016, §4.3", 0, ResidualOptions{Units: []int{64, 64}, Hidden: nn.PlainHidden}, newResidual),
	Define("final_block", "x ← h_2 + h_1 ⊙ h_2, [h_2; h_1] = W x + b", "Zhu et al. 2023", 0,
		FinalBlockOptions{Layers: []int{64, 64}, Residual: "sum", Hidden: nn.Hidden{Norm: "none", Activation: "identity"}}, newFinalBlock),
	accepting(Define("exponential_cross", "x_{l+1} = x_l ⊙ ([c; c ⊙ relu(LN(c))] + b_l) + x_l, c = W_l x_l", "Li et al. 2024", 0,
		CrossOptions{Layers: 3}, newExponentialCross), even),
	accepting(Define("linear_cross", "x_{l+1} = x_0 ⊙ ([c; c ⊙ relu(LN(c))] + b_l) + x_l, c = W_l x_l", "Li et al. 2024", 0,
		CrossOptions{Layers: 3}, newLinearCross), even),
	Define("logarithmic", "exp(Σ_f w_kf ln |x_f|)", "Cheng et al. 2020", 1, LogarithmicOptions{Neurons: 16, Least: 1e-7, Norm: "batch"}, newLogarithmic),
	accepting(Define("masknet", "relu(LN(W (m ⊙ v))), m = W_1 relu(W_0 x + b_0) + b_1", "Wang et al. 2021, MaskNet", 1,
		MaskNetOptions{MaskNetBlocks{[]int{64, 64}, 2, "serial", true}, nn.Hidden{Norm: "layer", Activation: "relu"}}, newMaskNet), normal),
	Define("finalmlp", "b + w_1·o_1 + w_2·o_2 + Σ_h o_1hᵀ W_h o_2h, o_s = MLP_s(x ⊙ 2σ(gate_s))", "Mao et al. 2023", 0,
		FinalMLPOptions{FinalMLPStreams{[]int{64, 32}, []int{64, 32}, 1, true, []int{32}}, nn.PlainHidden, []int{}, []int{}}, newFinalMLP),
	Define("euler", "e^{λ'} (cos θ', sin θ') + relu(W (r, p) + b), λ' = A λ + c, θ' = A θ + c'", "Tian et al. 2023", 1,
		EulerOptions{Layers: []int{16}}, newEuler),
	accepting(Define("wukong", "X' = LN([MLP(LN(X Xᵀ Y)); L X] + R X)", "Zhang et al. 2024, §3", 2,
		WukongOptions{WukongLayers{Layers: 2, FMFields: 8, LinearFields: 8, Rank: 8, MLP: []int{64}}, nn.PlainHidden}, newWukong), normal),
	accepting(Define("dhen", "X' = LN(Σ_m W_m I_m(X) + X)", "Zhang et al. 2022", 2, DHENOptions{Layers: 2, Modules: []string{"inner_product", "cross"}}, newDHEN), normal),
}

// extra are variants from outside.
var extra []Variant

// SetExtra makes variants from outside part of the table, in place of earlier ones. It is for a program's start.
func SetExtra(vs ...Variant) error {
	seen := map[string]bool{}
	for _, v := range All {
		seen[v.Name] = true
	}
	for _, v := range vs {
		if v.Name == "" || v.New == nil || v.Options == nil {
			return fmt.Errorf("interaction %q is registered without a name, options or a constructor", v.Name)
		}
		if seen[v.Name] {
			return fmt.Errorf("interaction %q is registered twice", v.Name)
		}
		seen[v.Name] = true
	}
	extra = vs
	return nil
}

// Table returns All and what SetExtra added.
func Table() []Variant { return append(append([]Variant(nil), All...), extra...) }

// Find returns the row with a name.
func Find(name string) (Variant, bool) {
	for _, v := range Table() {
		if v.Name == name {
			return v, true
		}
	}
	return Variant{}, false
}
