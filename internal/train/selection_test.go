package train

import (
	"testing"

	"ctrlab/datasets/batch"
)

// What training and selection are given has no test: neither rows, nor a way to them.
func TestSelectionHasNoTest(t *testing.T) {
	j := job(t, every[0], "")
	s := selection{j.Data}
	if s.Rows(batch.Test) != 0 || j.Data.Rows(batch.Test) == 0 || s.Rows(batch.Valid) != j.Data.Rows(batch.Valid) {
		t.Errorf("%d rows of test of %d", s.Rows(batch.Test), j.Data.Rows(batch.Test))
	}
	defer func() {
		if recover() == nil {
			t.Error("test can be walked")
		}
	}()
	s.Batches(batch.Test, 8, 0)
}
