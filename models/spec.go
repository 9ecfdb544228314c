// Package models puts interactions together into models.
//
// A Spec is a model as data: embedding groups, branches of interactions with a perceptron each, and a head; Presets is
// the table of named ones. New builds a Model of it: one Net a lane on shared values. A Net's Forward and Backward treat one
// shard; the gradients of embeddings are left in Lookups, a whole batch at a time, for the trainer to apply.
package models

import (
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/models/baselines"
	"ctrlab/nn"
)

// Spec is a model for one schema: logit = bias + linear + products + Σ branches, or with Mean their mean, or with Head an affine unit on
// all branches side by side.
type Spec struct {
	Schema   batch.Schema
	Init     nn.Inits
	Linear   Linear
	Products int // weights of the products of pairs of features; 0: there is no such term
	Groups   []Group
	Branches []Branch
	Mean     bool
	Head     bool
	// Auxiliary names the loss beside that of the logit (nn.Auxiliaries), of the branches of a Mean, each a logit; "" is none.
	Auxiliary string
	// Baseline makes a model that is not trained by gradient; then all of the above but Schema is empty. Else it is nil.
	Baseline func(seed uint64) baselines.Model
}

// Linear is the first-order term: a weight for every id and every dense feature, and a bias.
type Linear struct {
	On     bool
	Fields int  // the first so many categorical fields
	Dense  bool // the dense features too
}

// Group is a set of embeddings of one width and what the dense features become beside them.
type Group struct {
	Prefix     string // of the tables' names
	Dim        int
	Fields     int // the first so many categorical fields
	Embeddings Tables
	Dense      string // how dense features become fields: scale, concat, mlp, or none
	Instance   bool   // a row's vectors are divided by the norm of its feature values
	Bottom     []int  // hidden sizes of mlp
	Layers     nn.Hidden
}

// Branch lays the outputs of interactions over one group side by side and reduces them with a perceptron.
type Branch struct {
	Group        int
	Interactions []Use
	Prefix       string     // of the interactions' parameters
	Init         *CrossInit // of the interactions; nil: the model's
	Custom       bool       // put together by hand: names stand behind the prefix, and a single number needs no unit
	MLP          string     // prefix of the perceptron's parameters; "" for none
	Hidden       []int
	Layers       nn.Hidden
	Unit         bool // an affine unit of width 1 at the perceptron's end
}

// The ways in which dense features become fields.
const (
	DenseNone   = "none"   // they do not
	DenseScale  = "scale"  // feature k is the field x_k·v_k
	DenseConcat = "concat" // raw values stand before the flattened embeddings: one row of numbers
	DenseDeep   = "deep"   // the same row for what takes any; operators on fields see the categorical ones alone
	DenseMLP    = "mlp"    // a bottom MLP makes one field of all
)

// dense returns the number of dense features that the group uses.
func (g Group) dense(s batch.Schema) int {
	if g.Dense == DenseNone {
		return 0
	}
	return len(s.Dense)
}

// denseWidth is how many numbers of a row come from the dense features.
func (g Group) denseWidth(s batch.Schema) int {
	switch n := g.dense(s); {
	case n == 0:
		return 0
	case g.Dense == DenseScale:
		return n * g.Dim
	case g.raw(s):
		return n
	default:
		return g.Dim
	}
}

// raw says that raw values stand before the embeddings.
func (g Group) raw(s batch.Schema) bool {
	return (g.Dense == DenseConcat || g.Dense == DenseDeep) && g.dense(s) > 0
}

// shape returns the fields and numbers a field of the group's block.
func (g Group) shape(s batch.Schema) (f, d int) {
	w := g.denseWidth(s)
	if g.raw(s) {
		return 1, w + g.Fields*g.Dim
	}
	return w/g.Dim + g.Fields, g.Dim
}

// tail says that an interaction sees the categorical fields alone.
func (g Group) tail(s batch.Schema, u Use) bool {
	return g.Dense == DenseDeep && g.raw(s) && u.variant().Fields > 0
}

// Shape returns the fields and numbers a field that an interaction of a branch sees.
func (s Spec) Shape(b Branch, u Use) (f, d int) {
	g := s.Groups[b.Group]
	if g.tail(s.Schema, u) {
		return g.Fields, g.Dim
	}
	return g.shape(s.Schema)
}

// check refuses what makes no sense on the schema.
func (s Spec) check() error {
	names := map[string]bool{"dense": true, "bias": true} // parameters beside the tables are called so
	for _, f := range s.Schema.Sparse {
		if f.Name == "" || names[f.Name] {
			return fmt.Errorf("a field is called %q: want names, each once, other than dense and bias", f.Name)
		}
		names[f.Name] = true
	}
	for _, g := range s.Groups {
		if _, err := g.layouts(s.Schema); err != nil {
			return err
		}
	}
	for _, b := range s.Branches {
		g := s.Groups[b.Group]
		if f, d := g.shape(s.Schema); f*d == 0 {
			return fmt.Errorf("the data has no features for it")
		}
		seen := map[string]bool{}
		for _, u := range b.Interactions {
			v := u.variant()
			if seen[u.Name] {
				return fmt.Errorf("interaction %s stands twice in one branch", u.Name)
			}
			seen[u.Name] = true
			f, d := s.Shape(b, u)
			if err := u.fits(f, d, g.Dense == DenseConcat && g.raw(s.Schema)); err != nil {
				return fmt.Errorf("interaction %s %w", v.Name, err)
			}
		}
	}
	return nil
}

