package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/models"
)

// A margin has no log loss, is selected by AUC, and finds what is planted.
func TestHinge(t *testing.T) {
	j := job(t, "name = \"svm\"", "loss = \"hinge\"\nepochs = 5\nbatch_size = 50")
	m, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Metrics["test.logloss"]; ok || j.Options.Select != "auc" || m.Metrics["test.auc"] < 0.8 {
		t.Errorf("selected by %s it has %v", j.Options.Select, m)
	}
}

// By hand: with x = 2, a = 1 and tags {0, 3} of mean the numbers are 0; 2; 4 and 7, values 2; 1; ½ and ½. Pairs 0–2, 0–4, 0–7, 2–4, 2–7
// hash to 5, 14, 35, 25, 52, modulo 10 to 5, 4, 5, 5, 2, with products 2, 1, 1, ½, ½. A step of (z − 1)² from z = 0 at η = ½ adds them.
func TestPoly2Step(t *testing.T) {
	s := batch.Schema{Dense: []string{"x"}, Sparse: []batch.Field{{Name: "a", Rows: 3}, {Name: "tags", Rows: 4, MultiHot: true, Pool: batch.Mean}}}
	c := models.Config{Name: "poly2", Options: models.Poly2Options{HashRows: 10}}
	spec, err := c.Spec(s)
	if err != nil {
		t.Fatal(err)
	}
	o := Defaults()
	if err := decodeOptions("loss = \"mse\"\noptimizer = \"sgd\"\nlearning_rate = 0.5\nbatch_size = 1", &o); err != nil {
		t.Fatal(err)
	}
	m := models.New(spec, 1, 1, 1, 1)
	tr := NewTrainer(m, o, 1, 1)
	defer tr.Close()
	b := &batch.Batch{N: 1, Dense: []float32{2}, Label: []float32{1}, Sparse: []batch.Bags{{IDs: []int32{1}}, {IDs: []int32{0, 3}, Offsets: []int32{0, 2}}}}
	if _, err := tr.Step(b); err != nil {
		t.Fatal(err)
	}
	tables := m.Tables()
	w := tables[len(tables)-1]
	if want := []float32{0, 0, 0.5, 0, 1, 3.5, 0, 0, 0, 0}; w.Name != "products.weight" || !slices.Equal(w.Value, want) {
		t.Errorf("%s is %v, want %v", w.Name, w.Value, want)
	}
	// The linear term has the bias 1, 2 of x, 1 of a and ½ of each tag, halved by the mean: 1 + 4 + 1 + ½; pairs 3½² + 1 + ½².
	z := make([]float32, 1)
	if tr.Predict(z, b); z[0] != 6.5+3.5*3.5+1+0.25 {
		t.Errorf("then z is %v, want 20", z[0])
	}
}

// The gradients of pairs, with bags, dense features and collisions, against finite differences of the loss.
func TestPoly2Gradients(t *testing.T) {
	j := job(t, "name = \"poly2\"\nhash_rows = 53", "optimizer = \"sgd\"\nlearning_rate = 1e-30\nbatch_size = 64\nlanes = 3\nshard_rows = 10")
	m := models.New(j.Spec, 64, 10, 3, 1)
	tr := NewTrainer(m, j.Options, 1, 2)
	defer tr.Close()
	loss := func() float64 {
		for b := range j.Data.Batches(batch.Train, 64, 1) {
			v, err := tr.Step(b)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		panic("no batch")
	}
	tables := m.Tables()
	w := tables[len(tables)-1].Value
	for i := range w {
		w[i] = float32(i%7-3) / 10
	}
	loss()
	for i, g := range tr.Gradients()["products.weight"] {
		was := w[i]
		const h = 1.0 / 64
		w[i] = was + h
		up := loss()
		w[i] = was - h
		down := loss()
		if w[i] = was; math.Abs(float64(g)-(up-down)/(2*h)) > 1e-4 {
			t.Errorf("gradient of weight %d is %v, finite differences say %v", i, g, (up-down)/(2*h))
		}
	}
}

// Two examples of one feature by FTRL-proximal, by hand from McMahan et al. 2013, algorithm 1: α = ½, β = 1, λ₁ = ¼, λ₂ = 1, w = 0.
// p = ½ and y = 1 make g = −½: σ = ½/½ = 1, z = −½ − 1·0, n = ¼, w = (½ − ¼)/((1 + ½)/½ + 1) = 1/16, and the bias likewise.
// Then z = ⅛ and y = 0 make g = p = σ(⅛): z ← −½ + g − (√(¼ + g²) − ½)/½ · 1/16.
func TestFTRLRegression(t *testing.T) {
	s := batch.Schema{Sparse: []batch.Field{{Name: "a", Rows: 2}}}
	spec, err := models.Config{Name: "lr", Options: struct{}{}}.Spec(s)
	if err != nil {
		t.Fatal(err)
	}
	o := Defaults()
	if err := decodeOptions("optimizer = \"ftrl\"\nlearning_rate = 0.5\nftrl_l1 = 0.25\nftrl_l2 = 1\nbatch_size = 1", &o); err != nil {
		t.Fatal(err)
	}
	m := models.New(spec, 1, 1, 1, 1)
	tr := NewTrainer(m, o, 1, 1)
	defer tr.Close()
	g := 1 / (1 + math.Exp(-0.125))
	root := math.Sqrt(0.25 + g*g)
	z := -0.5 + g - (root-0.5)/0.5/16
	second := -max(math.Abs(z)-0.25, 0) * math.Copysign(1, z) / ((1+root)/0.5 + 1)
	for i, want := range []float64{1.0 / 16, second} {
		b := &batch.Batch{N: 1, Label: []float32{float32(1 - i)}, Sparse: []batch.Bags{{IDs: []int32{1}}}}
		if _, err := tr.Step(b); err != nil {
			t.Fatal(err)
		}
		w, bias := m.Tables()[0].Value, m.Params()[0].Value[0]
		if math.Abs(float64(w[1])-want) > 1e-7 || math.Abs(float64(bias)-want) > 1e-7 || w[0] != 0 {
			t.Errorf("after step %d weights are %v and bias %v, want 0, and %v for both", i+1, w, bias, want)
		}
	}
}
