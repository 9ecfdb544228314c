package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/embeddings"
	"ctrlab/nn"
)

// Model is a Spec built: one Net a lane on shared values and, for training, the gradients of embeddings of a whole batch.
type Model struct {
	Spec     Spec
	Shard    int // rows of a shard
	Lanes    []*Net
	Lookups  []embeddings.Lookup
	DLogit   []float32 // [batch], ∂loss/∂logit, which lanes write a shard at a time
	grads    []nn.Block
	products *products // nil where there are none
	tables   []*nn.Table
	running  []*nn.Running
}

// New builds a model for training on batches of at most batchRows rows, cut into shards of at most shardRows; where a layer
// reduces, into one a lane.
func New(s Spec, batchRows, shardRows, lanes int, seed uint64) *Model {
	m := &Model{Spec: s, Shard: s.shard(shardRows), DLogit: make([]float32, batchRows)}
	if s.Reduces() {
		m.Shard = (batchRows + lanes - 1) / lanes
		m.Shard += m.Shard % 2 * (1 - batchRows%2) // a pair of rows, of which some losses are, is in one
	}
	for _, g := range s.Groups {
		f, d := g.shape(s.Schema)
		m.grads = append(m.grads, nn.NewBlock(batchRows, f, d))
	}
	m.build(lanes, seed, true)
	return m
}

// Infer builds a model that only predicts: without gradients, their scratch, or weights packed for them.
func Infer(s Spec, shardRows, lanes int, seed uint64) *Model {
	m := &Model{Spec: s, Shard: shardRows}
	m.build(lanes, seed, false)
	return m
}

// shard is how many rows a shard has, at most: fewer where what they leave for the backward pass outgrows the caches, and
// the dense weights, of which each shard reads two packed forms and adds to a gradient.
func (s Spec) shard(most int) int {
	const cached, least = 3 << 20, 32 // bytes, rows
	c := s.Cost()
	room := max(cached, 16*float64(c.Params-c.Tables))
	for most > least && float64(most)*c.Bytes > room {
		most = max(most/2&^1, least)
	}
	return most
}

func (m *Model) build(lanes int, seed uint64, train bool) {
	if m.Spec.Baseline != nil {
		panic("models: a baseline has no net")
	}
	first := nn.NewBuilder(m.Shard, seed, train, m.Spec.Init)
	m.products = m.Spec.products()
	m.Lanes = append(m.Lanes, build(first, m.Spec, m.grads, m.products))
	for range lanes - 1 {
		m.Lanes = append(m.Lanes, build(first.Lane(m.Shard, train), m.Spec, m.grads, m.products))
	}
	m.tables, m.running = first.Tables(), first.Runnings()
	m.lookups()
	m.Encode()
}

// lookups lists the tables with where their gradients are found.
func (m *Model) lookups() {
	net := m.Lanes[0]
	if net.linear != nil {
		for f, t := range net.linear.tables {
			mean := m.Spec.Schema.Sparse[f].Pool == batch.Mean
			rows := embeddings.Rows{Fields: []int{f}, Most: t.Rows, Index: []embeddings.Index{nil}}
			m.Lookups = append(m.Lookups, embeddings.Lookup{Table: t, Rows: rows, Mean: mean, Grad: nn.Mat{N: len(m.DLogit), C: 1, Stride: 1, Data: m.DLogit}})
		}
	}
	if net.products != nil {
		t := net.products.table
		m.Lookups = append(m.Lookups, embeddings.Lookup{Table: t, Rows: embeddings.Rows{Most: t.Rows, Each: true, Listed: &m.products.rows}})
	}
	for _, g := range net.groups {
		var grad nn.Mat
		if g.grad != nil {
			grad = g.categorical(g.grad.Mat())
		}
		m.Lookups = append(m.Lookups, g.embeddings.Lookups(grad)...)
	}
}

// Begin comes before Forward on a batch.
func (m *Model) Begin(b *batch.Batch) {
	if m.products != nil {
		m.products.find(b)
	}
}

// Ready is Begin, and makes room for the gradients that tables keep of a batch's lookups.
func (m *Model) Ready(b *batch.Batch) {
	m.Begin(b)
	for _, l := range m.Lookups {
		l.Ready(b)
	}
}

// Rankings are those of fields whose ids have rows by their counts in train.
func (m *Model) Rankings() (all []embeddings.Ranking) {
	for _, g := range m.Lanes[0].groups {
		all = append(all, g.embeddings.Rankings()...)
	}
	return all
}

// Encode brings the codes that predictions read, where tables have any, up to date with their values.
func (m *Model) Encode() {
	for _, t := range m.tables {
		if t.Codes != nil {
			t.Encode()
		}
	}
}

// ShiftLogit moves every prediction by as much, by the biases that enter the logit as they are; where there are none it does nothing.
func (m *Model) ShiftLogit(by float32) {
	if by == 0 {
		return
	}
	net := m.Lanes[0]
	switch {
	case net.linear != nil:
		net.linear.bias.Value[0] += by
	case net.head != nil:
		net.head.Shift(by)
	default:
		var units []*nn.MLP
		for _, br := range net.branches {
			if br.mlp != nil && br.spec.Unit {
				units = append(units, br.mlp)
			}
		}
		for _, u := range units {
			u.Shift(by / (net.share * float32(len(units))))
		}
	}
}

// Voices is a lane's memory of the model's auxiliary loss; nil where there is none.
func (m *Model) Voices(plain, loss nn.Loss) *nn.Voices {
	a := m.Spec.auxiliary()
	if a.Name == "none" {
		return nil
	}
	return nn.NewVoices(a, plain, loss, m.Shard, len(m.Spec.Branches))
}

// Params are the dense parameters as the first lane sees them.
func (m *Model) Params() []*nn.Param { return m.Lanes[0].Params() }

// Tables are all embedding tables, those of the linear term too.
func (m *Model) Tables() []*nn.Table { return m.tables }

// Runnings are numbers that training keeps beside the parameters.
func (m *Model) Runnings() []*nn.Running { return m.running }

// Repack brings packed weights and codes up to date after values were set from outside.
func (m *Model) Repack() {
	m.Encode()
	for _, p := range m.Params() {
		out, _ := p.Dims()
		p.Repack(0, out)
	}
}

// Values are those of all parameters, tables and running numbers: what a state of the model consists of.
func (m *Model) Values() [][]float32 {
	var all [][]float32
	for _, p := range m.Params() {
		all = append(all, p.Value)
	}
	for _, t := range m.tables {
		all = append(all, t.Value)
	}
	for _, r := range m.running {
		all = append(all, r.Value)
	}
	return all
}
