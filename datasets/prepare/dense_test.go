package prepare

import (
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
	"ctrlab/datasets/raw"
)

var nan = float32(math.NaN())

// From the code of BARS (reczoo/Datasets, Criteo_x4): int(floor(log(x) ** 2)) if x > 2 else int(x), computed by Python.
func TestBucketsAreThoseOfBARS(t *testing.T) {
	for x, want := range map[float32]string{
		-3: "-3", -1.5: "-1", 0: "0", 1: "1", 1.9: "1", 2: "2", 3: "1", 4: "1", 5: "2", 6: "3", 10: "5", 100: "21",
		1000: "47", 1e6: "190", 23159456: "287", 16777216: "276",
	} {
		if got := bucketName(bucket(x)); got != want {
			t.Errorf("bucket of %g is %s, want %s", x, got, want)
		}
	}
	for _, x := range []float32{nan, float32(math.Inf(-1)), -math.MaxFloat32} {
		if bucket(x) == raw.Missing {
			t.Errorf("the key of %g is that of a missing value", x)
		}
	}
	if bucket(nan) != bucket(0) {
		t.Error("a missing value is not 0")
	}
}

func TestDenseSteps(t *testing.T) {
	for _, c := range []struct {
		note    DenseNote
		x, want []float32
	}{
		{DenseNote{Step: DenseStep{Kind: None}}, []float32{nan, -2, 3}, []float32{0, -2, 3}},
		{DenseNote{Step: DenseStep{Kind: Log1p}}, []float32{nan, -2, 0, 1, math.E - 1}, []float32{0, 0, 0, math.Ln2, 1}},
		{DenseNote{Step: DenseStep{Kind: Standard}, Mean: 2, SD: 4}, []float32{nan, -2, 2, 8}, []float32{0, -1, 0, 1.5}},
	} {
		if c.note.apply(c.x); !slices.Equal(c.x, c.want) {
			t.Errorf("%s gives %v, want %v", c.note.Step.Kind, c.x, c.want)
		}
	}
}

// 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and standard deviation 2.
func TestMoments(t *testing.T) {
	for _, c := range []struct {
		x        []float32
		mean, sd float64
	}{
		{[]float32{2, 4, 4, 4, 5, 5, 7, 9}, 5, 2},
		{[]float32{3, 3}, 3, 1},
		{nil, 0, 1},
	} {
		if mean, sd, err := moments(valuesOf(c.x)); mean != c.mean || sd != c.sd || err != nil {
			t.Errorf("mean and standard deviation of %v are %g and %g, want %g and %g", c.x, mean, sd, c.mean, c.sd)
		}
	}
	if _, _, err := moments(valuesOf([]float32{1, float32(math.Inf(1))})); err == nil {
		t.Error("an infinite value is no error")
	}
}

func valuesOf(x []float32) values {
	return func(visit func(float32)) error {
		for _, v := range x {
			visit(v)
		}
		return nil
	}
}

// The edges of buckets are those of the sorted numbers, with memory for all histograms or for one.
func TestEdges(t *testing.T) {
	var many []float32
	for i := range 5000 {
		u := order.Mix(uint64(i))
		many = append(many, float32(math.Exp(float64(u%20)-10))*float32(int64(u>>40)-1<<23))
	}
	for _, c := range []struct {
		x       []float32
		buckets int
	}{
		{[]float32{5, 1, 4, 2, 3, 0}, 3},
		{[]float32{0, 0, 0, 0, 0, 1}, 3},
		{[]float32{-1, float32(math.Copysign(0, -1)), 0, 1}, 4},
		{[]float32{7}, 2},
		{many, 2}, {many, 100},
	} {
		sorted := slices.Sorted(slices.Values(c.x))
		var want []float32
		for j := 1; j < c.buckets; j++ {
			want = append(want, sorted[j*len(sorted)/c.buckets])
		}
		want = slices.Compact(want)
		for _, memory := range []int64{0, 1 << 30} {
			got, err := edges(valuesOf(c.x), c.buckets, memory)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%d edges of %d numbers with %d bytes: %v, want %v (%v)", c.buckets-1, len(c.x), memory, got, want, err)
			}
		}
	}
}

func TestQuantile(t *testing.T) {
	n := DenseNote{Edges: []float32{1, 5}}
	for x, want := range map[float32]int32{0: 1, 0.5: 1, 1: 2, 4: 2, 5: 3, 9: 3} {
		if got := n.quantile(x); got != want {
			t.Errorf("bucket of %g is %d, want %d", x, got, want)
		}
	}
	if n.quantile(nan) != 0 {
		t.Error("a missing value has a bucket")
	}
}

// Steps are fitted on training rows, and buckets are fields before those of the files.
func TestDenseStepsAreFitted(t *testing.T) {
	j := job(t, t.TempDir(), 12000)
	j.Dense = []DenseStep{{Kind: Standard}, {Kind: Quantiles, Buckets: 4}}
	file, p := build(t, j), newPlain(t, j)
	var train, buckets []float32
	p.each(func(s batch.Split, r *raw.Rows, n int) {
		if x := r.Dense[0][n]; s == batch.Train && x == x {
			train = append(train, x)
		}
		if x := r.Dense[1][n]; s == batch.Train && x == x {
			buckets = append(buckets, x)
		}
	})
	mean, sd, _ := moments(valuesOf(train))
	slices.Sort(buckets)
	notes, _ := NotesOf(file.Meta())
	if n := notes.Dense[0]; n.Mean != mean || n.SD != sd {
		t.Errorf("mean and standard deviation are %g and %g, want %g and %g", n.Mean, n.SD, mean, sd)
	}
	if n, want := notes.Dense[0].Missing[batch.Train], file.Rows(batch.Train)-len(train); n != int64(want) {
		t.Errorf("%d values are missing, want %d", n, want)
	}
	edges := notes.Dense[1].Edges
	if len(edges) != 3 || edges[1] != buckets[len(buckets)/2] {
		t.Errorf("edges are %v, want three, the second %g", edges, buckets[len(buckets)/2])
	}
	if s := file.Schema(); !slices.Equal(s.Dense, []string{"I1"}) || s.Sparse[0].Name != "I2" || s.Sparse[0].Rows != 5 || s.Sparse[1].Name != "hex" {
		t.Errorf("the schema is %+v, want I1 dense, and I2 with 5 rows before hex", s)
	}
	if name, _ := file.Name(0, 1); name != "[-Inf, "+short(float64(edges[0]))+")" {
		t.Errorf("the first bucket is named %q", name)
	}
}

func TestInfiniteEdges(t *testing.T) {
	inf := float32(math.Inf(1))
	if _, err := edges(valuesOf([]float32{1, inf, inf}), 3, 1<<20); err == nil {
		t.Error("a bucket that begins at infinity is no error")
	}
}
