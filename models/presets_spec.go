package models

import (
	"fmt"
	"strconv"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/models/baselines"
	"ctrlab/nn"
)

// all is the first-order term of every feature.
func all(s batch.Schema) Linear { return Linear{true, len(s.Sparse), true} }

// plain is a branch of one interaction that adds to the logit as it is.
func plain(u Use) Branch { return Branch{Interactions: []Use{u}, Prefix: "interaction"} }

// tower is a branch of interactions under the top MLP and an affine unit.
func tower(o Top, us ...Use) Branch {
	return Branch{Interactions: us, Prefix: "interaction", MLP: "top", Hidden: o.Top, Layers: o.Hidden, Unit: true}
}

// headed is a branch of one interaction under an affine unit named head.
func headed(u Use) Branch {
	return Branch{Interactions: []Use{u}, Prefix: "interaction", MLP: "head", Unit: true}
}

func lr(_ struct{}, s batch.Schema) (Spec, error) {
	return Spec{Init: nn.DefaultInits, Linear: all(s)}, nil
}

// MFOptions are the options of mf.
type MFOptions struct {
	Embedding
	Biases bool `json:"biases"`
}

// pair is the group of the first two categorical fields, which mf, gmf and neumf take for user and item.
func pair(s batch.Schema, prefix string, dim int) (Group, error) {
	if len(s.Sparse) < 2 {
		return Group{}, fmt.Errorf("it needs two categorical fields, and the data has %d", len(s.Sparse))
	}
	return Group{Prefix: prefix, Dim: dim, Fields: 2, Dense: DenseNone}, nil
}

// pair is that with the model's embeddings.
func (o Embedding) pair(s batch.Schema, prefix string, dim int) (Group, error) {
	g, err := pair(s, prefix, dim)
	g.Embeddings = o.Embeddings
	return g, err
}

func mf(o MFOptions, s batch.Schema) (Spec, error) {
	g, err := o.pair(s, "", o.EmbeddingDim)
	return Spec{
		Init:     o.Init,
		Linear:   Linear{On: o.Biases, Fields: 2},
		Groups:   []Group{g},
		Branches: []Branch{plain(with("dot", nil))}, // fm's ½[(a+b)² − a² − b²] would cancel
	}, err
}

// popularity ranks: its scores are counts, neither logits nor ratings.
func popularity(_ struct{}, s batch.Schema) (Spec, error) {
	if !s.Lists {
		return Spec{}, fmt.Errorf(`it ranks items, and the data has no lists to rank, as task = "implicit" makes them`)
	}
	_, err := pair(s, "", 1)
	return Spec{Baseline: func(uint64) baselines.Model { return baselines.NewPopularity(s, 1) }}, err
}

// linearAnd is the first-order term and one interaction that adds to the logit.
func linearAnd(operator string) func(Fields, batch.Schema) (Spec, error) {
	return func(o Fields, s batch.Schema) (Spec, error) {
		return Spec{Init: o.Init, Linear: all(s), Groups: []Group{o.group(s)}, Branches: []Branch{plain(with(operator, nil))}}, nil
	}
}

// FFMOptions are the options of ffm.
type FFMOptions struct {
	Fields
	Normalized bool `json:"normalized"` // instance-wise, as libffm and xLearn have it
}

// ffm gives every field a vector of embedding_dim for each field.
func ffm(o FFMOptions, s batch.Schema) (Spec, error) {
	spec, err := linearAnd("ffm")(o.Fields, s)
	g := &spec.Groups[0]
	g.Instance = o.Normalized
	f, _ := g.shape(s)
	if o.Dense == DenseDeep {
		f = g.Fields
	}
	g.Dim *= f
	return spec, err
}

func gmf(o Embedding, s batch.Schema) (Spec, error) {
	g, err := o.pair(s, "", o.EmbeddingDim)
	return Spec{Init: o.Init, Groups: []Group{g}, Branches: []Branch{headed(with("hadamard", nil))}}, err
}

// NeuMFOptions are the options of neumf.
type NeuMFOptions struct {
	Embedding
	MLPEmbeddingDim int   `json:"mlp_embedding_dim"`
	MLP             []int `json:"mlp" width:"hidden"`
	nn.Hidden
}

// Check wants both widths and at least one layer.
func (o NeuMFOptions) Check() error {
	if err := size("mlp_embedding_dim", o.MLPEmbeddingDim); err != nil {
		return err
	}
	if len(o.MLP) == 0 {
		return fmt.Errorf("mlp is empty, want at least one layer")
	}
	return sizes("mlp", o.MLP)
}

func neumf(o NeuMFOptions, s batch.Schema) (Spec, error) {
	g, err := o.pair(s, "gmf", o.EmbeddingDim)
	m, _ := o.pair(s, "mlp", o.MLPEmbeddingDim)
	return Spec{
		Init:   o.Init,
		Groups: []Group{g, m},
		Branches: []Branch{
			{Interactions: []Use{with("hadamard", nil)}, Prefix: "interaction"},
			{Group: 1, Interactions: []Use{with("concat", nil)}, Prefix: "interaction", MLP: "mlp", Hidden: o.MLP, Layers: o.Hidden},
		},
		Head: true,
	}, err
}

