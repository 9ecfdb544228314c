package datasets

import "math"

// Oracle is what the truth itself scores on some rows: no model does better but by chance.
type Oracle struct {
	Rows      int     `json:"rows"`
	Positives int     `json:"positives"`
	BaseRate  float64 `json:"base_rate"` // share of positives
	AUC       float64 `json:"auc"`       // ties, which logits less than 2⁻¹³ apart may be, half
	LogLoss   float64 `json:"logloss"`   // mean, in nats

	counts [][2]int // of labels, by logit
}

// Cells of an oracle's logits, from −oracleMost to +oracleMost.
const (
	oracleMost  = 16
	oracleCells = 1 << 18
)

// add counts a row; LogLoss is the sum until it is ended.
func (o *Oracle) add(truth, label float32) {
	if o.counts == nil {
		o.counts = make([][2]int, oracleCells)
	}
	z := float64(truth)
	cell := (min(max(z, -oracleMost), oracleMost) + oracleMost) / (2 * oracleMost) * oracleCells
	o.counts[min(int(cell), oracleCells-1)][int(label)]++
	o.LogLoss += math.Log1p(math.Exp(-math.Abs(z))) + max(z, 0) - z*float64(label)
}

// join adds another's counts, and not its loss: sums of floats have an order.
func (o *Oracle) join(of *Oracle) {
	if o.counts == nil {
		o.counts = make([][2]int, oracleCells)
	}
	for i, c := range of.counts {
		o.counts[i][0] += c[0]
		o.counts[i][1] += c[1]
	}
}

// end makes of sums what they are for.
func (o *Oracle) end() {
	below, pairs := 0, 0.0
	for _, c := range o.counts {
		pairs += float64(c[1]) * (float64(below) + float64(c[0])/2)
		below += c[0]
		o.Positives += c[1]
	}
	o.Rows = below + o.Positives
	o.BaseRate = float64(o.Positives) / float64(o.Rows)
	o.LogLoss /= float64(o.Rows)
	if below > 0 && o.Positives > 0 {
		o.AUC = pairs / float64(below) / float64(o.Positives)
	}
	o.counts = nil
}
