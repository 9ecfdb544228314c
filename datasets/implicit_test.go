package datasets

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"ctrlab/datasets/batch"
)

func openImplicitWith(t *testing.T, change func(*MovieLens)) (Source, error) {
	t.Helper()
	return openMovielensWith(t, func(o *MovieLens) { o.Task = "implicit"; change(o) })
}

// pairsOf returns the rows of a split as user, item and label, and the features behind.
func pairsOf(t *testing.T, s Source, split batch.Split, n int, order uint64) (rows []string) {
	t.Helper()
	for b, err := range s.Batches(split, n, order) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			text := fmt.Sprintf("%d %d %g", b.Sparse[0].IDs[i], b.Sparse[1].IDs[i], b.Label[i])
			for _, bags := range b.Sparse[2:] {
				text += fmt.Sprint(bags.Bag(i))
			}
			rows = append(rows, text)
		}
	}
	if len(rows) != s.Rows(split) {
		t.Fatalf("%v has %d rows and says %d", split, len(rows), s.Rows(split))
	}
	return rows
}

func positives(rows []string) []string {
	return slices.DeleteFunc(slices.Clone(rows), func(r string) bool { return strings.Fields(r)[2][0] != '1' })
}

// Three users and their times. Of 7 the last item, 40, is test and 30 valid; 8 has two, of which 10 is the last; 9 has one,
// which it keeps. The second 7–10 counts once. Users and items have ids by the rows that are left: 7, 8, 9 and 10, 20, 50.
var visits = "7\t10\t3\t1\n7\t20\t1\t2\n7\t30\t5\t8\n7\t40\t4\t9\n7\t10\t3\t20\n8\t20\t4\t5\n8\t10\t4\t6\n9\t50\t2\t7\n"

func TestImplicitLeavesOneOut(t *testing.T) {
	folder(t, map[string]string{"u.data": visits})
	s, err := openImplicitWith(t, func(o *MovieLens) { o.Path, o.Negatives, o.Candidates = Paths{"u.data"}, new(1), new(0) })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := positives(pairsOf(t, s, batch.Train, 3, 0)), []string{"1 1 1", "1 2 1", "2 2 1", "3 3 1"}; !slices.Equal(got, want) {
		t.Errorf("train has %q, want %q", got, want)
	}
	// Full lists: items 30 and 40 are in no training row, and so id 0; user 7 has not met 50, user 8 neither 10 nor 50.
	for split, want := range map[batch.Split][]string{
		batch.Valid: {"1 0 1", "1 3 0"},
		batch.Test:  {"1 0 1", "1 3 0", "2 1 1", "2 3 0"},
	} {
		if got := pairsOf(t, s, split, 3, 0); !slices.Equal(got, want) {
			t.Errorf("%v has %q, want %q", split, got, want)
		}
	}
	schema := s.Schema()
	if !schema.Lists || schema.Rating != nil || schema.Sparse[0].Rows != 4 || schema.Sparse[1].Rows != 4 {
		t.Errorf("schema %+v, want lists of 3 users and 3 items and the unknown", schema)
	}
	want := []string{
		"1 row repeat an interaction of the same user and item, which counts once",
		"1 of 1 lists of valid hold out an item that train does not have",
		"1 of 1 lists of valid have fewer than 10 candidates, so that any model hits",
		"1 of 2 lists of test hold out an item that train does not have",
		"2 of 2 lists of test have fewer than 10 candidates, so that any model hits",
	}
	if got := s.About().Warnings; !slices.Equal(got, want) {
		t.Errorf("warnings\n%q, want\n%q", got, want)
	}
}