func dnn(o Deep, s batch.Schema) (Spec, error) {
	return Spec{Init: o.Init, Groups: []Group{o.group(s)}, Branches: []Branch{tower(o.Top, with("concat", nil))}}, nil
}

func wideDeep(o Deep, s batch.Schema) (Spec, error) {
	spec, err := dnn(o, s)
	spec.Linear = all(s)
	return spec, err
}

func deepFM(o Deep, s batch.Schema) (Spec, error) {
	spec, err := wideDeep(o, s)
	spec.Branches = append([]Branch{plain(with("fm", nil))}, spec.Branches...)
	return spec, err
}

// DLRMOptions are the options of dlrm.
type DLRMOptions struct {
	Deep
	Interaction     Use  `json:"interaction"`
	SelfInteraction bool `json:"self_interaction"`
}

func dlrmDefaults() DLRMOptions {
	o := DLRMOptions{Deep: deep(DenseMLP), Interaction: Use{"dot", interactions.DotOptions{}}}
	o.Init = nn.DLRMInits
	return o
}

// Check keeps self_interaction to the operator that has it.
func (o DLRMOptions) Check() error {
	if o.SelfInteraction && o.Interaction.Name != "dot" {
		return fmt.Errorf("self_interaction is for the interaction dot, and the interaction is %s", o.Interaction.Name)
	}
	return nil
}

// Uses is that of Fields, and of the operator.
func (o DLRMOptions) Uses(key string) bool {
	if key == "self_interaction" {
		return o.Interaction.Name == "dot"
	}
	return o.Deep.Uses(key)
}

// dlrm puts z, the dense features' vector, beside what the interaction makes of all fields, unless that has the
// fields themselves in it.
func dlrm(o DLRMOptions, s batch.Schema) (Spec, error) {
	use := o.Interaction
	if o.SelfInteraction {
		use.Options = interactions.DotOptions{SelfInteraction: true}
	}
	uses := []Use{use}
	if o.Dense == DenseMLP && len(s.Dense) > 0 && !use.variant().Fieldwise {
		uses = []Use{with("first", nil), use}
	}
	return Spec{Init: o.Init, Groups: []Group{o.group(s)}, Branches: []Branch{tower(o.Top, uses...)}}, nil
}

// Structure is how a cross network and the top MLP stand to each other: parallel, or the MLP on the network's output.
type Structure struct {
	Structure string `json:"structure"` // parallel or stacked
}

var parallel = Structure{"parallel"}

// Check wants a known structure.
func (o Structure) Check() error {
	if o.Structure != "parallel" && o.Structure != "stacked" {
		return fmt.Errorf("structure is %q, want parallel or stacked", o.Structure)
	}
	return nil
}

// DCNOptions are the options of the deep and cross networks.
type DCNOptions struct {
	Deep
	interactions.CrossOptions
	Structure
	FirstOrder
	CrossInit *CrossInit `json:"cross_init,omitempty"` // of the cross network, where it is not that of the model
}

// CrossInit is initial values of a part of a model.
type CrossInit struct {
	Weight nn.Init `json:"weight"`
	Bias   nn.Init `json:"bias"`
}

func dcn(operator string) func(DCNOptions, batch.Schema) (Spec, error) {
	return func(o DCNOptions, s batch.Schema) (Spec, error) {
		spec := deepAndCross(o.Deep, o.Structure, with(operator, o.CrossOptions), s)
		spec.Branches[0].Init = o.CrossInit
		return o.FirstOrder.to(spec, s), nil
	}
}

// DCNMixOptions are the options of dcn_mix.
type DCNMixOptions struct {
	Deep
	interactions.CrossMixOptions
	Structure
	FirstOrder
}

func dcnMix(o DCNMixOptions, s batch.Schema) (Spec, error) {
	return o.FirstOrder.to(deepAndCross(o.Deep, o.Structure, with("cross_mix", o.CrossMixOptions), s), s), nil
}

// deepAndCross is a deep and cross network around a cross operator, which is in the first branch; without a top MLP the cross network alone.
func deepAndCross(o Deep, structure Structure, use Use, s batch.Schema) Spec {
	spec := Spec{Init: o.Init, Groups: []Group{o.group(s)}}
	switch {
	case len(o.Top.Top) == 0:
		spec.Branches = []Branch{headed(use)}
	case structure.Structure == "stacked":
		spec.Branches = []Branch{tower(o.Top, use)}
	default:
		top := tower(o.Top, with("concat", nil))
		top.Unit = false
		spec.Branches, spec.Head = []Branch{plain(use), top}, true
	}
	return spec
}

