package embeddings

import "ctrlab/datasets/batch"

// QROptions are the options of qr.
type QROptions struct {
	Collisions int `json:"collisions"` // c: ids that share a row of Q
	Threshold  int `json:"threshold"`  // fields with no more ids have a row for each
	Operation
}

// Check wants two tables of something.
func (o QROptions) Check() error {
	if err := within("collisions", o.Collisions, 2, most); err != nil {
		return err
	}
	return within("threshold", o.Threshold, 0, most)
}

// quotientRemainder has ⌈n/c⌉ + c rows for n ids, and no two with both rows the same.
//
// Shi et al. 2019, arXiv 1909.02107. The embedding of a bag is that of its ids, pooled; DLRM's repository pools Q and R first
// and multiplies then.
func quotientRemainder(o QROptions, fields []batch.Field, i, d int) (Layout, error) {
	f, c := fields[i], o.Collisions
	if f.Rows <= max(o.Threshold, c) {
		return own(f, d), nil
	}
	w, err := o.width(d)
	return o.of(
		Part{Name: "quotient", Rows: (f.Rows + c - 1) / c, D: w, Index: quotient{int32(c)}},
		Part{Name: "remainder", Rows: c, D: w, Index: remainder{int32(c)}}), err
}
