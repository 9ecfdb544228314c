package metric

import (
	"math"
	"math/rand/v2"
	"testing"
)

func spread(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// Origin: Hanley and McNeil's ratings of 109 images (Radiology 143, 1982, table I), of which Stata's manual prints with [R] roctab DeLong's interval of the area:
// 0.8932, from 0.83295 to 0.95339.
func TestInfluenceOfAUC(t *testing.T) {
	var e Eval
	for rating, count := range [][2]int{{33, 3}, {6, 2}, {6, 2}, {11, 11}, {2, 33}} {
		for label, n := range count {
			for range n {
				e.Score, e.Label = append(e.Score, float32(rating+1)), append(e.Label, float32(label))
			}
		}
	}
	e.Binary = true
	auc, x := Influence("auc", e)
	if half := 1.959963984540054 * spread(x); math.Abs(auc-half-0.83295) > 5e-6 || math.Abs(auc+half-0.95339) > 5e-6 {
		t.Errorf("from %.5f to %.5f", auc-half, auc+half)
	}
}

// Origin: numpy 2's covariance of the structural components, as DeLong et al. write it; B ties with itself.
func TestInfluenceOfDifference(t *testing.T) {
	label := []float32{1, 1, 1, 0, 0, 0, 0, 1, 0, 1}
	_, a := Influence("auc", Eval{Score: []float32{.9, .8, .3, .2, .4, .1, .35, .7, .5, .6}, Label: label, Binary: true})
	_, b := Influence("auc", Eval{Score: []float32{.8, .5, .6, .3, .4, .5, .2, .6, .7, .45}, Label: label, Binary: true})
	for i := range a {
		a[i] -= b[i]
	}
	if got := spread(a); math.Abs(got-0.20976176963403032) > 1e-12 {
		t.Errorf("standard error %v", got)
	}
}

// The value is Evaluate's, the influences sum to 0, and each is near what the metric loses when its row is left out (of which the jackknife is made).
func TestInfluences(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const n = 400
	classes, ratings, lists := Eval{Binary: true}, Eval{Rating: &[2]float64{-1, 1}}, Eval{}
	for i := range n {
		z := float32(random.NormFloat64())
		classes.Score, classes.Label = append(classes.Score, z), append(classes.Label, float32(indicator(random.NormFloat64() < float64(z))))
		ratings.Score, ratings.Label = append(ratings.Score, z), append(ratings.Label, z+float32(random.NormFloat64()))
		lists.Score, lists.Label = append(lists.Score, z), append(lists.Label, float32(indicator(i%20 == 0)))
	}
	var l Lists
	if err := l.Add(lists.Score, lists.Label); err != nil {
		t.Fatal(err)
	}
	ranked, _ := l.Metrics()
	for _, c := range []struct {
		name string
		e    Eval
		n    int // that are drawn
	}{{"auc", classes, n}, {"logloss", classes, n}, {"rmse", ratings, n}, {"mae", ratings, n}, {"hr@10", lists, n / 20}, {"ndcg@10", lists, n / 20}} {
		value, x := Influence(c.name, c.e)
		want := ranked[c.name]
		if c.n == n {
			all, err := Evaluate(c.e)
			if err != nil {
				t.Fatal(err)
			}
			want = all[c.name]
		}
		if math.Abs(value-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", c.name, value, want)
		}
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		if math.Abs(sum) > 1e-12 {
			t.Errorf("%s: influences sum to %v", c.name, sum)
		}
		for i := 0; i < n; i += n / c.n {
			less := c.e
			less.Score, less.Label = without(c.e.Score, i, n/c.n), without(c.e.Label, i, n/c.n)
			if other, _ := Influence(c.name, less); math.Abs(value-other-x[i]) > 0.06*math.Abs(x[i])+0.002*spread(x) {
				t.Fatalf("%s: row %d adds %v, and %v is lost without it", c.name, i, x[i], value-other)
			}
		}
	}
	if _, x := Influence("pr_auc", classes); x != nil {
		t.Error("pr_auc has influences")
	}
	classes.Label = make([]float32, n)
	if _, x := Influence("auc", classes); x != nil {
		t.Error("AUC of one class has influences")
	}
}

func without(x []float32, from, n int) []float32 {
	return append(append([]float32{}, x[:from]...), x[from+n:]...)
}

func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}
