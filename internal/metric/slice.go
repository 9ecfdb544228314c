package metric

import "math"

// Slice is a split cut into parts, by prediction, by how well known an id is, or by time.
type Slice struct {
	Name  string // Calibration, Time, or Frequency and the field
	Parts []Part
}

// Names of slices.
const (
	Calibration = "calibration"   // ECEBins parts of equal counts, by prediction; equal predictions stay together
	Frequency   = "frequency of " // a field: parts by how often the example's id was seen in training
	Time        = "time"          // tenths of the split's order
)

// Part is some examples of a split, and how they were scored.
type Part struct {
	Name      string
	Examples  int
	Predicted float64 // mean prediction: probability or rating; NaN of margins
	Observed  float64 // mean label
	LogLoss   float64 // NaN of ratings and margins
	AUC       float64 // NaN of ratings, and where all labels are equal
}

// Cut is how a split is cut: Of has the part of each row, an index of Parts.
type Cut struct {
	Name  string
	Parts []string
	Of    []int32
}

// Slices returns how the parts of each cut were scored, empty ones left out. Before them is Calibration, unless scores are margins.
func Slices(e Eval, cuts []Cut) []Slice {
	r := newRanking(e.Score, e.Label)
	var out []Slice
	if !e.Margin {
		s := Slice{Name: Calibration}
		r.bins(ECEBins, func(rows []uint64) { s.Parts = append(s.Parts, e.part(ordinal(len(s.Parts)), r, rows)) })
		out = append(out, s)
	}
	for _, c := range cuts {
		r.rank(e.Score)
		r.group(c.Of)
		s := Slice{Name: c.Name}
		r.groups(func(rows []uint64) { s.Parts = append(s.Parts, e.part(c.Parts[rows[0]>>32], r, rows)) })
		out = append(out, s)
	}
	return out
}

// part is how some rows were scored, given by ascending score.
func (e Eval) part(name string, r *ranking, rows []uint64) Part {
	p := Part{Name: name, Examples: len(rows), AUC: math.NaN(), LogLoss: math.NaN()}
	var loss float64
	for _, k := range rows {
		row := uint32(k)
		z, y := float64(e.Score[row]), float64(e.Label[row])
		p.Observed += y
		if e.Binary {
			p.Predicted += sigmoid(z)
			loss += crossEntropy(z, y)
		} else {
			p.Predicted += e.clipped(z)
		}
	}
	n := float64(len(rows))
	p.Observed, p.Predicted = p.Observed/n, p.Predicted/n
	if e.Binary {
		p.AUC, p.LogLoss = r.aucOf(rows), loss/n
	}
	if e.Margin {
		p.Predicted, p.LogLoss = math.NaN(), math.NaN()
	}
	return p
}
