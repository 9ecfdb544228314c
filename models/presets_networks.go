package models

import (
	"fmt"
	"strconv"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/nn"
)

// over is a model of branches over all fields, and no first-order term.
func over(init nn.Inits, g Group, branches ...Branch) Spec {
	return Spec{Init: init, Groups: []Group{g}, Branches: branches}
}

// voice is a branch of one interaction under an affine unit of its own: names stand behind prefix.
func voice(prefix string, u Use) Branch {
	return Branch{Interactions: []Use{u}, Prefix: prefix, MLP: prefix + ".head", Unit: true}
}

// FwFMOptions are the options of fwfm.
type FwFMOptions struct {
	Fields
	Linear string `json:"linear"` // lw, a weight for each id, felv, a vector for each id, or filv, one for each field
}

// Check wants a known first-order term.
func (o FwFMOptions) Check() error {
	if o.Linear != "lw" && o.Linear != "felv" && o.Linear != "filv" {
		return fmt.Errorf("linear is %q, want lw, felv or filv", o.Linear)
	}
	return nil
}

func fwfm(o FwFMOptions, s batch.Schema) (Spec, error) {
	switch o.Linear {
	case "lw":
		return linearAnd("fwfm")(o.Fields, s)
	case "felv":
		g := o.group(s)
		g.Dim *= 2
		spec := over(o.Init, g, plain(with("fwfm", interactions.FwFMOptions{Vectors: true})))
		spec.Linear.On = true // the bias alone
		return spec, nil
	}
	vectors := Branch{Interactions: []Use{with("concat", nil)}, MLP: "linear", Unit: true}
	return over(o.Init, o.group(s), plain(with("fwfm", nil)), vectors), nil
}

// FirstOrder is the option of models whose papers have no first-order term, and of which some implementations have one.
type FirstOrder struct {
	Linear bool `json:"linear"`
}

// to adds the term to a model.
func (o FirstOrder) to(spec Spec, s batch.Schema) Spec {
	if o.Linear {
		spec.Linear = all(s)
	}
	return spec
}

// FMFMOptions are the options of fmfm.
type FMFMOptions struct {
	Fields
	interactions.FMFMOptions
}

func fmfm(o FMFMOptions, s batch.Schema) (Spec, error) {
	spec := over(o.Init, o.group(s), plain(with("fmfm", o.FMFMOptions)))
	spec.Linear = all(s)
	return spec, nil
}

// HOFMOptions are the options of hofm.
type HOFMOptions struct {
	Fields
	Order  int  `json:"order"`  // the highest
	Shared bool `json:"shared"` // all orders share the tables of order 2
}

// Check is that of anova.
func (o HOFMOptions) Check() error { return interactions.AnovaOptions{Order: o.Order}.Check() }

func hofm(o HOFMOptions, s batch.Schema) (Spec, error) {
	spec := over(o.Init, o.group(s), plain(with("fm", nil)))
	spec.Linear = all(s)
	for order := 3; order <= o.Order; order++ {
		b := plain(with("anova", interactions.AnovaOptions{Order: order}))
		if !o.Shared {
			g := o.group(s)
			g.Prefix = "order" + strconv.Itoa(order)
			b.Group = len(spec.Groups)
			spec.Groups = append(spec.Groups, g)
		}
		spec.Branches = append(spec.Branches, b)
	}
	return spec, nil
}

// AutoIntPlusOptions are the options of autoint_plus.
type AutoIntPlusOptions struct {
	Deep
	interactions.AutoIntOptions
	FirstOrder
}

func autoIntPlus(o AutoIntPlusOptions, s batch.Schema) (Spec, error) {
	spec := over(o.Init, o.group(s), headed(with("autoint", o.AutoIntOptions)), tower(o.Top, with("concat", nil)))
	return o.FirstOrder.to(spec, s), nil
}

// DeepCrossingOptions are the options of deepcrossing.
type DeepCrossingOptions struct {
	Fields
	interactions.ResidualOptions
}

