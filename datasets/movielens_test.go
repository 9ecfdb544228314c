package datasets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
)

// Four ratings in each of the three formats, with the same users, movies and genres.
var (
	small = map[string]string{
		"u.data": "7\t10\t3\t40\n7\t20\t5\t10\n8\t10\t1\t30\n9\t30\t4\t20\n",
		"u.item": "10|Toy Story (1995)|01-Jan-1995||u|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n" +
			"20|Heat (1995)|01-Jan-1995||u|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n" +
			"30|?|||u|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
		"u.user": "7|24|M|technician|85711\n8|53|F|other|94043\n9|24|M|other|0\n",
	}
	million = map[string]string{
		"ratings.dat": "7::10::3::40\n7::20::5::10\n8::10::1::30\n9::30::4::20\n",
		"movies.dat":  "10::Toy Story (1995)::Animation|Children's|Comedy\n20::Heat (1995)::Action\n30::A::B::\n",
		"users.dat":   "7::M::18::12::85711\n8::F::50::0::94043\n9::M::18::0::0\n",
	}
	latest = map[string]string{
		"ratings.csv.gz": "userId,movieId,rating,timestamp\r\n7,10,3.0,40\r\n7,20,5.0,10\r\n8,10,1.0,30\r\n9,30,4.0,20\r\n",
		"movies.csv":     "movieId,title,genres\n10,Toy Story (1995),Animation|Children|Comedy\n20,\"Heat, The\",Action\n30,A,(no genres listed)\n",
	}
)

func openMovielensWith(t *testing.T, change func(*MovieLens)) (Source, error) {
	o := movielensDefaults()
	change(&o)
	return openMovielens(t.Context(), Env{}, o)
}