// Each negative stands behind the interaction that it was drawn for, in any order and any batch; all rows of train are there.
func TestImplicitPairs(t *testing.T) {
	folder(t, ncf)
	s, err := openImplicitWith(t, func(o *MovieLens) { ncfFiles(o); o.ValidFrom, o.Negatives = "none", new(3) })
	if err != nil {
		t.Fatal(err)
	}
	c := s.(*implicit)
	for order := range uint64(3) {
		var rows []string
		for b, err := range c.Pairs(4, order) {
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < b.N; i += 2 {
				user, item := b.Sparse[0].IDs[i:], b.Sparse[1].IDs[i:]
				if user[0] != user[1] || b.Label[i] != 1 || b.Label[i+1] != 0 || !c.seen.has(user[0], item[0]) || c.seen.has(user[1], item[1]) {
					t.Errorf("order %d has the pair %v %v %v", order, user[:2], item[:2], b.Label[i:i+2])
				}
				rows = append(rows, fmt.Sprintf("%d %d %g", user[1], item[1], 0.0))
			}
		}
		negatives := slices.DeleteFunc(pairsOf(t, s, batch.Train, 7, order), func(r string) bool { return strings.Fields(r)[2][0] == '1' })
		slices.Sort(rows)
		if slices.Sort(negatives); !slices.Equal(rows, negatives) || 2*len(rows) != c.PairRows() {
			t.Errorf("order %d pairs %q, want the negatives %q", order, rows, negatives)
		}
	}
}

// From 4 stars: 7 has 30 and 40, the later of which is test; 8 has 20 and 10.
func TestImplicitPositives(t *testing.T) {
	folder(t, map[string]string{"u.data": visits})
	s, err := openImplicitWith(t, func(o *MovieLens) { o.Path, o.PositiveFrom = Paths{"u.data"}, new(4.0) })
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Concat(positives(pairsOf(t, s, batch.Train, 9, 0)), positives(pairsOf(t, s, batch.Test, 9, 0)))
	if want := []string{"1 1 1", "2 2 1", "1 0 1", "2 0 1"}; !slices.Equal(got, want) || s.Rows(batch.Valid) != 0 {
		t.Errorf("train and test have %q, want %q, and valid has %d rows", got, want, s.Rows(batch.Valid))
	}
}

// ncf is the NCF repository's way: users and items from 0, test.negative with the item held out among its own candidates, and one twice.
var ncf = map[string]string{
	"x.train":    "0\t0\n0\t1\n0\t2\n1\t2\n1\t1\n1\t0\n1\t3\n2\t5\n2\t6\n2\t8\n",
	"x.rating":   "0\t3\t5\t100\n1\t9\t4\t100\n",
	"x.negative": "(1,9)\t4\t3\n(0,3)\t7\t3\t4\t7\n",
}

func ncfFiles(o *MovieLens) {
	o.Train, o.Test, o.TestNegative = Paths{"x.train"}, Paths{"x.rating"}, Paths{"x.negative"}
}

func TestImplicitGivenCandidates(t *testing.T) {
	folder(t, ncf)
	s, err := openImplicitWith(t, func(o *MovieLens) { ncfFiles(o); o.ValidFrom = "none" })
	if err != nil {
		t.Fatal(err)
	}
	// Ids of items as they come in train: 0 is 1, … 3 is 4; the rest is unknown.
	if got, want := pairsOf(t, s, batch.Test, 2, 0), []string{"1 4 1", "1 0 0", "1 0 0", "2 0 1", "2 0 0", "2 4 0"}; !slices.Equal(got, want) {
		t.Errorf("test has %q, want %q", got, want)
	}
	if s.Rows(batch.Valid) != 0 || s.Rows(batch.Train) != 10*5 {
		t.Errorf("%d and %d rows of valid and train, want 0 and 50", s.Rows(batch.Valid), s.Rows(batch.Train))
	}
	if w := s.About().Warnings; len(w) != 3 || w[0] != "1 of 2 lists of test_negative name the item held out, or an item twice: it counts once" {
		t.Errorf("warnings %q", w)
	}
}

// Without times the last of each user's lines is valid; valid_from = "random" draws one, and with another split_seed another one.
func TestImplicitHoldsOut(t *testing.T) {
	folder(t, ncf)
	seen := map[string]bool{}
	for seed := range uint64(8) {
		s, err := openImplicitWith(t, func(o *MovieLens) { ncfFiles(o); o.ValidFrom, o.SplitSeed = "random", seed })
		if err != nil {
			t.Fatal(err)
		}
		if len(positives(pairsOf(t, s, batch.Valid, 9, 0))) != 3 || s.Rows(batch.Train) != 7*5 {
			t.Errorf("%d rows of train, and valid %q; want 35 and 3 lists", s.Rows(batch.Train), pairsOf(t, s, batch.Valid, 9, 0))
		}
		seen[s.(*implicit).held()] = true
	}
	if len(seen) < 2 {
		t.Error("eight seeds hold out the same items")
	}
	s, err := openImplicitWith(t, ncfFiles)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.(*implicit).held(); got != "2 3 8 " {
		t.Errorf("valid holds out %s, want the last lines 2 3 8", got)
	}
}

