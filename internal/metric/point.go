package metric

// Point is one value of one metric at one step of a run.
type Point struct {
	Name     string  // with its split before it where it has one: "valid.auc"
	Step     int     // of the optimiser
	Examples int64   // seen in training so far
	Seconds  float64 // of training so far
	Value    float64
}

// Progress is how far a run is, between points.
type Progress struct {
	Examples, Total int64   // trained on so far, and at most
	Loss            float64 // of training, mean since the last evaluation; NaN without one
}

// Pair is how strongly a trained model lets two fields act together.
type Pair struct {
	Fields           [2]string
	Learned, Planted float64 // Planted is NaN where no one knows
}