func deepCrossing(o DeepCrossingOptions, s batch.Schema) (Spec, error) {
	g := o.group(s)
	g.Layers = o.ResidualOptions.Hidden
	return over(o.Init, g, headed(with("residual", o.ResidualOptions))), nil
}

// AFNOptions are the options of afn.
type AFNOptions struct {
	Deep
	interactions.LogarithmicOptions
	FirstOrder
}

func afn(o AFNOptions, s batch.Schema) (Spec, error) {
	return o.FirstOrder.to(over(o.Init, o.group(s), tower(o.Top, with("logarithmic", o.LogarithmicOptions))), s), nil
}

// AFNPlusOptions are the options of afn_plus.
type AFNPlusOptions struct {
	AFNOptions
	DNN []int `json:"dnn" width:"hidden"` // hidden sizes of the perceptron beside it
}

// Check wants sizes above 0.
func (o AFNPlusOptions) Check() error { return sizes("dnn", o.DNN) }

// afnPlus gives the perceptron tables of its own.
func afnPlus(o AFNPlusOptions, s batch.Schema) (Spec, error) {
	spec, err := afn(o.AFNOptions, s)
	g := o.group(s)
	g.Prefix = "dnn"
	spec.Groups = append(spec.Groups, g)
	spec.Branches = append(spec.Branches, Branch{Group: 1, Interactions: []Use{with("concat", nil)}, MLP: "dnn", Hidden: o.DNN, Layers: o.Hidden, Unit: true})
	spec.Head = true
	return spec, err
}

// MaskNetOptions are the options of masknet.
type MaskNetOptions struct {
	Deep
	interactions.MaskNetBlocks
	BlockNorm string `json:"block_norm"` // behind a block, whose activation and dropout are those of hidden layers
}

// Check wants a known normalization.
func (o MaskNetOptions) Check() error {
	if _, ok := nn.FindNorm(o.BlockNorm); !ok {
		return fmt.Errorf("block_norm is %q, want none, batch or layer", o.BlockNorm)
	}
	return nil
}

// Uses is that of Deep, but that blocks have an activation and dropout.
func (o MaskNetOptions) Uses(key string) bool {
	return key == "activation" || key == "dropout" || o.Deep.Uses(key)
}

func maskNet(o MaskNetOptions, s batch.Schema) (Spec, error) {
	use := interactions.MaskNetOptions{MaskNetBlocks: o.MaskNetBlocks, Hidden: o.Hidden}
	use.Norm = o.BlockNorm
	return over(o.Init, o.group(s), tower(o.Top, with("masknet", use))), nil
}

// FinalMLPOptions are the options of finalmlp.
type FinalMLPOptions struct {
	Fields
	interactions.FinalMLPStreams
	nn.Hidden
	Context1 []string `json:"context1"` // categorical fields that the first stream's gate sees
	Context2 []string `json:"context2"`
}

func finalMLP(o FinalMLPOptions, s batch.Schema) (Spec, error) {
	use := interactions.FinalMLPOptions{FinalMLPStreams: o.FinalMLPStreams, Hidden: o.Hidden}
	g := o.group(s)
	g.Layers = o.Hidden
	first, _ := g.shape(s) // the categorical fields are the last
	first -= len(s.Sparse)
	for _, c := range []struct {
		key   string
		names []string
		to    *[]int
	}{{"context1", o.Context1, &use.Context1}, {"context2", o.Context2, &use.Context2}} {
		if len(c.names) > 0 && first < 0 {
			return Spec{}, fmt.Errorf(`%s needs fields, and dense = "concat" lays all down as one row`, c.key)
		}
		for _, name := range c.names {
			at, ok := field(s, name)
			if !ok {
				return Spec{}, fmt.Errorf("%s has %q, which is no categorical field of the data", c.key, name)
			}
			*c.to = append(*c.to, first+at)
		}
	}
	return over(o.Init, g, plain(with("finalmlp", use))), nil
}

