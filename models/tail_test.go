package models

import (
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// logits are those of two rows that differ in dense features alone, before any training: weights of the linear term are 0.
func logits(t *testing.T, text string) []float32 {
	t.Helper()
	c, err := decode(t, text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Spec(ctr)
	if err != nil {
		t.Fatal(err)
	}
	b := &batch.Batch{N: 2, Dense: []float32{1, 2, -1, 4, 0, 7}, Sparse: make([]batch.Bags, len(ctr.Sparse))}
	for f := range b.Sparse {
		b.Sparse[f].IDs = []int32{int32(f), int32(f)}
	}
	return slices.Clone(New(s, 2, 2, 1, 1).Lanes[0].Forward(&nn.Step{}, b, 0, 2))
}

// With dense = "deep" operators on fields see the categorical ones alone; what takes any row, or a perceptron over the operators, sees
// raw values too, as with concat.
func TestDenseDeep(t *testing.T) {
	for text, sees := range map[string]bool{
		`name = "fm"`: false, `name = "ffm"`: false, `name = "hofm"`: false, `name = "autoint"`: false,
		`name = "deepfm"`: true, `name = "nfm"`: true, `name = "ipnn"`: true, `name = "dcnv2"`: true,
	} {
		if z := logits(t, text+"\ndense = \"deep\""); (z[0] != z[1]) != sees {
			t.Errorf("%s has logits %v of rows that differ in dense features; that it sees them is to be %v", text, z, sees)
		}
	}
	const cross = "name = \"dcnv2\"\ndense = "
	if deep, concat := logits(t, cross+`"deep"`), logits(t, cross+`"concat"`); !slices.Equal(deep, concat) || deep[0] == 0 {
		t.Errorf("on what takes any row deep gives %v, concat %v", deep, concat)
	}
}

// Instance-wise normalisation divides every product of two vectors by Σ x²: of the row (1, 2, −1) with four categories 1 + 4 + 1 + 4.
func TestInstanceNormalised(t *testing.T) {
	const ffm = "name = \"ffm\"\ninit = { embedding = { kind = \"uniform\", scale = 1 } }\nnormalized = "
	plain, got := logits(t, ffm+"false"), logits(t, ffm+"true")
	for n, square := range []float32{1 + 4 + 1 + 4, 16 + 0 + 49 + 4} {
		if want := plain[n] / square; math.Abs(float64(got[n]-want)) > 1e-5*math.Abs(float64(want)) {
			t.Errorf("row %d has the logit %g, want %g / %g", n, got[n], plain[n], square)
		}
	}
}