func TestMovielensFormats(t *testing.T) {
	for _, c := range []struct {
		files    map[string]string
		features []string
		least    float32
		want     []string // user, item, features of each rating; all are in training
	}{
		{small, nil, 1, []string{"[1][1]3", "[1][2]5", "[2][1]1", "[3][3]4"}},
		{small, []string{"genres", "age", "gender", "occupation"}, 1, []string{ // ids of genres come as their movies do
			"[1][1][1 2 3][1][1][1]3", "[1][2][4][1][1][1]5", "[2][1][1 2 3][2][2][2]1", "[3][3][][1][1][2]4"}},
		{million, []string{"occupation", "genres"}, 1, []string{
			"[1][1][1][1 2 3]3", "[1][2][1][4]5", "[2][1][2][1 2 3]1", "[3][3][2][]4"}},
		{latest, []string{"genres"}, 0.5, []string{"[1][1][1 2 3]3", "[1][2][4]5", "[2][1][1 2 3]1", "[3][3][]4"}},
	} {
		folder(t, c.files)
		s, err := openMovielensWith(t, func(o *MovieLens) {
			o.Path, o.Split, o.Features = Paths{"."}, &FileSplit{Kind: "order", Fractions: []float64{1, 0, 0}}, c.features
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := ratingRows(s, batch.Train); !slices.Equal(got, c.want) {
			t.Errorf("got  %v\nwant %v", got, c.want)
		}
		if r := s.Schema().Rating; r == nil || r.Min != c.least || r.Max != 5 {
			t.Errorf("ratings range over %v, want %g to 5", r, c.least)
		}
		checkSource(t, s)
	}
}

// ratingRows returns each row's bags of ids and its rating.
func ratingRows(s Source, split batch.Split) (rows []string) {
	for b := range s.Batches(split, 100, 0) {
		for i := range b.N {
			text := ""
			for _, bags := range b.Sparse {
				text += fmt.Sprint(bags.Bag(i))
			}
			rows = append(rows, text+fmt.Sprint(b.Label[i]))
		}
	}
	return rows
}

// Times are 40, 10, 30, 20. In training are 5, 4 and then 1; the rating of 3 is of user 7, whom training knows, and
// of item 10, likewise.
func TestMovielensByTime(t *testing.T) {
	folder(t, small)
	s, err := openMovielensWith(t, func(o *MovieLens) {
		o.Path, o.Split = Paths{"u.data"}, &FileSplit{Kind: "time", Fractions: []float64{0.5, 0.25, 0.25}}
	})
	if err != nil {
		t.Fatal(err)
	}
	for split, want := range [][]string{{"[1][1]5", "[2][2]4"}, {"[0][0]1"}, {"[1][0]3"}} {
		if got := ratingRows(s, batch.Split(split)); !slices.Equal(got, want) {
			t.Errorf("%v is %v, want %v", batch.Split(split), got, want)
		}
	}
}

func TestMovielensRefuses(t *testing.T) {
	for _, c := range []struct {
		files  map[string]string
		change func(*MovieLens)
		want   string
	}{
		{small, func(o *MovieLens) { o.Task = "ranking" }, `data.task is "ranking", want rating or implicit`},
		{small, func(o *MovieLens) { o.Negatives = new(4) }, `data.negatives is of no use with task "rating"`},
		{small, func(o *MovieLens) { o.Features = []string{"zip"} }, `data.features[0] is "zip", want one of genres, age, gender, occupation`},
		{small, func(o *MovieLens) { o.Split = &FileSplit{Kind: "user"} }, `data.split.kind is "user", want random, order or time`},
		{latest, func(o *MovieLens) { o.Features = []string{"age"} }, `data.features: MovieLens latest says nothing of age`},
		{map[string]string{"u.data": small["u.data"]}, func(o *MovieLens) { o.Features = []string{"genres"} }, `data.features: genres comes from u.item, which is not beside the ratings in .`},
		{map[string]string{"x": ""}, func(o *MovieLens) {}, `data.path: . has no u.data, ratings.dat or ratings.csv`},
		{map[string]string{"u.data": "1 2 3 4\n"}, func(o *MovieLens) {}, `u.data:1: is "1 2 3 4", want user, item, rating and time separated by tabs, :: or commas under userId,movieId,rating,timestamp`},
		{map[string]string{"u.data": "1\t2\t3\t4\n1\t2\t3\n"}, func(o *MovieLens) {}, `u.data:2: has 3 columns, want 4: user, item, rating, time`},
		{map[string]string{"u.data": "1\t2\t6\t4\n"}, func(o *MovieLens) {}, `u.data:1: column 3 (rating) is "6", want a number from 1 to 5`},
		{map[string]string{"u.data": "1\t2\tNaN\t4\n"}, func(o *MovieLens) {}, `u.data:1: column 3 (rating) is "NaN", want a number from 1 to 5`},
		{map[string]string{"u.data": "-1\t2\t3\t4\n"}, func(o *MovieLens) {}, `u.data:1: column 1 (user) is "-1", want an integer from 0 to 2147483647`},
		{map[string]string{"u.data": "1\t\t3\t4\n"}, func(o *MovieLens) {}, `u.data:1: column 2 (item) is "", want an integer from 0 to 2147483647`},
		{map[string]string{"u.data": "1\t2\t3\tx\n"}, func(o *MovieLens) {}, `u.data:1: column 4 (time) is "x", want an integer`},
		{map[string]string{"u.data": "1\t2\t3\t4\n", "u.item": "1|x\n"}, func(o *MovieLens) { o.Features = []string{"genres"} }, `u.item:1: has 2 columns, want 24 with | between`},
	} {
		folder(t, c.files)
		_, err := openMovielensWith(t, func(o *MovieLens) { o.Path = Paths{"."}; c.change(o) })
		if errorText(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	folder(t, map[string]string{"a": small["u.data"], "b": million["ratings.dat"]})
	_, err := openMovielensWith(t, func(o *MovieLens) { o.Train, o.Test = Paths{"a"}, Paths{"b"} })
	if want := "b:1: is of MovieLens 1M and the file before of MovieLens 100K, want one format"; errorText(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestMovielensWithoutAttributes(t *testing.T) {
	files := map[string]string{"u.data": small["u.data"], "u.user": "7|24|M|technician|85711\n"}
	folder(t, files)
	s, err := openMovielensWith(t, func(o *MovieLens) { o.Path, o.Features = Paths{"."}, []string{"gender"} })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"test was to have 0.1 of the rows and has none: there are too few", "2 ratings are of users without attributes"}
	if w := s.About().Warnings; !slices.Equal(w, want) {
		t.Errorf("warnings are %q, want %q", w, want)
	}
}

// FuzzMovielens: a file is read or refused, with ids and ratings in range, and attributes likewise.
func FuzzMovielens(f *testing.F) {
	for _, files := range []map[string]string{small, million, latest} {
		for _, text := range files {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		lines := strings.Split(string(content), "\n")
		for _, format := range append(ratingFormats, pairFormat) {
			l := format.lines(nil, nil, false)
			var rows raw.Rows
			rows.Reset(l.Layout)
			p := l.Parser()
			for _, line := range lines {
				_ = p.Parse(&rows, []byte(line))
			}
			if len(rows.Label) != rows.N || len(rows.Time) != rows.N || len(rows.Keys[0]) != rows.N || len(rows.Keys[1]) != rows.N {
				t.Errorf("%d rows of lengths %d, %d, %d, %d", rows.N, len(rows.Label), len(rows.Time), len(rows.Keys[0]), len(rows.Keys[1]))
			}
			for i, rating := range rows.Label {
				if format != pairFormat && (rating < 0.5 || rating > 5) || rows.Keys[0][i]-1 > maxRows || rows.Keys[1][i]-1 > maxRows {
					t.Errorf("user %d, item %d, rating %g", rows.Keys[0][i]-1, rows.Keys[1][i]-1, rating)
				}
			}
			if format == pairFormat {
				continue
			}
			a := &attributes{values: map[string]map[string]int32{}, bag: map[int32]int32{}, users: map[int32]map[string]int32{}}
			a.genres.Offsets = []int32{0, 0}
			for _, line := range lines {
				_ = format.item(a, []byte(line))
				if format.user != nil {
					_ = format.user(a, []byte(line))
				}
			}
			for _, bag := range a.bag {
				a.genres.Bag(int(bag))
			}
		}
	})
}
