package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// scored is an experiment with AUCs by label and seed.
func scored(reference string, auc map[string][]float64) *store.Report {
	r := &store.Report{Experiment: store.Experiment{Name: "paper", Reference: reference}, Datasets: []store.Dataset{{ID: "d"}}}
	for _, label := range []string{"FM", "LR"} {
		for i, x := range auc[label] {
			r.Trials = append(r.Trials, store.Trial{ID: label + string(rune('1'+i)), Label: label, Variant: label, Seed: uint64(i + 1), Dataset: "d", State: "done",
				Config: `{"train":{}}`, Results: map[string]float64{"test.auc": x, "params": 10, "train.seconds": float64(i)}})
		}
	}
	return r
}

// By hand: of the AUCs 0.80, 0.81 and 0.82 the interval's half is 4.303·0.01/√3 = 0.0248, of differences that are all 0.1 it is 0.
func TestClaims(t *testing.T) {
	auc := map[string][]float64{"FM": {0.80, 0.81, 0.82}, "LR": {0.70, 0.71, 0.72}}
	for _, c := range []struct{ reference, want, said string }{
		{`{"metric":"test.auc","figures":{"FM":0.81},"tolerance":0.03}`, "reproduced", "0.8100  0.8100  0.0000 ± 0.0248"},
		{`{"metric":"test.auc","figures":{"FM":0.70},"tolerance":0.03}`, "better", "+0.1100 ± 0.0248"},
		{`{"metric":"test.auc","figures":{"FM":0.90},"tolerance":0.03}`, "not reproduced", "−0.0900 ± 0.0248"},
		{`{"metric":"test.auc","figures":{"FM":0.82},"tolerance":0.03}`, "cannot tell; 5 seeds would", "−0.0100 ± 0.0248"},
		{`{"metric":"test.auc","figures":{"FM":0.81,"LR":0.9},"tolerance":0.03}`, "not reproduced: 1 of 2 hold", "LR"},
		{`{"metric":"test.auc","above":[["FM","LR"]]}`, "reproduced", "FM over LR  0.8100     0.7100  +0.1000 ± 0.0000"},
		{`{"metric":"test.auc","above":[["LR","FM"]]}`, "not reproduced", "LR over FM"},
		{`{"metric":"test.auc","figures":{"NFM":0.81}}`, "not run", "NFM"},
		{`{"metric":"test.auc","data":"other","figures":{"FM":0.81}}`, "not run", "FM"},
		{`{"metric":"params","figures":{"FM":10}}`, "reproduced", "FM            10      10           0"},
	} {
		r := scored("["+c.reference+"]", auc)
		claims := Claims(r)
		if len(claims) != 1 || claims[0].Said() != c.want {
			t.Errorf("%s: %+v, want %s", c.reference, claims, c.want)
			continue
		}
		var out strings.Builder
		if err := (Text{}).WriteClaims(&out, claims); err != nil || !strings.Contains(out.String(), c.said) || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v, %s\nwithout %q:\n%s", err, c.reference, c.said, out.String())
		}
	}
	if claims := Claims(scored("", auc)); claims != nil {
		t.Errorf("claims of no reference: %v", claims)
	}
}

// The page has claims too, in the words of the terminal.
func TestClaimsOnThePage(t *testing.T) {
	r := scored(`[{"claim":"FM is better","source":"s","metric":"test.auc","above":[["FM","LR"]]}]`, map[string][]float64{"FM": {0.8, 0.8}, "LR": {0.7, 0.7}})
	dir := t.TempDir()
	if err := Write(dir, r); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(dir, "index.html"))
	for _, want := range []string{`<a href="#published">What was published</a>`, "<b>FM is better</b>: reproduced.", "<th scope=\"row\">FM over LR</th><td>0.8000</td><td>0.7000</td>"} {
		if err != nil || !strings.Contains(string(html), want) {
			t.Errorf("%v, without %s", err, want)
		}
	}
}

// Whoever runs it again has the digest, however long it took.
func TestDigest(t *testing.T) {
	auc := map[string][]float64{"FM": {0.80, 0.81}}
	a, b, c := scored("", auc), scored("", auc), scored("", map[string][]float64{"FM": {0.80, 0.811}})
	b.Trials[0].Results["train.seconds"] = 9
	if Digest(a) != Digest(b) || Digest(a) == Digest(c) {
		t.Error("the digest is of time, or not of results")
	}
}

func TestReproductions(t *testing.T) {
	r := scored(`[{"claim":"a|b","source":"s","metric":"test.auc","above":[["FM","LR"]]}]`, map[string][]float64{"FM": {0.8, 0.8}, "LR": {0.7, 0.7}})
	var out strings.Builder
	err := WriteReproductions(&out, []Reproduced{{Name: "paper", Question: "Is it?", Claims: Claims(r), Done: 4, Trials: 4, Seeds: 2, Seconds: 12, Digest: Digest(r)},
		{Name: "other", Claims: []Claim{{Verdict: stat.Absent}}}}, "b")
	for _, want := range []string{"| a\\|b | s | **reproduced** | 2 seeds | 12.0 s | `ctrlab reproduce paper` |", "## paper", "Digest of the results: `", "| FM over LR | 0.8000 | 0.7000 | +0.1000 ± 0.0000 | reproduced |", "**not run**"} {
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v, without %q:\n%s", err, want, out.String())
		}
	}
}
