package datasets

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// letters spells the split of every row: T, v or t.
func letters(f Files, r rowsToSplit, counts [batch.Splits]int) string {
	var b strings.Builder
	for s := range f.splits(counts, r) {
		b.WriteByte("Tvt"[s])
	}
	return b.String()
}

func split(s FileSplit) Files { return Files{Split: &s, SplitSeed: 1} }

// By hand; times and users are those of the rows in turn.
func TestSplitKinds(t *testing.T) {
	halves := []float64{0.5, 0.25, 0.25}
	times := slices.Values([]int64{5, 1, 5, 6, 6, -9, 2, 8})
	users := slices.Values([]uint64{7, 7, 8, 7, 9, 7, 9, 0})
	for _, c := range []struct {
		split FileSplit
		r     rowsToSplit
		n     int
		want  string
	}{
		{FileSplit{Kind: "order", Fractions: halves}, rowsToSplit{}, 8, "TTTTvvtt"},
		{FileSplit{Kind: "order", Fractions: []float64{0.5, 0, 0.5}}, rowsToSplit{}, 4, "TTtt"},
		{FileSplit{Kind: "time", Fractions: halves}, rowsToSplit{times: times}, 8, "TTvvtTTt"}, // sorted: -9 1 2 5, 5 6, 6 8
		{FileSplit{Kind: "time", Fractions: []float64{1, 0, 0}}, rowsToSplit{times: times}, 8, "TTTTTTTT"},
		{FileSplit{Kind: "leave-one-out"}, rowsToSplit{users: users}, 8, "TTTvTttT"},               // 7 at 0 1 3 5, 8 at 2, 9 at 4 6, none at 7
		{FileSplit{Kind: "leave-one-out"}, rowsToSplit{users: users, times: times}, 8, "vTTttTTT"}, // 7's times: 5 1 6 -9; 9's: 6 2
		{FileSplit{Kind: "sevenths"}, rowsToSplit{}, 14, "TTTTTTTTTTTTtv"},
		{FileSplit{Kind: "sevenths"}, rowsToSplit{}, 25, strings.Repeat("T", 22) + "ttv"}, // 4 4 4 4 3 3 3
	} {
		if got := letters(split(c.split), c.r, [batch.Splits]int{c.n}); got != c.want {
			t.Errorf("%+v: %s, want %s", c.split, got, c.want)
		}
	}
}

// The sizes that the DLRM repository states of Criteo Kaggle.
func TestSeventhsOfCriteo(t *testing.T) {
	const n = 45_840_617
	var counts [batch.Splits]int
	for s := range sevenths(nil, rowsToSplit{n: n}) {
		counts[s]++
	}
	if want := [batch.Splits]int{39_291_958, 3_274_329, 3_274_330}; counts != want {
		t.Errorf("train, valid and test have %d rows, want %d", counts, want)
	}
}

// Each row is test in one fold and valid in another; folds are equal but for a row.
func TestKFold(t *testing.T) {
	const n, folds = 1003, 5
	var seen [n][batch.Splits]int
	for fold := range folds {
		all := letters(split(FileSplit{Kind: "k-fold", Folds: new(folds), Fold: new(fold + 1)}), rowsToSplit{}, [batch.Splits]int{n})
		if c := strings.Count(all, "t"); c != n/folds && c != n/folds+1 {
			t.Errorf("fold %d has %d test rows of %d", fold+1, c, n)
		}
		for i, s := range all {
			seen[i][strings.IndexRune("Tvt", s)]++
		}
	}
	for i, s := range seen {
		if s != [batch.Splits]int{3, 1, 1} {
			t.Fatalf("row %d is in train, valid and test %v times, want 3, 1, 1", i, s)
		}
	}
}

// A user's rows have one split, the same one among other users; so many users as fractions say, within five deviations.
func TestSplitByUser(t *testing.T) {
	const users = 10000
	f := split(FileSplit{Kind: "user", Fractions: []float64{0.6, 0.1, 0.3}})
	row := func(i uint64) uint64 { return 1 + i%users }
	var all, half []uint64
	for i := range uint64(3 * users) {
		if all = append(all, row(i)); row(i)%2 == 0 {
			half = append(half, row(i))
		}
	}
	of := map[uint64]batch.Split{}
	var counts [batch.Splits]int
	i := 0
	for s := range f.splits([batch.Splits]int{len(all)}, rowsToSplit{users: slices.Values(all)}) {
		if had, ok := of[all[i]]; ok && had != s {
			t.Fatalf("user %d is in %v and %v", all[i], had, s)
		} else if !ok {
			counts[s]++
		}
		of[all[i]] = s
		i++
	}
	i = 0
	for s := range f.splits([batch.Splits]int{len(half)}, rowsToSplit{users: slices.Values(half)}) {
		if of[half[i]] != s {
			t.Fatalf("user %d moved from %v to %v", half[i], of[half[i]], s)
		}
		i++
	}
	for s, want := range []int{6000, 1000, 3000} { // deviations √(n·p·(1−p)): 49, 30, 46
		if d := counts[s] - want; d < -245 || d > 245 {
			t.Errorf("%v has %d users, want %d", batch.Split(s), counts[s], want)
		}
	}
}

