package runner

import (
	"fmt"
	"testing"
)

// Two pairs of five fields are planted. What models learn of them is stored beside it, and most of the strength is where it belongs.
func TestPairsOfTruth(t *testing.T) {
	s := newStore(t)
	_, err := Run(t.Context(), planOf(t, `
name = "small"
[data]
source = "synthetic"
rows = 40000
fields = 5
rows_per_field = 10
truth = [{ kind = "pairs", fields = [["f0", "f3"], ["f1", "f2"]] }]
[train]
epochs = 5
batch_size = 256
[matrix]
"model.init" = [{ embedding = { kind = "normal", scale = 0.2 } }]
[[model]]
name = "fwfm"
embedding_dim = 4
[[model]]
name = "dnn"
embedding_dim = 4
`), s, Options{Build: "b1"})
	must(t, err)
	trials := report(t, s).Trials
	if n := len(trials[1].Pairs); n != 0 {
		t.Errorf("dnn has %d pairs", n)
	}
	if rho := trials[0].Results["pairs.agreement"]; len(trials[0].Pairs) != 10 || !(rho > 0) {
		t.Fatalf("fwfm has %d pairs, agreement %v", len(trials[0].Pairs), rho)
	}
	least, most := 100.0, 0.0 // of the planted ones, of the others
	for _, p := range trials[0].Pairs {
		at := fmt.Sprint(p.Fields)
		if planted := at == "[f0 f3]" || at == "[f1 f2]"; planted != (p.Planted > 0) {
			t.Errorf("%s is planted with %v", at, p.Planted)
		} else if planted {
			least = min(least, p.Learned)
		} else {
			most = max(most, p.Learned)
		}
	}
	if least < 3*most {
		t.Errorf("the planted pairs are learned with %v at least, the others with up to %v", least, most)
	}
}

// FM's embeddings are the latents of an fm truth, turned: with as many numbers and rows enough it has nearly all of their variance. LR has none.
func TestLatentsOfTruth(t *testing.T) {
	s := newStore(t)
	_, err := Run(t.Context(), planOf(t, `
name = "small"
[data]
source = "synthetic"
rows = 60000
fields = 4
rows_per_field = 8
truth = [{ kind = "fm", dim = 2 }]
[train]
epochs = 8
batch_size = 256
[matrix]
"model.init" = [{ embedding = { kind = "normal", scale = 0.2 } }]
[[model]]
name = "fm"
embedding_dim = 2
[[model]]
name = "lr"
`), s, Options{Build: "b1"})
	must(t, err)
	trials := report(t, s).Trials
	if share := trials[0].Results["latents.recovered"]; share < 0.9 || share > 1 {
		t.Errorf("fm recovers %v", share)
	}
	if share, ok := trials[1].Results["latents.recovered"]; ok {
		t.Errorf("lr recovers %v", share)
	}
}