// field returns the place of a categorical field.
func field(s batch.Schema, name string) (int, bool) {
	for i, f := range s.Sparse {
		if f.Name == name {
			return i, true
		}
	}
	return 0, false
}

// Auxiliary is the option of models that are the mean of several logits.
type Auxiliary struct {
	Auxiliary string `json:"auxiliary"` // the loss beside that of the mean
}

// Check wants a known loss.
func (o Auxiliary) Check() error {
	if _, ok := nn.FindAuxiliary(o.Auxiliary); !ok {
		return fmt.Errorf("auxiliary is %q, want none, tri_bce or distillation", o.Auxiliary)
	}
	return nil
}

// FinalNetOptions are the options of finalnet.
type FinalNetOptions struct {
	Fields
	interactions.FinalBlockOptions
	Blocks int `json:"blocks"` // whose logits are averaged
	Auxiliary
}

// Uses is that of Fields; a block by itself has nobody to learn from.
func (o FinalNetOptions) Uses(key string) bool {
	return o.Fields.Uses(key) && (key != "auxiliary" || o.Blocks > 1)
}

// Check wants at least one block.
func (o FinalNetOptions) Check() error {
	if o.Blocks > 64 {
		return fmt.Errorf("blocks is %d, want at most 64", o.Blocks)
	}
	return size("blocks", o.Blocks)
}

func finalNet(o FinalNetOptions, s batch.Schema) (Spec, error) {
	spec := over(o.Init, o.group(s))
	spec.Mean = true
	if o.Blocks > 1 {
		spec.Auxiliary = o.Auxiliary.Auxiliary
	}
	for i := range o.Blocks {
		spec.Branches = append(spec.Branches, voice("block."+strconv.Itoa(i), with("final_block", o.FinalBlockOptions)))
	}
	return spec, nil
}

// EulerNetOptions are the options of eulernet.
type EulerNetOptions struct {
	Fields
	interactions.EulerOptions
}

func eulerNet(o EulerNetOptions, s batch.Schema) (Spec, error) {
	return over(o.Init, o.group(s), headed(with("euler", o.EulerOptions))), nil
}

// WukongOptions are the options of wukong.
type WukongOptions struct {
	Deep
	interactions.WukongLayers
}

// Uses is that of Deep, but that the operator has hidden layers too.
func (o WukongOptions) Uses(key string) bool {
	return len(o.MLP) > 0 && isHidden(key) || o.Deep.Uses(key)
}

func wukong(o WukongOptions, s batch.Schema) (Spec, error) {
	return over(o.Init, o.group(s), tower(o.Top, with("wukong", interactions.WukongOptions{WukongLayers: o.WukongLayers, Hidden: o.Hidden}))), nil
}

// DCNv3Options are the options of dcnv3.
type DCNv3Options struct {
	Fields
	ExponentialLayers int `json:"exponential_layers"`
	LinearLayers      int `json:"linear_layers"`
	Auxiliary
	CrossInit *CrossInit `json:"cross_init,omitempty"` // of both networks, where it is not that of the model
}

// Check is that of the cross networks, under the keys of the model.
func (o DCNv3Options) Check() error {
	for _, l := range []struct {
		key    string
		layers int
	}{{"exponential_layers", o.ExponentialLayers}, {"linear_layers", o.LinearLayers}} {
		if err := (interactions.CrossOptions{Layers: l.layers}).Check(); err != nil {
			return fmt.Errorf("%s: %w", l.key, err)
		}
	}
	return nil
}

func dcnv3(o DCNv3Options, s batch.Schema) (Spec, error) {
	spec := over(o.Init, o.group(s),
		voice("ecn", with("exponential_cross", interactions.CrossOptions{Layers: o.ExponentialLayers})),
		voice("lcn", with("linear_cross", interactions.CrossOptions{Layers: o.LinearLayers})))
	spec.Mean, spec.Auxiliary = true, o.Auxiliary.Auxiliary
	spec.Branches[0].Init, spec.Branches[1].Init = o.CrossInit, o.CrossInit
	return spec, nil
}
