package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctrlab/internal/store"
)

// forty are 40 variants by 10 seeds, each with a curve of 1,000 points.
func forty() *store.Report {
	o := many(40)
	o.seeds = 10
	r := o.report()
	for i := range r.Series {
		x := &r.Series[i]
		end, noise := x.Value[len(x.Value)-1], rand.New(rand.NewPCG(7, uint64(i)))
		*x = store.Series{Trial: x.Trial, Name: x.Name}
		for k := 1; k <= 1000; k++ {
			x.Step, x.Examples, x.Seconds = append(x.Step, k), append(x.Examples, int64(160*k)), append(x.Seconds, float64(k)/500)
			x.Value = append(x.Value, end-0.2/float64(1+k/20)+0.002*noise.NormFloat64())
		}
	}
	return r
}

func TestPageOfFortyIsSmall(t *testing.T) {
	page, err := Page(forty())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(page); n > 3e6 {
		t.Errorf("the page has %d bytes, want 3 MB at most", n)
	}
	if *out != "" {
		dir := filepath.Join(*out, "forty")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "index.html"), page, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// checkStructure wants a section behind every link of the contents, no id twice, and one main part to swap.
func checkStructure(t *testing.T, page []byte) {
	t.Helper()
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllSubmatch(page, -1) {
		ids[string(m[1])]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%d elements are called %s", n, id)
		}
	}
	for _, m := range regexp.MustCompile(`<li><a href="#([^"]+)"`).FindAllSubmatch(page, -1) {
		if ids[string(m[1])] == 0 {
			t.Errorf("nothing is called %s", m[1])
		}
	}
	if n := bytes.Count(page, []byte(`<main id="report">`)); n != 1 || bytes.Count(page, []byte("<h1>")) != 1 {
		t.Errorf("%d main parts", n)
	}
}

// What a database may hold of others' words ends no script, attribute or element.
func TestPageOfHostileWords(t *testing.T) {
	const hostile = `</script><script>alert(1)</script>"' onload="x" <img src=x onerror=y>` + "\u202e"
	r := quickstart().report()
	r.Experiment.Name, r.Experiment.Question, r.Experiment.File = hostile, hostile, "</pre>"+hostile
	r.Experiment.Overrides = []string{hostile}
	for i := range r.Trials {
		r.Trials[i].Label += hostile
	}
	fail(&r.Trials[0], hostile)
	r.Trials[0].Log = hostile
	r.Environments[0].CPU, r.Environments[0].Version = hostile, hostile
	page, err := Page(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"<script>alert", "<img", `onload="x"`, "</pre></script>", "\u202e"} {
		if bytes.Contains(page, []byte(s)) {
			t.Errorf("the page has %s in it", s)
		}
	}
	scripts := regexp.MustCompile(`<script[ >]`).FindAll(page, -1)
	if ends := bytes.Count(page, []byte("</script>")); ends != len(scripts) {
		t.Errorf("%d scripts have %d ends", len(scripts), ends)
	}
	checkSVG(t, page)
}

// A failed trial stands with the last lines of its log.
func TestPageOfFailures(t *testing.T) {
	page, err := Page(failures())
	if err != nil {
		t.Fatal(err)
	}
	_, failed, _ := strings.Cut(string(page), `<section id="failed">`)
	failed, _, _ = strings.Cut(failed, "</section>")
	for _, s := range []string{"FM seed 2, FM seed 3", "embedding.f3 is the first parameter at fault", "step 31  loss NaN"} {
		if !strings.Contains(failed, s) {
			t.Errorf("%q is not in %s", s, failed)
		}
	}
}

func TestCommandIsQuoted(t *testing.T) {
	s := &summary{Report: &store.Report{Experiment: store.Experiment{Name: "a b", Overrides: []string{"seeds=2", "model.top=[8, 8]", "x='"}}}}
	const want = `ctrlab run 'a b.toml' --set seeds=2 --set 'model.top=[8, 8]' --set 'x='\'''`
	if got, file := s.command(); got != want || file != "a b.toml" {
		t.Errorf("%s, %s", got, file)
	}
}

func TestRanksAreRanges(t *testing.T) {
	s := summarize(quickstart().report())
	if got := fmt.Sprint(s.ranks(s.groups[0])["LR"].Text, " ", s.ranks(s.groups[0])["DeepFM"].Text); got != "8 1–7" {
		t.Errorf("LR and DeepFM are %s, want 8 1–7: LR alone is told from all others", got)
	}
	if summarize(oneSeed()).ranks(summarize(oneSeed()).groups[0]) != nil {
		t.Error("one seed gives ranks")
	}
}
