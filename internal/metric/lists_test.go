package metric

import (
	"math"
	"testing"
)

// By hand: a list of a held-out item and its candidates' scores, in this order.
func TestLists(t *testing.T) {
	ninetyNine := make([]float32, 100)
	for _, c := range []struct {
		name           string
		lists          [][]float32
		hr, ndcg, gauc float64
	}{
		{"first", [][]float32{{3, 1, 2}}, 1, 1, 1},
		{"third of three", [][]float32{{0, 1, 2}}, 1, 0.5, 0},
		{"tied with one: place ½", [][]float32{{1, 1, 0}}, 1, 1 / math.Log2(2.5), 0.75},
		{"tied at the edge: place 9½", [][]float32{{1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0}}, 1, 1 / math.Log2(11.5), 1 - 9.5/11},
		{"eleventh", [][]float32{{1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}}, 0, 0, 0},
		{"all alike hits nothing", [][]float32{ninetyNine}, 0, 0, 0.5},
		{"two lists, AUC weighted by rows", [][]float32{{3, 1, 2, 2}, {0, 1}}, 1, (1 + 1/math.Log2(3)) / 2, 4.0 / 6},
		{"no candidates: nothing to be behind", [][]float32{{0}}, 1, 1, nan},
	} {
		var score, label []float32
		for _, list := range c.lists {
			score = append(score, list...)
			label = append(append(label, 1), make([]float32, len(list)-1)...)
		}
		for _, batch := range []int{1, 3, len(score)} {
			var l Lists
			for from := 0; from < len(score); from += batch {
				to := min(from+batch, len(score))
				if err := l.Add(score[from:to], label[from:to]); err != nil {
					t.Fatal(err)
				}
			}
			m, err := l.Metrics()
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]float64{"hr@10": c.hr, "ndcg@10": c.ndcg, "gauc": c.gauc} {
				near(t, c.name+": "+name, m[name], want)
			}
		}
	}
}

// The AUC within lists is that within groups.
func TestListsAreGroups(t *testing.T) {
	e := Eval{Binary: true}
	var l Lists
	rows := thousand()
	for list := range 40 { // of 25 rows, with 109 scores in all: some tie
		score := rows.Score[25*list:][:25]
		label := append([]float32{1}, make([]float32, 24)...)
		if err := l.Add(score, label); err != nil {
			t.Fatal(err)
		}
		e.Score, e.Label = append(e.Score, score...), append(e.Label, label...)
		for range score {
			e.Group = append(e.Group, int32(list))
		}
	}
	m, err := l.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "gauc", m["gauc"], evaluate(t, e)["gauc"])
}

func TestListsRefuse(t *testing.T) {
	for _, c := range []struct {
		score, label []float32
		want         string
	}{
		{[]float32{1, float32(math.NaN())}, []float32{1, 0}, "score of row 1 is NaN, want a finite number"},
		{[]float32{1}, []float32{0}, "row 0 has the label 0, want the item held out first"},
		{[]float32{1, 1}, []float32{1, 3}, "label of row 1 is 3, want 0 or 1"},
	} {
		var l Lists
		if err := l.Add(c.score, c.label); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	if _, err := new(Lists).Metrics(); err == nil {
		t.Error("no rows have metrics")
	}
}
