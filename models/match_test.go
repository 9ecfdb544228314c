package models

import (
	"fmt"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// ten is ten one-hot fields.
var ten = func() (s batch.Schema) {
	for f := range 10 {
		s.Sparse = append(s.Sparse, batch.Field{Name: fmt.Sprint("f", f), Rows: 100})
	}
	return s
}()

// Ten fields of four numbers are an input of 40.
func TestFit(t *testing.T) {
	for _, c := range []struct {
		model, of string
		budget    float64
		want      string
		has       float64
	}{
		// 40·142 + 142 + 142·71 + 71 + 71 + 1 = 16,047; with 143 and 72 it were 16,304.
		{`name = "dnn"`, "params", 16_100, "top=[142,71]", 16_047},
		{`name = "dnn"`, "params", 16_200, "top=[143,72]", 16_304},
		// The sizes of the file are kept where they meet the budget: 40·64 + 64 + 64·32 + 32 + 32 + 1.
		{`name = "dnn"`, "params", 4_737, "top=[64,32]", 4_737},
		// 40·2 + 2 + 2·2 + 2 + 2 + 1: two is the least.
		{`name = "dnn"`, "params", 1, "top=[2,2]", 91},
		{"name = \"dnn\"\ntop = [1]", "params", 1, "top=[1]", 43},
		// 2·(40·h + h) + … : twice the multiplications, an addition for each bias.
		{"name = \"dnn\"\ntop = [10]", "flops", 2_000, "top=[24]", 2*40*24 + 24 + 2*24 + 1},
		// 45 pairs and no perceptron.
		{`name = "fwfm"`, "params", 1000, "", 45 + 1},
		// Four matrices of 2·16 rows for 4 numbers, then twice four of 2·16·a for 32·…: the width of a head.
		{`name = "autoint"`, "params", 2_000, "attention_dim=7", 4*14*4 + 2*4*14*14 + 10*14 + 1},
		// Without a top the rank of the experts is what can change: (2·40·r + r²)·4·3 + 40·3 + 4·40, and the head.
		{"name = \"dcn_mix\"\ntop = []", "params", 10_000, "rank=9", 12*(80*9+81) + 120 + 160 + 41},
		// Two parts of each stream's end are fused: with 30 and 15 it could not be.
		{"name = \"finalmlp\"\nheads = 2\ngated = false\ngate = []", "params", 3_600, "mlp1=[31,16] mlp2=[31,16]", 2*(40*31+31+31*16+16) + 1 + 2*16 + 2*8*8},
		// Halves side by side are of even sizes.
		{"name = \"finalnet\"\nlayers = [8]\nresidual = \"concat\"", "params", 1_000, "layers=[24]", 40*24 + 24 + 24 + 1},
		{"name = \"custom\"\n[[branch]]\ninteractions = [\"concat\"]\ntop = [8]\n[[branch]]\ninteractions = [\"fm\"]", "params", 1_000, "branch[0].top=[24]", 40*24 + 24 + 24 + 1 + 1},
	} {
		config, err := decode(t, strings.Replace(c.model, "\n", "\nembedding_dim = 4\n", 1))
		if !strings.Contains(c.model, "\n") {
			config, err = decode(t, c.model+"\nembedding_dim = 4")
		}
		if err != nil {
			t.Fatal(err)
		}
		before := fmt.Sprint(config.Widths())
		of, _ := FindBudget(c.of)
		got, err := config.Fit(ten, of, c.budget)
		if err != nil {
			t.Fatal(err)
		}
		s, err := got.Spec(ten)
		if err != nil {
			t.Fatal(err)
		}
		var widths []string
		for _, w := range got.Widths() {
			widths = append(widths, w.String())
		}
		if is := strings.Join(widths, " "); is != c.want || of.Of(s.Cost()) != c.has {
			t.Errorf("%s, %g %s: %s with %g, want %s with %g", c.model, c.budget, c.of, is, of.Of(s.Cost()), c.want, c.has)
		}
		if after := fmt.Sprint(config.Widths()); after != before {
			t.Errorf("%s: the original changed from %s to %s", c.model, before, after)
		}
	}
}

// A larger budget never makes a model smaller, and every size that a model has is found among its keys.
func TestFitGrows(t *testing.T) {
	for _, p := range Presets {
		c := Config{Name: p.Name, Options: p.Options}
		if c.Widths() == nil {
			continue
		}
		for _, of := range Budgets {
			last := 0.0
			for _, budget := range []float64{100, 3000, 30_000, 300_000} {
				got, err := c.Fit(ten, of, budget)
				if err != nil {
					t.Fatal(err)
				}
				s, err := got.Spec(ten)
				if err != nil {
					t.Fatal(err)
				}
				if has := of.Of(s.Cost()); has < last {
					t.Errorf("%s with %g %s has %g, and less before %g", p.Name, budget, of.Name, has, last)
				} else {
					last = has
				}
			}
			// A step of the widest size is the most that the nearest can be off by.
			if last < 0.9*300_000 || last > 1.1*300_000 {
				t.Errorf("%s comes to %g %s of 300000", p.Name, last, of.Name)
			}
		}
	}
}
