package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// By hand but for the seeds that are wanted: three variants and three seeds ask for a t of 7.46 (family_test of stat), so that a mean of 0.010 with a standard deviation of 0.001 has
// the half-width 7.46·0.001/√3 = 0.0043; narrow is 20 times as large as lr, 100k against 2M examples a second.
func TestAnswer(t *testing.T) {
	equal := board() // narrow is behind by 0.002, 0.003 and 0: 0.0017 ± 7.46·0.00153/√3 = 0.0066
	for i, auc := range []float64{0.797, 0.797, 0.801} {
		equal.Trials[3+i].Results["test.auc"] = auc
	}
	noisy, wild := board(), board() // lr is behind by 0.199, 0 and 0.101: 0.100 ± 0.43; by 0.599, −0.1 and 0.301: 0.267 ± 1.5
	for i := range 3 {
		noisy.Trials[i].Results["test.auc"] = []float64{0.6, 0.8, 0.7}[i]
		wild.Trials[i].Results["test.auc"] = []float64{0.2, 0.9, 0.5}[i]
	}
	margin := board()
	margin.Experiment.Compare = `{"margin":{"auc":0.02}}`
	base := board()
	base.Experiment.Compare = `{"baseline":"lr"}`
	one := board()
	one.Trials = slices.DeleteFunc(one.Trials, func(t store.Trial) bool { return t.Seed > 1 })
	for _, c := range []struct {
		name   string
		report *store.Report
		want   []string
	}{
		{"one in front", board(), []string{"wide leads in test AUC (0.8000 ± 0.0025), ahead of narrow by 0.0100 ± 0.0043.",
			"lr is worse by 0.1000 ± 0.0000; narrow trains 75.0 × as fast as wide."}},
		{"two in front", equal, []string{"wide and narrow lead in test AUC and cannot be told apart (difference 0.0017 ± 0.0066); 9 more seeds would likely resolve it.",
			"lr is worse by 0.1000 ± 0.0000; of the leaders narrow trains fastest, 75.0 × as fast as wide."}},
		{"one that is noisy and last", noisy, []string{"wide has the best test AUC, 0.8000 ± 0.0025; wide and lr cannot be told apart (difference 0.100 ± 0.432); 11 more seeds would likely resolve it.",
			"narrow is worse by 0.0100 ± 0.0043; of those not told from the best lr trains fastest, 1499 × as fast as wide."}},
		{"one that is noise", wild, []string{"wide has the best test AUC, 0.8000 ± 0.0025; wide and lr cannot be told apart (difference 0.27, less than 3 seeds can tell from noise); 18 more seeds would likely resolve it.",
			"narrow is worse by 0.0100 ± 0.0043; of those not told from the best lr trains fastest, 1499 × as fast as wide."}},
		{"below the margin", margin, []string{"wide leads in test AUC (0.8000 ± 0.0025), ahead of narrow by 0.0100 ± 0.0043, which the margin of 0.02 calls negligible.",
			"lr is worse by 0.1000 ± 0.0000; narrow trains 75.0 × as fast as wide."}},
		{"with a baseline", base, []string{"Beside lr, by test AUC: wide and narrow are better (+0.1000 ± 0.0000 to +0.0900 ± 0.0035)."}},
		{"one seed", one, []string{"wide has the best test AUC, 0.7990, but one seed tells no difference from noise.", "More seeds would tell: seeds = 5 asks for five."}},
		{"nothing", nothing(), []string{"No trial has a result yet."}},
	} {
		if got := summarize(c.report).answer(); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

// Every fixture has an answer of at most two sentences without a hole, and JSON that can be read.
func TestAnswersOfAll(t *testing.T) {
	for _, f := range fixtures {
		c, err := Compare(f.report(), "")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(c.Answer, " ")
		if n := len(c.Answer); n < 1 || n > 2 || strings.Contains(text, "NaN") || strings.Contains(text, missing) || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q", f.name, c.Answer)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// A pair says the same whichever comes first, and the same in table and JSON.
func TestContrast(t *testing.T) {
	s := summarize(board())
	x := s.aspect(s.groups[0], "test.auc")
	c, _ := x.between("narrow", "wide")
	if c.Verdict != stat.Worse || math.Abs(float64(c.Value)+0.01) > 1e-12 || math.Abs(float64(c.Low)+0.0143) > 1e-4 {
		t.Errorf("narrow beside wide: %+v", c)
	}
	if r := x.Variants[1]; r.Label != "narrow" || r.Rank != [2]int{2, 2} || r.Tally != (Tally{1, 0, 1}) {
		t.Errorf("narrow stands as %+v", r)
	}
	speed := s.aspect(s.groups[0], "train.examples_per_second")
	if c, _ := speed.between("lr", "narrow"); math.Abs(float64(c.Value)-20000./1001) > 1e-9 || c.Verdict != stat.Better {
		t.Errorf("speed of lr beside narrow: %+v", c)
	}
	pair, err := ComparePair(board(), "lr", "wide", nil)
	if err != nil || len(pair.Data[0].Metrics[0].Contrasts) != 1 || pair.Answer[0] != "lr is worse than wide in test AUC, by 0.1000 ± 0.0000." {
		t.Errorf("pair: %v, %v", pair, err)
	}
	if _, err := Compare(board(), "fm"); err == nil || err.Error() != `board has no variant "fm", but lr, narrow, wide` {
		t.Errorf("unknown baseline: %v", err)
	}
}

// Speeds of several machines or builds are not compared.
func TestSpeedsOfTwoMachines(t *testing.T) {
	r := board()
	r.Environments = append(r.Environments, store.Environment{ID: "other"})
	c, err := Compare(r, "")
	if err != nil || len(c.Data[0].Metrics) != 1 {
		t.Errorf("%d metrics compared, want the AUC alone: %v", len(c.Data[0].Metrics), err)
	}
}

// Splits of one data set are its replicas: the means over seeds are 0.70 and 0.72, SD 0.01414, t(1) 12.706, so that the half-width is
// 12.706·0.01414/√2·√(1 + 2·0.25) = 0.1556.
func TestSplitsAreReplicas(t *testing.T) {
	r := &store.Report{Experiment: store.Experiment{Name: "splits"}}
	for i, id := range []string{"a", "b"} {
		r.Datasets = append(r.Datasets, store.Dataset{ID: id, Source: "movielens", Rows: [3]int{80, 0, 20}, Options: fmt.Sprintf(`{"path":["u.data"],"split_seed":%d}`, i+1)})
		for seed, auc := range []float64{0.69, 0.71} {
			r.Trials = append(r.Trials, store.Trial{ID: fmt.Sprint(id, seed), Label: fmt.Sprintf("fm split_seed=%d", i+1), Seed: uint64(seed), Dataset: id, State: "done",
				Results: map[string]float64{"test.auc": auc + 0.02*float64(i)}})
		}
	}
	s := summarize(r)
	if len(s.groups) != 1 || len(s.groups[0].variants) != 1 || s.groups[0].variants[0].label != "fm" {
		t.Fatalf("%d groups, labels %q", len(s.groups), s.labels)
	}
	if i := s.groups[0].variants[0].interval("test.auc"); i.N != 2 || math.Abs(i.Half-0.1556) > 1e-4 {
		t.Errorf("%+v", i)
	}
}

// Origin: scipy 1.17.1: nct.sf(t.ppf(.975, 4), 4, √5) is 0.401, with 9 and √10 it is 0.803, with 8 and 3 it is 0.748; the equivalence from a million samples of numpy's
// normal numbers.
func TestForeseen(t *testing.T) {
	f := Foreseen{Seeds: 5, Variants: 2, Compare: `{"margin":{"auc":0.002}}`}
	want := "margin 0.002 of test AUC, 2 variants, 5 seeds: a difference of that size is seen with a chance of 40 %, none is called equivalent with 15 %; 10 seeds would see it with 80 % " +
		"(standard deviation of a difference 0.0020, assumed: no two variants with two seeds in common ran on these data)"
	if got := f.Sentences(); len(got) != 1 || got[0] != want {
		t.Errorf("%q, want\n%q", got, want)
	}
	for seed, d := range []float64{0.001, 0.002, 0.003} { // their SD is 0.001
		f.Earlier = append(f.Earlier, store.Replica{Dataset: "d", Variant: "a", Seed: uint64(seed), Name: "test.auc", Value: 0.7},
			store.Replica{Dataset: "d", Variant: "b", Seed: uint64(seed), Name: "test.auc", Value: 0.7 - d})
	}
	if sd, n := f.noise(&Aspect{Metric: "test.auc"}); n != 1 || math.Abs(sd-0.001) > 1e-12 {
		t.Errorf("noise %v of %d pairs", sd, n)
	}
}

// repeated are the fixture's runs: what differs between them is the seed alone.
func repeated(t *testing.T) (pools [][]float64) {
	t.Helper()
	f, err := os.Open("testdata/seeds.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	pools = make([][]float64, 2)
	for _, row := range rows[1:] {
		for i := range pools {
			v, err := strconv.ParseFloat(row[1+i], 64)
			if err != nil {
				t.Fatal(err)
			}
			pools[i] = append(pools[i], v)
		}
	}
	return pools
}

// suite draws runs for variants without replacement; the first is better by delta.
func suite(pool []float64, variants, seeds int, delta float64, random *rand.Rand) *store.Report {
	r := &store.Report{Experiment: store.Experiment{Name: "suite"}, Datasets: []store.Dataset{{ID: "d"}}}
	for i, at := range random.Perm(len(pool))[:variants*seeds] {
		v := i / seeds
		auc := pool[at]
		if v == 0 {
			auc += delta
		}
		r.Trials = append(r.Trials, store.Trial{ID: fmt.Sprint(i), Label: string(rune('a' + v)), Seed: uint64(i % seeds), Dataset: "d", State: "done",
			Results: map[string]float64{"test.auc": auc}})
	}
	return r
}

// Of 1,000 suites without a true difference, resampled from real runs, compare calls in at most 67 any variant better: 5 % and 2.5 standard errors.
func TestErrorRate(t *testing.T) {
	pools, random, wrong := repeated(t), rand.New(rand.NewPCG(7, 1)), 0
	for i := range 1000 {
		c, err := Compare(suite(pools[i%2], 4, 5, 0, random), "")
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(c.Data[0].Metrics[0].Contrasts, func(c Contrast) bool { return c.Verdict.Told() }) {
			wrong++
		}
	}
	t.Logf("%d of 1000 suites without a difference have a verdict", wrong)
	if wrong > 67 || wrong == 0 {
		t.Errorf("%d of 1000 suites without a difference have a verdict, want 1 to 67", wrong)
	}
}

// With a true difference it is seen as often as the planning figure says, within three standard errors of the simulation.
func TestPowerAsPlanned(t *testing.T) {
	const variants, seeds, suites = 3, 8, 1000
	pools, random := repeated(t), rand.New(rand.NewPCG(7, 2))
	for _, pool := range pools {
		sd := math.Sqrt2 * stat.SD(pool)
		delta := stat.Detectable(stat.AllPairs, seeds, variants, sd, 0.7)
		seen := 0.0
		for range suites {
			c, err := Compare(suite(pool, variants, seeds, delta, random), "")
			if err != nil {
				t.Fatal(err)
			}
			if x, _ := c.Data[0].Metrics[0].between("a", "b"); x.Verdict == stat.Better {
				seen += 1. / suites
			}
		}
		t.Logf("seen in %.3f of suites, planned 0.7", seen)
		if math.Abs(seen-0.7) > 3*math.Sqrt(0.7*0.3/suites) {
			t.Errorf("seen in %.3f of suites, planned 0.7", seen)
		}
	}
}