// held spells what valid holds out, as the files have it.
func (c *implicit) held() (text string) {
	for _, item := range c.lists[batch.Valid].held {
		text += fmt.Sprint(c.items.values[item], " ")
	}
	return text
}

// crowd is 30 users of 40 items, each with 10 of them at times of their own.
func crowd() string {
	var text strings.Builder
	for user := range 30 {
		for k := range 10 {
			fmt.Fprintf(&text, "%d\t%d\t4\t%d\n", user, (user+k*[]int{1, 3, 7}[user%3])%40, user*100+k)
		}
	}
	return text.String()
}

func TestImplicitNegatives(t *testing.T) {
	folder(t, map[string]string{"u.data": crowd()})
	s, err := openImplicitWith(t, func(o *MovieLens) { o.Path = Paths{"u.data"} })
	if err != nil {
		t.Fatal(err)
	}
	c := s.(*implicit)
	first := pairsOf(t, s, batch.Train, 7, 1)
	var wg sync.WaitGroup
	for _, n := range []int{1, 64, 4096} {
		wg.Go(func() {
			if !slices.Equal(pairsOf(t, s, batch.Train, n, 1), first) {
				t.Errorf("order 1 in batches of %d has other rows than in batches of 7", n)
			}
		})
	}
	wg.Wait()
	drawn := map[string]int{}
	for order := range uint64(200) {
		rows := pairsOf(t, s, batch.Train, 512, order)
		for _, row := range rows {
			var user, item, label int32
			_, _ = fmt.Sscan(row, &user, &item, &label)
			if c.seen.has(user, item) != (label == 1) {
				t.Fatalf("user %d has the item %d with label %d", user, item, label)
			}
			if user == 1 && label == 0 {
				drawn[row]++
			}
		}
		if a, b := sorted(positives(rows)), sorted(positives(first)); !slices.Equal(a, b) {
			t.Fatalf("order %d has other interactions than order 1", order)
		}
		if order > 1 && slices.Equal(sorted(rows), sorted(first)) {
			t.Errorf("order %d draws the negatives of order 1", order)
		}
	}
	// 200 epochs draw 8·4 negatives of user 1 among 32 items (all items are in train): 200 each, with a deviation of √200 ≈ 14.
	if len(drawn) != c.seen.all-8 {
		t.Errorf("user 1 has %d negatives, want each of %d", len(drawn), c.seen.all-8)
	}
	for row, n := range drawn {
		if n < 130 || n > 270 {
			t.Errorf("%s is drawn %d times, want 200 ± 70, five deviations", row, n)
		}
	}
}

func sorted(rows []string) []string { return slices.Sorted(slices.Values(rows)) }

func TestImplicitSampledCandidates(t *testing.T) {
	folder(t, map[string]string{"u.data": crowd()})
	open := func(change func(*MovieLens)) *implicit {
		s, err := openImplicitWith(t, func(o *MovieLens) { o.Path, o.Candidates = Paths{"u.data"}, new(12); change(o) })
		if err != nil {
			t.Fatal(err)
		}
		return s.(*implicit)
	}
	c := open(func(*MovieLens) {})
	for _, split := range heldOut {
		rows := pairsOf(t, c, split, 5, 0)
		if len(rows) != 30*13 || len(positives(rows)) != 30 {
			t.Errorf("%v has %d rows with %d held out, want 30 lists of 13", split, len(rows), len(positives(rows)))
		}
		for l, user := range c.lists[split].user {
			list := slices.Compact(slices.Sorted(slices.Values(c.lists[split].candidates[12*l : 12*l+12])))
			for _, item := range list {
				if c.seen.has(user, item) || slices.Contains(c.met(user), item) || item < 1 || int(item) > c.seen.all {
					t.Errorf("user %d has the candidate %d", user, item)
				}
			}
			if len(list) != 12 {
				t.Errorf("user %d has %d different candidates of %v, want 12", user, len(list), split)
			}
		}
		if shuffled := pairsOf(t, c, split, 5, 3); slices.Equal(shuffled, rows) || !slices.Equal(sorted(shuffled), sorted(rows)) {
			t.Errorf("%v in order 3 is no permutation of it", split)
		}
	}
	if !slices.Equal(pairsOf(t, open(func(*MovieLens) {}), batch.Test, 9, 0), pairsOf(t, c, batch.Test, 9, 0)) {
		t.Error("opened again, test has other candidates")
	}
	if slices.Equal(pairsOf(t, open(func(o *MovieLens) { o.SplitSeed = 2 }), batch.Test, 9, 0), pairsOf(t, c, batch.Test, 9, 0)) {
		t.Error("split_seed does not draw the candidates")
	}
	few := open(func(o *MovieLens) { o.Candidates = new(1000) })
	if n := few.Rows(batch.Test); n != 30*(1+30) { // 40 items but the user's own 10
		t.Errorf("test has %d rows, want 30 lists of 31", n)
	}
}