// fits refuses what an interaction cannot work on: raw says that the input is one row of unlike things.
func (u Use) fits(f, d int, raw bool) error {
	v := u.variant()
	switch {
	case v.Fields > 0 && raw:
		return fmt.Errorf(`needs fields of one width, and dense = "concat" lays the raw dense features and all embeddings down as one row; use dense = "scale" or "mlp"`)
	case f < v.Fields:
		return fmt.Errorf("needs at least %d fields, and the data gives it %d", v.Fields, f)
	}
	if v.Accepts != nil {
		if err := v.Accepts(f, d); err != nil {
			return fmt.Errorf("refuses: %w", err)
		}
	}
	if o, ok := u.Options.(interface{ Fits(f, d int) error }); ok {
		if err := o.Fits(f, d); err != nil {
			return fmt.Errorf("refuses: %w", err)
		}
	}
	return nil
}

// Cost is what a model costs.
type Cost struct {
	nn.Cost
	Tables           int64 // parameters in tables; Params counts these and the dense ones
	TableBytes       int64 // that predictions read them from
	InteractionWidth int   // numbers that the interactions of all branches put out
	TopWidth         int   // the widest perceptron's input
}

// Cost counts without building anything.
func (s Spec) Cost() Cost {
	if s.Baseline != nil {
		return Cost{Cost: nn.Cost{Params: s.Baseline(0).Params()}}
	}
	b, n := s.dry()
	c := Cost{Cost: n.cost()}
	c.Params = 0
	for _, p := range b.Params() {
		out, in := p.Dims()
		c.Params += int64(out) * int64(in)
	}
	for _, t := range b.Tables() {
		c.Tables += int64(t.Rows) * int64(t.D)
		c.TableBytes += t.Bytes()
	}
	c.Params += c.Tables
	for _, br := range n.branches {
		c.InteractionWidth += br.width
		if br.mlp != nil {
			c.TopWidth = max(c.TopWidth, br.width)
		}
	}
	return c
}

// Shapes returns the shape of every parameter and table by name, and of running numbers, without building anything.
func (s Spec) Shapes() (shapes, running map[string][]int) {
	b, _ := s.dry()
	shapes, running = map[string][]int{}, map[string][]int{}
	for _, p := range b.Params() {
		shapes[p.Name] = p.Shape
	}
	for _, t := range b.Tables() {
		shapes[t.Name] = []int{t.Rows, t.D}
	}
	for _, r := range b.Runnings() {
		running[r.Name] = []int{r.N}
	}
	return shapes, running
}

// Reduces says whether a layer or the loss looks at the whole batch, as BatchNorm does: see nn.Step.Reduce.
func (s Spec) Reduces() bool {
	b, _ := s.dry()
	return b.Reducing() || s.auxiliary().Reduces
}

// auxiliary is that of Auxiliary.
func (s Spec) auxiliary() nn.Auxiliary {
	a, ok := nn.FindAuxiliary(s.Auxiliary)
	if !ok {
		a = nn.Auxiliaries[0]
	}
	return a
}

// dry declares everything and holds nothing.
func (s Spec) dry() (*nn.Builder, *Net) {
	b := nn.NewBuilder(1, 0, false, s.Init)
	b.Dry = true
	return b, build(b, s, nil, s.products())
}

// Use is an interaction chosen and resolved: in a file its name, or a table of name and options.
type Use struct {
	Name    string
	Options any // of the variant's options type
}

// Cost is the interaction's of an example of f fields with vectors of d numbers, beside the width of its output.
func (u Use) Cost(f, d int) (width int, c nn.Cost, err error) {
	if u.variant().Aware {
		d *= f
	}
	if err := u.fits(f, d, false); err != nil {
		return 0, nn.Cost{}, err
	}
	b := nn.NewBuilder(1, 0, false, nn.DefaultInits)
	b.Dry = true
	i := u.variant().New(b, f, d, u.Options)
	return i.Width(), i.Cost(), nil
}

func (u Use) variant() interactions.Variant {
	v, ok := interactions.Find(u.Name)
	if !ok {
		panic("models: an interaction that is not in the table")
	}
	return v
}

// with returns a Use of a variant by name, with options, or its defaults for nil.
func with(name string, options any) Use {
	u := Use{Name: name, Options: options}
	if options == nil {
		u.Options = u.variant().Options
	}
	return u
}
