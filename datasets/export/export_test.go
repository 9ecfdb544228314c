package export

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"ctrlab/datasets/batch"
)

// two has two rows in train and in test, and none in valid.
type two struct{}

func (two) Schema() batch.Schema {
	return batch.Schema{Dense: []string{"price\n"}, Sparse: []batch.Field{{Name: "user", Rows: 9}, {Name: "tags", Rows: 5, MultiHot: true}}}
}
func (two) Rows(s batch.Split) int { return []int{2, 0, 2}[s] }
func (two) Identity() string       { return "id" }
func (two) Batches(batch.Split, int, uint64) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		yield(&batch.Batch{N: 2, Dense: []float32{0.1, -1e-20}, Label: []float32{1, 0},
			Sparse: []batch.Bags{{IDs: []int32{7, 8}}, {IDs: []int32{4, 1}, Offsets: []int32{0, 2, 2}}}}, nil)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	d, err := Write(t.Context(), dir, two{}, true)
	if err != nil {
		t.Fatal(err)
	}
	digest := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	a, b := digest("1\t0.1\t7\t4 1")[:16], digest("0\t-1e-20\t8\t")[:16]
	for name, want := range map[string]string{
		"train.tsv": "row\tdigest\tlabel\tprice \tuser\ttags\n0\t" + a + "\t1\t0.1\t7\t4 1\n1\t" + b + "\t0\t-1e-20\t8\t\n",
		"test.tsv":  "row\tdigest\tlabel\tprice \tuser\ttags\n0\t" + a + "\t\t0.1\t7\t4 1\n1\t" + b + "\t\t-1e-20\t8\t\n",
	} {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
	if len(d.Splits) != 2 || d.Splits["test"] != (Split{"test.tsv", 2, digest(a + b)}) || d.Splits["train"].Digest != d.Splits["test"].Digest {
		t.Errorf("%+v", d)
	}
}