// met is what a user has in valid and test.
func (c *implicit) met(user int32) (items []int32) {
	for _, s := range heldOut {
		for l, u := range c.lists[s].user {
			if u == user {
				items = append(items, c.lists[s].held[l])
			}
		}
	}
	return items
}

// Features are those of the user and the item of a row, the candidates' too, whether train knows them or not.
func TestImplicitFeatures(t *testing.T) {
	files := maps.Clone(small)
	files["u.data"] = "7\t10\t3\t1\n7\t20\t5\t2\n8\t30\t1\t3\n"
	folder(t, files)
	s, err := openImplicitWith(t, func(o *MovieLens) {
		o.Path, o.Features, o.Candidates = Paths{"."}, []string{"genres", "gender"}, new(0)
	})
	if err != nil {
		t.Fatal(err)
	}
	// Train has 10 (three genres) of 7 and 30 (none) of 8; Heat's genre is not in train, nor is Heat.
	if got, want := pairsOf(t, s, batch.Test, 9, 0), []string{"1 0 1[0][1]", "1 2 0[][1]"}; !slices.Equal(got, want) {
		t.Errorf("test has %q, want %q", got, want)
	}
	if got, want := positives(pairsOf(t, s, batch.Train, 9, 0)), []string{"1 1 1[1 2 3][1]", "2 2 1[][2]"}; !slices.Equal(got, want) {
		t.Errorf("train has %q, want %q", got, want)
	}
}

