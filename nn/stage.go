package nn

import (
	"fmt"
	"strings"

	"ctrlab/nn/onnx"
)

// Stage is a layer that works in place: Forward puts its output where the input was, Backward the input's gradient where the
// output's was, for the rows of the last Forward. It is called with Step.Train wherever Backward follows.
type Stage interface {
	Forward(s *Step, x Mat)
	Backward(s *Step, dy Mat)
	ONNX(g *onnx.Graph, x onnx.Value) onnx.Value // prediction in a graph: x is [N, C]
	Cost() Cost                                  // of one row
}

// Norm is a row of the table of normalizations.
type Norm struct {
	Name, About string
	New         func(b *Builder, c int) Stage // nil: none
}

// Norms is the table of normalizations.
var Norms = []Norm{
	{"none", "", nil},
	{"batch", "each number over the rows of the batch; running statistics in prediction", func(b *Builder, c int) Stage { return NewBatchNorm(b, c) }},
	{"layer", "each row over its numbers", func(b *Builder, c int) Stage { return rowNorm{NewLayerNorm(b, 1, c)} }},
}

// rowNorm is LayerNorm in place.
type rowNorm struct{ *LayerNorm }

func (l rowNorm) Forward(_ *Step, x Mat)   { l.LayerNorm.Forward(x, x) }
func (l rowNorm) Backward(_ *Step, dy Mat) { l.LayerNorm.Backward(dy, dy) }

// FindNorm returns the row with a name.
func FindNorm(name string) (Norm, bool) {
	for _, n := range Norms {
		if n.Name == name {
			return n, true
		}
	}
	return Norm{}, false
}

// Hidden is what stands behind each hidden affine layer of a perceptron, in this order. The zero value is a ReLU alone.
type Hidden struct {
	Norm       string  `json:"norm"`
	Activation string  `json:"activation"`
	Dropout    float64 `json:"dropout"` // the probability of a number to be dropped in training
}

// PlainHidden is the zero value spelled out.
var PlainHidden = Hidden{Norm: "none", Activation: "relu"}

// Check refuses unknown names, and dropping everything.
func (h Hidden) Check() error {
	if _, ok := FindNorm(h.Norm); !ok {
		return fmt.Errorf("norm is %q, want one of %s", h.Norm, list(Norms, func(n Norm) string { return n.Name }))
	}
	if _, ok := FindActivation(h.Activation); !ok {
		return fmt.Errorf("activation is %q, want one of %s", h.Activation, list(Activations, func(a Activation) string { return a.Name }))
	}
	if h.Dropout < 0 || h.Dropout >= 1 {
		return fmt.Errorf("dropout is %g, want at least 0 and less than 1", h.Dropout)
	}
	return nil
}

func list[T any](rows []T, name func(T) string) string {
	var all []string
	for _, r := range rows {
		all = append(all, name(r))
	}
	return strings.Join(all, ", ")
}

// Behind is stages one behind the other, in place.
type Behind []Stage

// NewBehind declares what h has behind c numbers: "norm", "activation", dropout.
func NewBehind(b *Builder, c int, h Hidden) Behind {
	all, relu := h.stages(b, c)
	if relu {
		all = append(Behind{&rectifier{}}, all...)
	}
	return all
}

// Forward goes through all of them.
func (l Behind) Forward(s *Step, x Mat) {
	for _, stage := range l {
		stage.Forward(s, x)
	}
}

// Backward goes back through all of them.
func (l Behind) Backward(s *Step, dy Mat) {
	for i := len(l) - 1; i >= 0; i-- {
		l[i].Backward(s, dy)
	}
}

// ONNX is prediction through all of them in a graph: x is [N, C].
func (l Behind) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	for _, stage := range l {
		x = stage.ONNX(g, x)
	}
	return x
}

// Cost is that of one row.
func (l Behind) Cost() (c Cost) {
	for _, stage := range l {
		c = c.Add(stage.Cost())
	}
	return c
}

// stages declares what stands behind an affine layer of c numbers, and says whether the layer has the ReLU in itself.
func (h Hidden) stages(b *Builder, c int) (all Behind, relu bool) {
	norm, _ := FindNorm(h.Norm)
	if norm.New != nil {
		all = append(all, norm.New(b.In("norm"), c))
	}
	activation, ok := FindActivation(h.Activation)
	if !ok {
		activation = Activations[0]
	}
	if relu = norm.New == nil && activation.Name == "relu"; !relu && activation.New != nil {
		all = append(all, activation.New(b.In("activation"), c))
	}
	if h.Dropout > 0 {
		all = append(all, NewDropout(b, h.Dropout))
	}
	return all, relu
}
