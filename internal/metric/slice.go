package metric

// Slice is a split cut into parts, by prediction, by how well known an id is, or by time.
type Slice struct {
	Name  string // Calibration, Time, or Frequency and the field
	Parts []Part
}

// Names of slices.
const (
	Calibration = "calibration"   // parts of equal counts, by prediction
	Frequency   = "frequency of " // a field: parts by how often the example's id was seen in training
	Time        = "time"          // tenths of the split's order
)

// Part is some examples of a split, and how they were scored.
type Part struct {
	Name      string
	Examples  int
	Predicted float64 // mean prediction: probability or rating
	Observed  float64 // mean label
	LogLoss   float64 // NaN for ratings
	AUC       float64 // NaN for ratings, and where all labels are equal
}
