package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// Penalties are keys of [train] about the size of parameters: of embedding tables, which are those of the linear term too and the
// vectors of dense features, and of the net, all other parameters.
type Penalties struct {
	EmbeddingL2 float64 `json:"embedding_l2"`
	EmbeddingL1 float64 `json:"embedding_l1"`
	NetL2       float64 `json:"net_l2"`
	NetL1       float64 `json:"net_l1"`
	Penalty     string  `json:"penalty"` // what it is that they are taken of
}

// penalty is a row of the table of definitions. A number w has the gradient factor·(two·l2·w + l1·sign w).
type penalty struct {
	name    string
	lookups bool    // of tables the rows that the batch looked up, once for every lookup
	two     float64 // of l2
	mean    bool    // divided by the batch
	norm    bool    // l2 is that of the norm, not of its square
}

var penalties = []penalty{
	{"batch", true, 1, false, false},   // l2/2·‖row‖² + l1·|row| for every lookup, a mean over the batch; of the net as table has it
	{"table", false, 1, false, false},  // l2/2·‖W‖² + l1·|W| of all parameters beside the mean loss: FuxiCTR's
	{"deepctr", false, 2, true, false}, // l2·‖W‖² + l1·|W| of all parameters beside the sum of losses: DeepCTR's
	{"recbole", false, 1, false, true}, // l2·‖W‖ + l1·|W| of each table and parameter beside the mean loss: RecBole's
}

// PenaltyNames are the values of the key penalty.
func PenaltyNames() (all []string) {
	for _, p := range penalties {
		all = append(all, p.name)
	}
	return all
}

func findPenalty(name string) (penalty, bool) {
	i := slices.IndexFunc(penalties, func(p penalty) bool { return p.name == name })
	if i < 0 {
		return penalty{}, false
	}
	return penalties[i], true
}

func (p Penalties) check() error {
	if _, ok := findPenalty(p.Penalty); !ok {
		return fmt.Errorf("penalty is %q, want one of %s", p.Penalty, strings.Join(PenaltyNames(), ", "))
	}
	return within([]bound{
		{"embedding_l2", p.EmbeddingL2, 0, 1e30}, {"embedding_l1", p.EmbeddingL1, 0, 1e30}, {"net_l2", p.NetL2, 0, 1e30}, {"net_l1", p.NetL1, 0, 1e30},
	})
}

// everyRow says that rows of tables have a gradient whether the batch looked them up or not.
func (p Penalties) everyRow() bool {
	row, _ := findPenalty(p.Penalty)
	return !row.lookups && (p.EmbeddingL2 > 0 || p.EmbeddingL1 > 0)
}

// factors of w and of its sign in the gradient of a batch of n rows; norm is that of all w is a part of.
func (p Penalties) factors(l2, l1 float64, n int, norm float64) (ofW, ofSign float32) {
	row, _ := findPenalty(p.Penalty)
	f := 1.0
	if row.mean {
		f = 1 / float64(n)
	}
	if row.norm && norm == 0 {
		l2 = 0 // where it has no slope PyTorch takes 0 too
	} else if row.norm {
		l2 /= norm
	}
	return float32(f * row.two * l2), float32(f * l1)
}

// normOf takes the norm of a parameter, or behind them of a table.
func (t *Trainer) normOf(_, i int) {
	if params := t.Model.Params(); i < len(params) {
		t.norms[i] = math.Sqrt(vec.SumSquares(params[i].Value))
	} else {
		t.norms[i] = math.Sqrt(vec.SumSquares(t.tables[i-len(params)].Table.Value))
	}
}

// norm is that of parameter or table i, 0 where no penalty wants it.
func (t *Trainer) norm(i int) float64 {
	if t.norms == nil {
		return 0
	}
	return t.norms[i]
}

// ofParam adds the penalty's gradient to that of a part of a parameter.
func (t *Trainer) ofParam(w, g []float32, i int) {
	p := t.Model.Params()[i]
	l2, l1 := t.options.NetL2, t.options.NetL1
	if p.Embedding {
		l2, l1 = t.options.EmbeddingL2, t.options.EmbeddingL1
	}
	if l2 > 0 || l1 > 0 {
		ofW, ofSign := t.options.factors(l2, l1, t.b.N, t.norm(i))
		addPenalty(g, w, ofW, ofSign)
	}
}

func addPenalty(g, w []float32, ofW, ofSign float32) {
	vec.Axpy(g, ofW, w)
	if ofSign != 0 {
		nn.AddSigns(g, w, ofSign)
	}
}

// ofRows adds it to the gradients of a piece's rows.
func (t *Trainer) ofRows(g []float32, tb *table, p piece) {
	l2, l1 := t.options.EmbeddingL2, t.options.EmbeddingL1
	if l2 == 0 && l1 == 0 {
		return
	}
	uses := &t.uses[tb.key]
	row, _ := findPenalty(t.options.Penalty)
	switch n := float64(t.b.N); {
	case !row.lookups:
		ofW, ofSign := t.options.factors(l2, l1, t.b.N, t.norm(len(t.Model.Params())+p.table))
		addPenalty(g, tb.Table.Value[p.from*tb.Table.D:p.to*tb.Table.D], ofW, ofSign)
	case tb.place == nil:
		uses.Decay(g, p.from, p.to, tb.Table, float32(l2/n), float32(l1/n))
	default:
		tb.eachUsed(p, func(i, k int) { uses.Decay(g[i*tb.Table.D:], k, k+1, tb.Table, float32(l2/n), float32(l1/n)) })
	}
}

// whole is a table of which every row is updated at every step.
type whole struct {
	place []int32 // of every row in the key's Uses, from 1; 0: not looked up. Tables of a key share it
	rows  []int32 // 0, 1, …, for as many rows as a piece has
}

// eachUsed passes the rows of a piece that the batch looked up: their place in the piece and in Uses.
func (w whole) eachUsed(p piece, do func(i, k int)) {
	for i, k := range w.place[p.from:p.to] {
		if k > 0 {
			do(i, int(k)-1)
		}
	}
}

// declareWhole gives tables places where every row is updated.
func (t *Trainer) declareWhole() {
	if !t.optimizer.EveryRow && !t.options.everyRow() {
		return
	}
	t.places = make([][]int32, len(t.keys))
	for i := range t.tables {
		tb := &t.tables[i]
		if t.places[tb.key] == nil {
			t.places[tb.key] = make([]int32, tb.Table.Rows)
		}
		rows := make([]int32, min(pieceRows(tb.Table.D), tb.Table.Rows))
		for r := range rows {
			rows[r] = int32(r)
		}
		tb.whole = whole{t.places[tb.key], rows}
	}
}

// mark notes the places of a key's rows; those of the batch before are forgotten by unmark.
func (t *Trainer) mark(key int) {
	if t.places != nil {
		for i, r := range t.uses[key].Rows {
			t.places[key][r] = int32(i) + 1
		}
	}
}

func (t *Trainer) unmark(key int) {
	if t.places != nil {
		for _, r := range t.uses[key].Rows {
			t.places[key][r] = 0
		}
	}
}
