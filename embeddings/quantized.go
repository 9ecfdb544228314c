package embeddings

import (
	"fmt"

	"ctrlab/datasets/batch"
)

// QuantizedOptions are the options of quantized.
type QuantizedOptions struct {
	Bits int `json:"bits"` // of a number, 8 or 4; a row has two of 32 besides
}

// Check wants 8 or 4 bits.
func (o QuantizedOptions) Check() error {
	if o.Bits != 8 && o.Bits != 4 {
		return fmt.Errorf("bits is %d, want 8 or 4", o.Bits)
	}
	return nil
}

// quantized trains as full does; valid and test see the codes.
func quantized(o QuantizedOptions, fields []batch.Field, i, d int) (Layout, error) {
	l := own(fields[i], d)
	l.Parts[0].Bits = o.Bits
	return l, nil
}
