package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/models/baselines"
	"ctrlab/nn"
)

// Preset is a row of the table of named models.
type Preset struct {
	Name    string // as files spell it
	Formula string
	Source  string
	Options any // the defaults: a struct with json tags
	Spec    func(options any, s batch.Schema) (Spec, error)
	Loss    string // that makes it what it is, whatever [train] says; "" for none
}

func define[O any](name, formula, source string, options O, spec func(O, batch.Schema) (Spec, error)) Preset {
	return Preset{Name: name, Formula: formula, Source: source, Options: options, Spec: func(o any, s batch.Schema) (Spec, error) { return spec(o.(O), s) }}
}

// by is the same preset trained by a loss of its own.
func (p Preset) by(loss string) Preset {
	p.Loss = loss
	return p
}

// Presets is the table of named models; append only.
var Presets = []Preset{
	define("lr", "linear", "Richardson et al. 2007", struct{}{}, lr),
	define("mf", "e_0·e_1 + w_0 + w_1 + b", "Koren et al. 2009, eq. 4", MFOptions{embedding(nn.DefaultInits), true}, mf),
	define("fm", "linear + Σ_{i<j} e_i·e_j", "Rendle 2010, eq. 1", fields(DenseScale), linearAnd("fm")),
	define("gmf", "head(e_0 ⊙ e_1)", "He et al. 2017, eq. 9", embedding(nn.DefaultInits), gmf),
	define("ncf_mlp", "MLP [e_0; e_1; …]", "He et al. 2017, eq. 10", deep(DenseConcat), dnn),
	define("neumf", "head [g_0 ⊙ g_1; MLP [m_0; m_1]]", "He et al. 2017, eq. 12",
		NeuMFOptions{embedding(nn.DefaultInits), 32, []int{32, 16, 8}, nn.PlainHidden}, neumf),
	define("dnn", "MLP [x; e]", "Covington et al. 2016", deep(DenseConcat), dnn),
	define("dlrm", "MLP [z; T_i·T_j], T = [z, e_1, …], z = bottom MLP(x)", "Naumov et al. 2019", dlrmDefaults(), dlrm),
	define("wide_deep", "linear + MLP [x; e]", "Cheng et al. 2016", deep(DenseConcat), wideDeep),
	define("dcn", "head [x_L; MLP(x_0)], x_{l+1} = x_0 (x_l·w_l) + b_l + x_l", "Wang et al. 2017",
		DCNOptions{deep(DenseConcat), interactions.CrossOptions{Layers: 3}, parallel, FirstOrder{}, nil}, dcn("cross_vector")),
	define("dcnv2", "head [x_L; MLP(x_0)], x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l", "Wang et al. 2021",
		DCNOptions{deep(DenseConcat), interactions.CrossOptions{Layers: 3}, parallel, FirstOrder{}, nil}, dcn("cross")),
	define("deepfm", "fm + MLP [e]", "Guo et al. 2017", deep(DenseScale), deepFM),
	define("xdeepfm", "linear + head(CIN) + MLP [e]", "Lian et al. 2018", XDeepFMOptions{deep(DenseScale), []int{16, 16}, true, "identity"}, xDeepFM),
	define("autoint", "head(AutoInt), x_i ← relu([Σ_j softmax_j(q_i·k_j) v_j]_heads + R x_i)", "Song et al. 2019",
		AutoIntOptions{fields(DenseScale), interactions.AutoIntOptions{Layers: 3, Heads: 2, AttentionDim: 16}, FirstOrder{}}, autoInt),
	define("dcn_mix", "head [x_L; MLP(x_0)], x_{l+1} = Σ_e g_e x_0 ⊙ (U_e tanh(C_e tanh(V_eᵀ x_l)) + b_l) + x_l", "Wang et al. 2021",
		DCNMixOptions{deep(DenseConcat), interactions.CrossMixOptions{Layers: 3, Experts: 4, Rank: 32}, parallel, FirstOrder{}}, dcnMix),
	define("gdcn", "head [x_L; MLP(x_0)], x_{l+1} = x_0 ⊙ (W_l x_l + b_l) ⊙ σ(G_l x_l) + x_l", "Wang et al. 2023",
		DCNOptions{deep(DenseConcat), interactions.CrossOptions{Layers: 3}, parallel, FirstOrder{}, nil}, dcn("gated_cross")),
	define("nfm", "linear + MLP ½[(Σe)² − Σe²]", "He & Chua 2017", deep(DenseScale), nfm),
	define("afm", "linear + p·Σ_{i<j} a_ij (e_i ⊙ e_j)", "Xiao et al. 2017",
		AFMOptions{fields(DenseScale), interactions.AFMOptions{AttentionDim: 16}}, afm),
	define("fwfm", "linear + Σ_{i<j} r_ij e_i·e_j", "Pan et al. 2018", FwFMOptions{fields(DenseScale), "lw"}, fwfm),
	define("fmfm", "linear + Σ_{i<j} e_iᵀ M_ij e_j", "Sun et al. 2021",
		FMFMOptions{fields(DenseScale), interactions.FMFMOptions{Kernel: "matrix"}}, fmfm),
	define("ffm", "linear + Σ_{i<j} v_{i→j}·v_{j→i}", "Juan et al. 2016", FFMOptions{Fields{Embedding{4, fullTables(), nn.DefaultInits}, DenseScale, nil}, false}, ffm),
	define("ipnn", "MLP [e; e_i·e_j]", "Qu et al. 2016", deep(DenseScale), pnn("inner_product")),
	define("opnn", "MLP [e; e_iᵀ W_ij e_j]", "Qu et al. 2016", deep(DenseScale), pnn("outer_product")),
	define("fibinet", "MLP [(e_iᵀ W_ij) ⊙ e_j; (v_iᵀ W_ij) ⊙ v_j], v = SENet(e)", "Huang et al. 2019",
		FiBiNETOptions{deep(DenseScale), interactions.FiBiNETOptions{Reduction: 3, Bilinear: "interaction", Shared: true}, FirstOrder{}}, fiBiNET),
	define("popularity", "rows of label 1 in train that have item e_1", "He et al. 2017, ItemPop", struct{}{}, popularity),
	define("bias", "μ + b_u + b_i", "Koren 2010, §2.1", biasDefaults(), bias),
	define("item_knn", "c + Σ_j s_ij (r_uj − c_uj) / Σ_j s_ij, the k items j most like i that u rated", "Sarwar et al. 2001", knnDefaults(), knn("item")),
	define("user_knn", "c + Σ_v s_uv (r_vi − c_vi) / Σ_v s_uv, the k users v most like u who rated i", "Resnick et al. 1994", knnDefaults(), knn("user")),
	define("als", "μ + b_u + b_i + p_u·q_i, by alternating least squares", "Zhou et al. 2008",
		baselines.ALSOptions{EmbeddingDim: 16, L2: 0.1, Passes: 20, Biases: true}, als),
	define("hofm", "linear + Σ_{i<j} e_i·e_j + Σ_{i<j<k} Σ_d e'_id e'_jd e'_kd", "Blondel et al. 2016", HOFMOptions{fields(DenseScale), 3, false}, hofm),
	define("autoint_plus", "head(AutoInt) + MLP [e]", "Song et al. 2019",
		AutoIntPlusOptions{deep(DenseScale), interactions.AutoIntOptions{Layers: 3, Heads: 2, AttentionDim: 16}, FirstOrder{}}, autoIntPlus),
	define("deepcrossing", "head(x_L), x ← relu(x + W_1 relu(W_0 x + b_0) + b_1)", "Shan et al. 2016",
		DeepCrossingOptions{fields(DenseConcat), interactions.ResidualOptions{Units: []int{64, 64}, Hidden: nn.PlainHidden}}, deepCrossing),
	define("afn", "MLP exp(Σ_f w_kf ln |e_f|)", "Cheng et al. 2020",
		AFNOptions{deep(DenseScale), interactions.LogarithmicOptions{Neurons: 16, Least: 1e-7, Norm: "batch"}, FirstOrder{}}, afn),
	define("afn_plus", "head [AFN; MLP [e']]", "Cheng et al. 2020",
		AFNPlusOptions{AFNOptions{deep(DenseScale), interactions.LogarithmicOptions{Neurons: 16, Least: 1e-7, Norm: "batch"}, FirstOrder{}}, []int{64, 32}}, afnPlus),
	define("masknet", "MLP of blocks relu(LN(W (m ⊙ v))), m = W_1 relu(W_0 e + b_0) + b_1", "Wang et al. 2021, MaskNet",
		MaskNetOptions{Deep{fields(DenseScale), Top{[]int{}, nn.PlainHidden}}, interactions.MaskNetBlocks{Blocks: []int{64, 64}, Reduction: 2, Structure: "serial", FieldNorm: true}, "layer"}, maskNet),
	define("finalmlp", "b + w_1·o_1 + w_2·o_2 + Σ_h o_1hᵀ W_h o_2h, o_s = MLP_s(e ⊙ 2σ(gate_s))", "Mao et al. 2023",
		FinalMLPOptions{fields(DenseScale), interactions.FinalMLPStreams{MLP1: []int{64, 32}, MLP2: []int{64, 32}, Heads: 1, Gated: true, Gate: []int{32}}, nn.PlainHidden, []string{}, []string{}}, finalMLP),
	define("finalnet", "mean of head(x_L), x ← h_2 + h_1 ⊙ h_2, [h_2; h_1] = W x + b", "Zhu et al. 2023",
		FinalNetOptions{fields(DenseScale), interactions.FinalBlockOptions{Layers: []int{64, 64}, Residual: "sum", Hidden: nn.Hidden{Norm: "none", Activation: "identity"}}, 1, Auxiliary{"distillation"}}, finalNet),
	define("eulernet", "head(r + p), (r, p) ← e^{λ'} (cos θ', sin θ') + relu(W (r, p) + b), λ' = A λ + c, θ' = A θ + c'", "Tian et al. 2023",
		EulerNetOptions{fields(DenseScale), interactions.EulerOptions{Layers: []int{16}}}, eulerNet),
	define("wukong", "MLP(X_L), X' = LN([MLP(LN(X Xᵀ Y)); L X] + R X)", "Zhang et al. 2024",
		WukongOptions{deep(DenseScale), interactions.WukongLayers{Layers: 2, FMFields: 8, LinearFields: 8, Rank: 8, MLP: []int{64}}}, wukong),
	define("dcnv3", "mean of head(x_E) and head(x_L), of exponential and linear cross networks", "Li et al. 2024",
		DCNv3Options{fields(DenseScale), 3, 3, Auxiliary{"tri_bce"}, nil}, dcnv3),
	define("mean", "Σ r / n of all ratings, or of a user's or an item's with λ at the mean of all", "Koren 2010, §2.1",
		baselines.MeanOptions{By: "global", Shrinkage: 10}, mean),
	define("content", "b_ui + β cos(p_u, x_i), p_u = Σ_j (r_uj − b_uj) x_j; of lists cos(p_u, x_i)", "Pazzani & Billsus 2007", baselines.ContentOptions{Features: []string{}}, content),
	define("bpr", "e_0·e_1, by −ln σ(z⁺ − z⁻)", "Rendle et al. 2009", MFOptions{embedding(nn.DefaultInits), false}, mf).by("bpr"),
	define("svm", "linear, by max(0, 1 ∓ z)", "Cortes & Vapnik 1995", struct{}{}, lr).by("hinge"),
	define("poly2", "linear + Σ_{i<j} w_h(i,j) x_i x_j", "Chang et al. 2010", Poly2Options{1 << 20}, poly2),
	define("poly2_svm", "poly2, by max(0, 1 ∓ z)", "Chang et al. 2010", Poly2Options{1 << 20}, poly2).by("hinge"),
	define("external", "what another program scores", "docs/external.md", baselines.ExternalOptions{Command: []string{}, Output: "probability"}, external),
	define("custom", "bias + linear + Σ branches", "–", CustomOptions{Fields: fields(DenseScale), Hidden: nn.PlainHidden, Linear: true}, custom),
}

// Find returns the row with a name.
func Find(name string) (Preset, bool) {
	for _, p := range Presets {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}
