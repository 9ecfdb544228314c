package datasets

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"ctrlab/datasets/batch"
)

// realData returns the path of real data beside the repository, or skips.
func realData(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real data is not here: %v", err)
	}
	return path
}

// Rows and label rates are those that the data's own README states.
func TestRealCriteo(t *testing.T) {
	dir := realData(t, "criteo-kaggle")
	for _, c := range []struct {
		train, test string
		rows        [batch.Splits]int
		rates       [2]float64 // of the two files
	}{
		{"rand15k.train.tsv.gz", "rand5k.test.tsv.gz", [batch.Splits]int{13500, 1500, 5000}, [2]float64{0.258, 0.249}},
		{"time.rows0-14999.tsv.gz", "time.rows80000-89999.tsv.gz", [batch.Splits]int{13500, 1500, 10000}, [2]float64{0.221, 0.226}},
	} {
		s, err := openCriteoWith(t, func(o *Criteo) {
			o.Train, o.Test = Paths{filepath.Join(dir, c.train)}, Paths{filepath.Join(dir, c.test)}
		})
		if err != nil {
			t.Fatal(err)
		}
		var ones [batch.Splits]float64
		for split := range batch.Splits {
			if s.Rows(split) != c.rows[split] {
				t.Errorf("%s: %d rows of %v, want %d", c.train, s.Rows(split), split, c.rows[split])
			}
			for b := range s.Batches(split, 512, 1) {
				for _, y := range b.Label {
					ones[split] += float64(y)
				}
			}
		}
		train := (ones[batch.Train] + ones[batch.Valid]) / float64(c.rows[batch.Train]+c.rows[batch.Valid])
		test := ones[batch.Test] / float64(c.rows[batch.Test])
		if math.Abs(train-c.rates[0]) > 0.0005 || math.Abs(test-c.rates[1]) > 0.0005 {
			t.Errorf("%s: label rates are %.4f and %.4f, want %v", c.train, train, test, c.rates)
		}
	}
}

// 943 users, 1682 movies 19 genres, 21 occupations; the age groups are seven: the data's README states.
func TestRealMovielens(t *testing.T) {
	dir := realData(t, "ml-100k")
	s, err := openMovielensWith(t, func(o *MovieLens) {
		o.Path, o.Split, o.Features = Paths{dir}, &FileSplit{Kind: "order", Fractions: []float64{1, 0, 0}}, movielensFeatures
	})
	if err != nil {
		t.Fatal(err)
	}
	for f, rows := range []int{943, 1682, 19, 7, 2, 21} {
		if field := s.Schema().Sparse[f]; field.Rows != rows+1 {
			t.Errorf("%s has %d rows, want %d and one", field.Name, field.Rows, rows)
		}
	}
	for fold := 1; fold <= 5; fold++ {
		name := filepath.Join(dir, "u"+string(rune('0'+fold)))
		s, err := openMovielensWith(t, func(o *MovieLens) { o.Train, o.Test = Paths{name + ".base"}, Paths{name + ".test"} })
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]int{s.Rows(batch.Train), s.Rows(batch.Valid), s.Rows(batch.Test)}; got != [3]int{72000, 8000, 20000} {
			t.Errorf("u%d has %v rows, want 72000, 8000 and 20000", fold, got)
		}
	}
}

// 100,836 ratings of 610 users on 9,724 movies: the release's README.
func TestRealMovielensLatest(t *testing.T) {
	dir := realData(t, "ml-latest-small")
	s, err := openMovielensWith(t, func(o *MovieLens) {
		o.Path, o.Split, o.Features = Paths{dir}, &FileSplit{Kind: "order", Fractions: []float64{1, 0, 0}}, []string{"genres"}
	})
	if err != nil {
		t.Fatal(err)
	}
	schema := s.Schema().Sparse
	if got := [...]int{s.Rows(batch.Train), schema[0].Rows, schema[1].Rows, schema[2].Rows}; got != [...]int{100836, 611, 9725, 20} {
		t.Errorf("rows, users, movies and genres with the unknown are %v, want 100836, 611, 9725, 20", got)
	}
}