// What sorting gives, a selection by digits gives too.
func TestSplitByTime(t *testing.T) {
	const n = 5000
	s := stream(3)
	times := make([]int64, n)
	for i := range times {
		times[i] = int64(s.next()) >> (s.below(60)) // of all magnitudes, many equal
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		switch {
		case times[a] < times[b]:
			return -1
		case times[a] > times[b]:
			return 1
		}
		return 0
	})
	f := split(FileSplit{Kind: "time", Fractions: []float64{0.5, 0.2, 0.3}})
	got := letters(f, rowsToSplit{times: slices.Values(times)}, [batch.Splits]int{n})
	for place, row := range rows {
		if want := "Tvt"[cut(n, f.Split.Fractions).of(place)]; got[row] != want {
			t.Fatalf("row %d, time %d, place %d is in %c, want %c", row, times[row], place, got[row], want)
		}
	}
}

func TestSplitKeys(t *testing.T) {
	all := []string{"order", "random", "time", "user", "leave-one-out", "k-fold", "sevenths"}
	for _, c := range []struct {
		split FileSplit
		want  string // the split, or an error
	}{
		{FileSplit{Kind: "random"}, `{"kind":"random","fractions":[0.8,0.1,0.1]}`},
		{FileSplit{Kind: "user"}, `{"kind":"user","fractions":[0.8,0.1,0.1],"user":"user"}`},
		{FileSplit{Kind: "leave-one-out", User: "member"}, `{"kind":"leave-one-out","user":"member"}`},
		{FileSplit{Kind: "k-fold"}, `{"kind":"k-fold","folds":10,"fold":1}`},
		{FileSplit{Kind: "k-fold", Folds: new(5), Fold: new(5)}, `{"kind":"k-fold","folds":5,"fold":5}`},
		{FileSplit{Kind: "k-fold", Folds: new(5), Fold: new(6)}, "split.fold is 6, want 1 to 5"},
		{FileSplit{Kind: "k-fold", Fold: new(0)}, "fold is 0, want at least 1"},
		{FileSplit{Kind: "k-fold", Folds: new(0)}, "folds is 0, want at least 3: test, valid and train"},
		{FileSplit{Kind: "k-fold", Folds: new(2)}, "folds is 2, want at least 3: test, valid and train"},
		{FileSplit{Kind: "k-fold", Fractions: defaultFractions()}, `split.fractions is of no use with kind "k-fold"`},
		{FileSplit{Kind: "random", User: "C1"}, `split.user is of no use with kind "random"`},
		{FileSplit{Kind: "days"}, `split.kind is "days", want order, random, time, user, leave-one-out, k-fold or sevenths`},
	} {
		s := c.split
		got := errorText(s.resolve(all))
		if got == "" {
			text, _ := json.Marshal(s)
			got = string(text)
			if err := s.resolve(all); err != nil {
				t.Errorf("what is resolved: %v", err)
			}
			if again, _ := json.Marshal(s); string(again) != got {
				t.Errorf("%s is resolved to %s", got, again)
			}
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.split, got, c.want)
		}
	}
}

func TestRecipes(t *testing.T) {
	path := func(name string) Criteo { return Criteo{Recipe: name, Files: Files{Path: Paths{"train.txt"}}} }
	for _, c := range []struct {
		name, step, fit, kind string
		minCount              int
		fractions             []float64
	}{ // as the DLRM repository and BARS have them
		{"dlrm-repo", "log1p", "all", "sevenths", 1, nil},
		{"criteo-x1", "none", "train", "random", 1, []float64{0.72, 0.18, 0.1}},
		{"criteo-x4-001", "log2_buckets", "train", "random", 10, []float64{0.8, 0.1, 0.1}},
		{"criteo-x4-002", "log2_buckets", "train", "random", 2, []float64{0.8, 0.1, 0.1}},
	} {
		o := path(c.name)
		for range 2 { // what is resolved says the same
			if err := o.Check(); err != nil {
				t.Fatal(err)
			}
			if o.DenseStep != c.step || o.Fit != c.fit || *o.MinCount != c.minCount || o.Split.Kind != c.kind || !slices.Equal(o.Split.Fractions, c.fractions) {
				t.Errorf("%s is %+v with split %+v, want %+v", c.name, o.Steps, *o.Split, c)
			}
		}
	}
	for _, c := range []struct {
		change func(o *Criteo)
		want   string
	}{
		{func(o *Criteo) { o.MinCount = new(10) }, ""},
		{func(o *Criteo) { o.MinCount = new(1) }, "min_count is 1, and the recipe criteo-x4-001 has 10"},
		{func(o *Criteo) { o.DenseStep = "log1p" }, "dense_step is log1p, and the recipe criteo-x4-001 has log2_buckets"},
		{func(o *Criteo) { o.Fit = "all" }, "fit is all, and the recipe criteo-x4-001 has train"},
		{func(o *Criteo) { o.Split = &FileSplit{Kind: "order"} }, "split is not that of the recipe criteo-x4-001, which brings its own"},
		{func(o *Criteo) { o.HashRows = 100 }, "min_count is of no use with hash_rows, which keeps no vocabulary"},
		{func(o *Criteo) { o.Recipe = "x4" }, `recipe is "x4", want one of dlrm-repo, criteo-x1, criteo-x4-001, criteo-x4-002`},
		{func(o *Criteo) { o.Path, o.Train = nil, Paths{"a"} }, ""}, // files that are split keep their split
	} {
		o := path("criteo-x4-001")
		c.change(&o)
		if got := errorText(o.Check()); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
