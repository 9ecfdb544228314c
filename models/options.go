package models

import (
	"fmt"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// Embedding is the options of every model with embeddings.
type Embedding struct {
	EmbeddingDim int      `json:"embedding_dim"`
	Embeddings   Tables   `json:"embeddings"`
	Init         nn.Inits `json:"init"`
}

// Check wants a width.
func (o Embedding) Check() error {
	return size("embedding_dim", o.EmbeddingDim)
}

// Fields is the options of models in which dense features take part.
type Fields struct {
	Embedding
	Dense  string `json:"dense"`                 // scale, concat, deep or mlp
	Bottom []int  `json:"bottom" width:"hidden"` // hidden sizes of dense = "mlp"
}

// Check wants a known way, and a bottom only where it is used.
func (o Fields) Check() error {
	if !slices.Contains([]string{DenseScale, DenseConcat, DenseDeep, DenseMLP}, o.Dense) {
		return fmt.Errorf("dense is %q, want scale, concat, deep or mlp", o.Dense)
	}
	if len(o.Bottom) > 0 && o.Dense != DenseMLP {
		return fmt.Errorf(`bottom is the perceptron of dense = "mlp", and dense is %q`, o.Dense)
	}
	return sizes("bottom", o.Bottom)
}

// Uses says whether a key takes part under the values of the others: a matrix leaves models alone that have a key
// and no use for it.
func (o Fields) Uses(key string) bool { return key != "bottom" || o.Dense == DenseMLP }

// group returns the embedding group of all categorical fields.
func (o Fields) group(s batch.Schema) Group {
	return Group{Dim: o.EmbeddingDim, Fields: len(s.Sparse), Embeddings: o.Embeddings, Dense: o.Dense, Bottom: o.Bottom}
}

// Top is the options of models with an MLP: its hidden sizes, and what stands behind each hidden layer of all MLPs.
type Top struct {
	Top []int `json:"top" width:"hidden"`
	nn.Hidden
}

// Check wants sizes above 0.
func (o Top) Check() error { return sizes("top", o.Top) }

// Deep is Fields and Top.
type Deep struct {
	Fields
	Top
}

// group is that of Fields, with a bottom MLP of the same layers.
func (o Deep) group(s batch.Schema) Group {
	g := o.Fields.group(s)
	g.Layers = o.Hidden
	return g
}

// Uses is that of Fields, and leaves what stands behind hidden layers alone where there are none.
func (o Deep) Uses(key string) bool {
	if isHidden(key) {
		return len(o.Top.Top) > 0 || o.Dense == DenseMLP
	}
	return o.Fields.Uses(key)
}

// isHidden says whether a key is one of nn.Hidden.
func isHidden(key string) bool {
	return slices.Contains([]string{"norm", "activation", "dropout"}, key)
}

// maxSize bounds every width, so that products of two stay far from overflow.
const maxSize = 1 << 20

// size wants a width of at least 1 and no more than makes sense.
func size(key string, n int) error {
	if n < 1 {
		return fmt.Errorf("%s is %d, want at least 1", key, n)
	}
	if n > maxSize {
		return fmt.Errorf("%s is %d, want at most %d", key, n, maxSize)
	}
	return nil
}

// sizes wants that of every hidden size.
func sizes(key string, hidden []int) error {
	for i, h := range hidden {
		if h < 1 {
			return fmt.Errorf("%s has %d at place %d, want at least 1", key, h, i)
		}
		if h > maxSize {
			return fmt.Errorf("%s has %d at place %d, want at most %d", key, h, i, maxSize)
		}
	}
	return nil
}

func embedding(init nn.Inits) Embedding { return Embedding{16, fullTables(), init} }

func fields(dense string) Fields { return Fields{embedding(nn.DefaultInits), dense, nil} }

func deep(dense string) Deep { return Deep{fields(dense), Top{[]int{64, 32}, nn.PlainHidden}} }