// XDeepFMOptions are the options of xdeepfm.
type XDeepFMOptions struct {
	Deep
	CIN           []int  `json:"cin" width:"operator"`
	CINSplitHalf  bool   `json:"cin_split_half"`
	CINActivation string `json:"cin_activation"`
}

func (o XDeepFMOptions) cin() interactions.CINOptions {
	return interactions.CINOptions{Layers: o.CIN, SplitHalf: o.CINSplitHalf, Activation: o.CINActivation}
}

// Check is that of the operator, under the keys of the model.
func (o XDeepFMOptions) Check() error {
	if len(o.CIN) == 0 {
		return fmt.Errorf("cin is empty, want the feature maps of at least one layer")
	}
	if err := o.cin().Check(); err != nil {
		key := "cin"
		if o.CINActivation != "identity" && o.CINActivation != "relu" {
			key = "cin_activation"
		}
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func xDeepFM(o XDeepFMOptions, s batch.Schema) (Spec, error) {
	spec, err := wideDeep(o.Deep, s)
	spec.Branches = append([]Branch{headed(with("cin", o.cin()))}, spec.Branches...)
	return spec, err
}

// AutoIntOptions are the options of autoint.
type AutoIntOptions struct {
	Fields
	interactions.AutoIntOptions
	FirstOrder
}

func autoInt(o AutoIntOptions, s batch.Schema) (Spec, error) {
	return o.FirstOrder.to(over(o.Init, o.group(s), headed(with("autoint", o.AutoIntOptions))), s), nil
}

func nfm(o Deep, s batch.Schema) (Spec, error) {
	return Spec{Init: o.Init, Linear: all(s), Groups: []Group{o.group(s)}, Branches: []Branch{tower(o.Top, with("bi", nil))}}, nil
}

// AFMOptions are the options of afm.
type AFMOptions struct {
	Fields
	interactions.AFMOptions
}

func afm(o AFMOptions, s batch.Schema) (Spec, error) {
	return Spec{Init: o.Init, Linear: all(s), Groups: []Group{o.group(s)}, Branches: []Branch{plain(with("afm", o.AFMOptions))}}, nil
}

// pnn is a product-based network: the top MLP on the fields and their products.
func pnn(operator string) func(Deep, batch.Schema) (Spec, error) {
	return func(o Deep, s batch.Schema) (Spec, error) {
		top := tower(o.Top, with("concat", nil), with(operator, nil))
		return Spec{Init: o.Init, Groups: []Group{o.group(s)}, Branches: []Branch{top}}, nil
	}
}

// FiBiNETOptions are the options of fibinet.
type FiBiNETOptions struct {
	Deep
	interactions.FiBiNETOptions
	FirstOrder
}

func fiBiNET(o FiBiNETOptions, s batch.Schema) (Spec, error) {
	return o.FirstOrder.to(over(o.Init, o.group(s), tower(o.Top, with("fibinet", o.FiBiNETOptions))), s), nil
}

// CustomOptions are the options of a model put together by hand.
type CustomOptions struct {
	Fields
	nn.Hidden
	Linear bool           `json:"linear"`
	Branch []CustomBranch `json:"branch"`
}

// CustomBranch is a [[model.branch]] table.
type CustomBranch struct {
	Interactions []Use           `json:"interactions"`
	Top          []int           `json:"top" width:"hidden"`
	Embedding    CustomEmbedding `json:"embedding"`
}

// CustomEmbedding asks for tables of the branch's own; Dim 0 stands for the model's.
type CustomEmbedding struct {
	Dim int `json:"dim"`
}

// Check wants something to compute.
func (o CustomOptions) Check() error {
	if len(o.Branch) == 0 && !o.Linear {
		return fmt.Errorf("branch is missing, and linear is false: the model is empty")
	}
	return nil
}

// Check wants interactions.
func (o CustomBranch) Check() error {
	if len(o.Interactions) == 0 {
		return fmt.Errorf("interactions is empty, want at least one")
	}
	if d := o.Embedding.Dim; d != 0 {
		if err := size("embedding.dim", d); err != nil {
			return err
		}
	}
	return sizes("top", o.Top)
}

// custom gives every branch a perceptron that ends in a unit.
func custom(o CustomOptions, s batch.Schema) (Spec, error) {
	spec := Spec{Init: o.Init, Groups: []Group{o.group(s)}}
	spec.Groups[0].Layers = o.Hidden
	if o.Linear {
		spec.Linear = all(s)
	}
	for i, b := range o.Branch {
		prefix := "branch." + strconv.Itoa(i)
		br := Branch{Interactions: b.Interactions, Prefix: prefix, Custom: true, MLP: prefix + ".top", Hidden: b.Top, Layers: o.Hidden, Unit: true}
		if b.Embedding.Dim > 0 {
			g := spec.Groups[0]
			g.Prefix, g.Dim = prefix, b.Embedding.Dim
			br.Group = len(spec.Groups)
			spec.Groups = append(spec.Groups, g)
		}
		spec.Branches = append(spec.Branches, br)
	}
	return spec, nil
}