// Half stars are 10M's, which is written as 1M is, and its folder has no users.
func TestMovielens10M(t *testing.T) {
	folder(t, map[string]string{"ratings.dat": "1::122::5::838985046\n1::185::0.5::838983525\n", "movies.dat": million["movies.dat"]})
	s, err := openMovielensWith(t, func(o *MovieLens) {
		o.Path, o.Split = Paths{"."}, &FileSplit{Kind: "order", Fractions: []float64{1, 0, 0}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := ratingRows(s, batch.Train); !slices.Equal(got, []string{"[1][1]5", "[1][2]0.5"}) || s.Schema().Rating.Min != 0.5 {
		t.Errorf("ratings %v from %g", got, s.Schema().Rating.Min)
	}
}

func TestImplicitRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(*MovieLens)
		files  map[string]string
		want   string
	}{
		{func(o *MovieLens) { o.Negatives = new(0) }, nil, "data.negatives is 0, want 1 to 1000"},
		{func(o *MovieLens) { o.Candidates = new(-1) }, nil, "data.candidates is -1, want 0 (all items) to 2147483647"},
		{func(o *MovieLens) { o.PositiveFrom = new(6.0) }, nil, "data.positive_from is 6, want 0 to 5"},
		{func(o *MovieLens) { o.PositiveFrom = new(4.0) }, nil, "data.positive_from is 4, and 10 rows without a rating"},
		{func(o *MovieLens) { o.ValidFraction = new(0.1) }, nil, `data.valid_fraction is of no use with task "implicit", where valid is one interaction of each user`},
		{func(o *MovieLens) { o.ValidFrom = "start" }, nil, `data.valid_from is "start", want end, random or none`},
		{func(o *MovieLens) { o.Test = nil }, nil, "data.test_negative is for the rows of test, and there is no test"},
		{func(o *MovieLens) {
			o.Train, o.Path = nil, Paths{"x.train"}
			o.Test, o.TestNegative = nil, nil
			o.Split = &FileSplit{Kind: "time"}
		}, nil,
			`data.split.kind is "time", want leave-one-out`},
		{func(o *MovieLens) { o.Features = []string{"genres"} }, nil, "data.features: pairs says nothing of genres"},
		{ncfFilesOnly, map[string]string{"x.negative": "(1,9)\t4\n"}, "data.test_negative: no line is of (0,3), a row of test"},
		{ncfFilesOnly, map[string]string{"x.negative": "(0,3)\t4\n(0,3)\t4\n"}, `x.negative:2: column 1 is "(0,3)", which an earlier line has`},
		{ncfFilesOnly, map[string]string{"x.negative": "0,3\t4\n"}, `x.negative:1: column 1 is "0,3", want (user,item)`},
		{ncfFilesOnly, map[string]string{"x.negative": "(0,3)\t4\t\n"}, `x.negative:1: column 3 (item) is "", want an integer from 0 to 2147483647`},
		{ncfFilesOnly, map[string]string{"x.train": "0\t0\n0\t1\t2\n"}, "x.train:2: has 3 columns, want 2: user, item"},
		{func(o *MovieLens) { o.ValidFrom = "none" }, map[string]string{"x.train": "0\t0\n1\t0\n1\t1\n"},
			"data: user 1 has all 2 items of train: none is left to draw as a negative"},
	} {
		files := maps.Clone(ncf)
		maps.Copy(files, c.files)
		folder(t, files)
		_, err := openImplicitWith(t, func(o *MovieLens) { ncfFiles(o); c.change(o) })
		if errorText(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func ncfFilesOnly(*MovieLens) {}

// What resolve fills in is accepted again.
func TestImplicitCheckTwice(t *testing.T) {
	for _, change := range []func(*MovieLens){ncfFiles, func(o *MovieLens) { o.Path = Paths{"u.data"} }} {
		o := movielensDefaults()
		o.Task = "implicit"
		change(&o)
		for range 2 {
			if err := o.Check(); err != nil {
				t.Error(err)
			}
		}
		if *o.Negatives != 4 || *o.Candidates != 99 || o.ValidFraction != nil {
			t.Errorf("resolved to %+v", o)
		}
	}
}

// By brute force.
func TestGap(t *testing.T) {
	for _, taken := range [][]int32{nil, {1}, {2}, {1, 2, 5}, {3, 4, 9}} {
		k := 0
		for number := int32(1); number < 15; number++ {
			if slices.Contains(taken, number) {
				continue
			}
			if got := gap(taken, k); got != number {
				t.Errorf("number %d that %v leaves out is %d, want %d", k, taken, got, number)
			}
			k++
		}
	}
}

// FuzzCandidates: a line is read or refused, with ids in range.
func FuzzCandidates(f *testing.F) {
	f.Add([]byte("(0,25)\t1064\t174"))
	f.Add([]byte("(,)\t"))
	f.Fuzz(func(t *testing.T, line []byte) {
		g := &given{lists: map[[2]int32][]int32{}}
		if g.parse(line) != nil {
			return
		}
		for key, list := range g.lists {
			if key[0] < 0 || key[1] < 0 || len(list) > 0 && slices.Min(list) < 0 {
				t.Errorf("%q gives %v %v", line, key, list)
			}
		}
	})
}

// 6,040 users, 994,169 interactions of 3,704 items of train, and 156 lists that name their own item: the data's README, but for
// the number of items, counted with sort -u.
func TestRealNCF(t *testing.T) {
	dir := realData(t, "ml-1m-ncf")
	s, err := openImplicitWith(t, func(o *MovieLens) {
		o.Train, o.Test = Paths{filepath.Join(dir, "ml-1m.train.*")}, Paths{filepath.Join(dir, "ml-1m.test.rating")}
		o.TestNegative, o.ValidFrom = Paths{filepath.Join(dir, "ml-1m.test.negative")}, "none"
	})
	if err != nil {
		t.Fatal(err)
	}
	fields := s.Schema().Sparse
	if got := [...]int{s.Rows(batch.Train), s.Rows(batch.Test), fields[0].Rows, fields[1].Rows}; got != [...]int{994169 * 5, 6040*100 - 156, 6041, 3705} {
		t.Errorf("rows of train and test, users and items are %v", got)
	}
}
