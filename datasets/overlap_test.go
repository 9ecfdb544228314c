package datasets

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// clicks are n rows of Criteo's format that differ in C1, from the first on.
func clicks(first, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(criteoCategory(1, fmt.Sprintf("%x", first+i)))
	}
	return b.String()
}

func TestCriteoWarnsOfRepeats(t *testing.T) {
	const tail = "rows stand in train too, number by number: on them a model is tested for memory"
	for _, c := range []struct {
		name       string
		test       string
		validFirst int
		want       []string
	}{
		{"others", clicks(2000, 100), 3000, nil},
		{"1 in 100", clicks(2000, 99) + clicks(5, 1), 3000, nil},
		{"2 in 100", clicks(2000, 98) + clicks(5, 2), 3000, []string{"2 of 100 test " + tail}},
		{"another label", strings.ReplaceAll(clicks(0, 100), "0\t\t", "1\t\t"), 3000, nil},
		{"train again", clicks(0, 1200), 3000, []string{"test.tsv.gz has the same content as train.tsv", "1,200 of 1,200 test " + tail}},
		{"valid too", clicks(500, 100), 1195, []string{"5 of 10 valid " + tail, "100 of 100 test " + tail}},
	} {
		folder(t, map[string]string{"train.tsv": clicks(0, 1200), "valid.tsv": clicks(c.validFirst, 10), "test.tsv.gz": c.test})
		s, err := openCriteoWith(t, func(o *Criteo) {
			o.Train, o.Valid, o.Test = Paths{"train.tsv"}, Paths{"valid.tsv"}, Paths{"test.tsv"}
			o.HashRows = 1 // ids that are all one repeat nothing
		})
		if err != nil {
			t.Fatal(err)
		}
		const hashed = "1,200 of 1,225 values of hashed fields (98.0 %) share an id with another: most in C1 (100.0 %)"
		if got := s.About().Warnings; !reflect.DeepEqual(got, append(c.want, hashed)) {
			t.Errorf("%s: warnings are\n  %q\nwant\n  %q", c.name, got, c.want)
		}
	}
}

// In a folder's u.data, which stands for train, are the four ratings of small; item 40 is no one's.
func TestMovielensWarnsOfPairs(t *testing.T) {
	const tail = "ratings are of (user, item) pairs that stand in train: their error is that of memory"
	for _, c := range []struct {
		test string
		want []string
	}{
		{"7\t40\t3\t40\n10\t7\t3\t40\n", nil},
		{"7\t40\t3\t40\n7\t10\t1\t99\n", []string{"1 of 2 test " + tail}}, // rated otherwise at another time
		{small["u.data"], []string{"u.test has the same content as u.data", "4 of 4 test " + tail}},
	} {
		folder(t, map[string]string{"u.data": small["u.data"], "u.test": c.test, "u.valid": "9\t40\t3\t40\n"})
		s, err := openMovielensWith(t, func(o *MovieLens) {
			o.Train, o.Valid, o.Test = Paths{"."}, Paths{"u.valid"}, Paths{"u.test"}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.About().Warnings; !reflect.DeepEqual(got, c.want) {
			t.Errorf("warnings are\n  %q\nwant\n  %q", got, c.want)
		}
	}
}

// Samples drawn apart warn of nothing. A folder as train is all its ratings, those of every fold among them.
func TestRealRepeats(t *testing.T) {
	clicks := realData(t, "criteo-kaggle")
	for _, c := range [][2]string{{"rand15k.train.tsv.gz", "rand5k.test.tsv.gz"}, {"time.rows0-14999.tsv.gz", "time.rows80000-89999.tsv.gz"}} {
		s, err := openCriteoWith(t, func(o *Criteo) {
			o.Train, o.Test, o.ValidFrom = Paths{filepath.Join(clicks, c[0])}, Paths{filepath.Join(clicks, c[1])}, "random"
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.About().Warnings; got != nil {
			t.Errorf("%v: warnings are %q, want none", c, got)
		}
	}
	ratings := realData(t, "ml-100k")
	const tail = "ratings are of (user, item) pairs that stand in train: their error is that of memory"
	for _, c := range []struct {
		train, valid string
		want         []string
	}{
		{"u1.base", "", nil},
		{"", "u2.test", []string{"20,000 of 20,000 valid " + tail, "20,000 of 20,000 test " + tail}},
	} {
		s, err := openMovielensWith(t, func(o *MovieLens) {
			o.Train, o.Test = Paths{filepath.Join(ratings, c.train)}, Paths{filepath.Join(ratings, "u1.test")}
			if c.valid != "" {
				o.Valid = Paths{filepath.Join(ratings, c.valid)}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.About().Warnings; !reflect.DeepEqual(got, c.want) {
			t.Errorf("train = %q: warnings are %q, want %q", c.train, got, c.want)
		}
	}
}
