package embeddings

import (
	"fmt"

	"ctrlab/datasets/batch"
)

// HashedOptions are the options of hashed.
type HashedOptions struct {
	Rows int    `json:"rows"` // of a table at most; fields with no more ids have a row for each
	Hash string `json:"hash"` // modulo, or mix, which knows no order of ids
}

// Check wants rows and a known hash.
func (o HashedOptions) Check() error {
	if o.Hash != "modulo" && o.Hash != "mix" {
		return fmt.Errorf("hash is %q, want modulo or mix", o.Hash)
	}
	return within("rows", o.Rows, 1, most)
}

func hashed(o HashedOptions, fields []batch.Field, i, d int) (Layout, error) {
	f := fields[i]
	if f.Rows <= o.Rows {
		return own(f, d), nil
	}
	var index Index = remainder{int32(o.Rows)}
	if o.Hash == "mix" {
		index = newMixer(o.Rows, "hashed")
	}
	return Layout{Parts: []Part{{Rows: o.Rows, D: d, Index: index}}}, nil
}
