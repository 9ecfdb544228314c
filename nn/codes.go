package nn

import "ctrlab/internal/vec"

// Codes are a table's rows in few bits a number: x ≈ bias + scale·code, bias the row's least number and scale 1/(2^Bits − 1) of
// its range. Guan et al. 2019, "Post-training 4-bit quantization on embedding tables", §2: asymmetric, row-wise.
type Codes struct {
	Bits int // 8 or 4
	data []byte
}

// Encode takes the table's values as they are.
func (t *Table) Encode() {
	c := t.Codes
	if len(c.data) != int(t.Bytes()) {
		c.data = make([]byte, t.Bytes())
	}
	vec.Encode(c.data, t.Value, t.D, c.Bits)
}

// Look is Gather of what predictions read.
func (t *Table) Look(y Mat, ids, offsets []int32, mean, add bool) {
	if t.Codes == nil {
		t.Gather(y, ids, offsets, mean, add)
		return
	}
	if add {
		panic("nn: rows in codes are not added")
	}
	vec.GatherCodes(y.Data, y.Stride, t.Codes.data, t.D, t.Codes.Bits, ids, offsets, mean)
}
