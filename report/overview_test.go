package report

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"ctrlab/internal/stat"
)

func TestHeadings(t *testing.T) {
	for _, c := range []struct {
		groups []string
		key    string
		want   []string
	}{
		{[]string{"synthetic truth=linear", "synthetic truth=fm"}, "truth", []string{"linear", "fm"}},
		{[]string{"synthetic rows=10 dim=4", "synthetic rows=10 dim=8"}, "dim", []string{"4", "8"}},
		{[]string{"synthetic rows=10 dim=4", "synthetic rows=20 dim=8"}, "", []string{"rows=10 dim=4", "rows=20 dim=8"}},
		{[]string{"synthetic truth=[{ dim = 4, kind = fm }]", "synthetic truth=fm"}, "truth", []string{"[{ dim = 4, kind = fm }]", "fm"}},
		{[]string{"synthetic rows=10", "synthetic dim=8"}, "", []string{"rows=10", "dim=8"}},
		{[]string{"criteo", "movielens"}, "", []string{"criteo", "movielens"}},
		{[]string{"criteo", "criteo days=2"}, "", []string{"criteo", "days=2"}},
	} {
		s := &summary{}
		for _, name := range c.groups {
			s.groups = append(s.groups, &group{name: name})
		}
		if key, got := s.headings(); key != c.key || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q %q, want %q %q", c.groups, key, got, c.key, c.want)
		}
	}
}

func TestShareTile(t *testing.T) {
	for _, c := range []struct {
		mean, half float64
		want, pm   string
	}{
		{0.982, 0.02, "98 %", ""},
		{-0.002, 0.1, "0 %", ""},
		{0.34, 0.258, "34 %", "±26"},
		{-33768.48, 145000, "< −100 %", "> ±100"},
		{0.5, math.NaN(), "50 %", ""}, // one seed
		{math.NaN(), math.NaN(), "–", ""},
	} {
		if x := shareTile(stat.Interval{Mean: c.mean, Half: c.half}); x.text != c.want || x.half != c.pm {
			t.Errorf("%v ± %v is %q %q, want %q %q", c.mean, c.half, x.text, x.half, c.want, c.pm)
		}
	}
}

// Of the two data sets criteo's truth is not known: there AUC is shown and the rank gives the colour.
func TestOverviewOfTwoKinds(t *testing.T) {
	o := summarize(oneTruth()).overview()
	if len(o.worlds) != 2 || o.worlds[0].share || !o.worlds[1].share {
		t.Fatalf("worlds are %+v", o.worlds)
	}
	for i, want := range []float64{0, 4, 1, 5, 2, 3, 7, 6} { // places from behind by the means that the fixture has
		if got := 7 * o.worlds[0].tiles[i].shade; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s has place %v, want %v", o.labels[i], got, want)
		}
	}
	if x := o.worlds[1].tiles[5]; x.text != missing || !math.IsNaN(x.shade) {
		t.Errorf("DCN, which failed, has %+v", x)
	}
}

// Variants of one mean have one colour: the rank of the first of them.
func TestTies(t *testing.T) {
	r := board()
	for i := range 3 {
		r.Trials[i].Results["test.auc"] = r.Trials[3+i].Results["test.auc"]
	}
	g := summarize(r).groups[0]
	for label, want := range map[string]float64{"wide": 1, "lr": 0.5, "narrow": 0.5} {
		if got := g.tile(label, false).shade; got != want {
			t.Errorf("%s has the shade %v, want %v", label, got, want)
		}
	}
}

func TestCounted(t *testing.T) {
	for _, c := range []struct{ labels, want []string }{
		{[]string{"[]", "[age]", "x [age, job] y"}, []string{"[]", "[age]", "x […2] y"}},
		{[]string{"[a, b]", "[a, c]"}, []string{"[a, b]", "[a, c]"}},
		{[]string{"[{ a = 1, b = [1, 2] }]"}, []string{"[{ a = 1, b = […2] }]"}},
	} {
		if got := counted(c.labels); !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestOneDataSetHasNoOverview(t *testing.T) {
	if summarize(quickstart().report()).overview() != nil {
		t.Error("it has")
	}
}

// Fourteen data sets are shown in the figure, and as many as fit in a terminal, which says so.
func TestOverviewOfMany(t *testing.T) {
	r := fourteen()
	d := drawn{file: "fourteen", drawing: *summarize(r).overview().drawing()}
	if err := d.render(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{">rows=20000 truth=linear+order0<", ">rows=80000 truth=linear+order13<"} {
		if !strings.Contains(string(d.svg), name) {
			t.Errorf("%s is not in the figure", name)
		}
	}
	checkSVG(t, d.svg)
	if *out != "" {
		if err := os.MkdirAll(*out, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := d.save(*out); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if err := Leaderboard(&b, r, Text{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), " more data sets did not fit.") {
		t.Error(b.String()[:1500])
	}
}

// Before the groups stands what all have reached, the wide interval with it; shares in percent stand under each other.
func TestLeaderboardOverview(t *testing.T) {
	const want = `
Every variant by data set
  variant      criteo path=train.txt  synthetic rows=20000
  LR                          0.6406          < −100 %
  FM                          0.7613              60 % ±75
  DNN                         0.7412              61 %
  DLRM (dot)                  0.7687              81 %
  Wide & Deep                 0.7482              66 %
  DCN                         0.7504                 –
  DeepFM                      0.7707              82 %
  xDeepFM                     0.7692              81 %
  Share of the attainable where the truth is known, else test AUC.
  ± is the 95 % interval over seeds, in points, where it is wider than ±10.

criteo path=train.txt
`
	var b strings.Builder
	if err := Leaderboard(&b, oneTruth(), Text{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant in it%s", b.String(), want)
	}
}
