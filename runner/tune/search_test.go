package tune

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/internal/strict"
)

// parse decodes the [tune] table of some lines; the first line is line 1.
func parse(t *testing.T, text string) (Options, error) {
	t.Helper()
	root, err := strict.TOML("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	table, err := root.Table("tune")
	if err != nil {
		t.Fatal(err)
	}
	return Decode(table)
}

func search(t *testing.T, text string) *Search {
	t.Helper()
	o, err := parse(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return &Search{Options: o, Space: o.Space, Repeat: 1}
}

// play runs a search to its end; score is what a point's training comes to.
func play(s *Search, score func(Proposal) float64) (tried []Tried) {
	for {
		p, ok := s.Next(tried)
		if !ok {
			return tried
		}
		tried = append(tried, Tried{p, score(p), 1})
	}
}

const two = `
"train.learning_rate" = { log = [1e-4, 1e-1] }
"model.layers" = { int = [1, 4] }
`

// bowl is best at a learning rate of 0.01 and 3 layers.
func bowl(p Proposal) float64 {
	x, y := math.Log10(p.Point[0])+2, p.Point[1]-3
	return -x*x - y*y/4
}

func TestDecode(t *testing.T) {
	o, err := parse(t, `[tune]
method = "random"
budget = { trials = 20 }
[tune.space]
train.learning_rate = { log = [1e-4, 1e-1] }
"model.embedding_dim" = [8, 16]
model.dropout = { range = [0, 0.5] }
model.top = [[64], [64, 32]]
model.interaction = ["dot", { name = "cross", layers = 2 }]
"train.batch_size" = { log_int = [256, 4096] }
model.layers = { int = [1, 4] }`)
	if err != nil {
		t.Fatal(err)
	}
	if o.Repeats != 3 || o.Seed != 1 || o.Budget.Trials != 20 {
		t.Errorf("%+v", o)
	}
	var got []string
	for _, d := range o.Space {
		got = append(got, d.Key+" "+Spell(d.Choices))
	}
	want := []string{"train.learning_rate []", "model.dropout []", "model.top [[64],[64,32]]", "model.interaction [dot,{layers=2,name=cross}]",
		"model.layers []", "model.embedding_dim [8,16]", "train.batch_size []"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestErrors(t *testing.T) {
	const head = "[tune]\nmethod = 'random'\nbudget = { trials = 5 }\n" // lines 1 to 3
	const grid = "[tune]\nmethod = 'grid'\n"
	for _, c := range []struct{ src, want string }{
		{"[tune]\nbudget = { trials = 5 }", "x.toml:1: tune has no method, want one of grid, random, sobol, tpe, halving"},
		{"[tune]\nmethod = 'tpo'", `x.toml:2: tune.method is "tpo", which there is not; did you mean tpe?`},
		{"[tune]\nmethod = 'random'", "x.toml:1: tune.budget is missing, want { trials = 20 } or { seconds = 600 }: of every search"},
		{"[tune]\nmethod = 'random'\nbudget = { trials = 5, seconds = 9 }", "x.toml:3: tune.budget has both trials and seconds, want one of them: the other is counted, and shown beside it"},
		{"[tune]\nmethod = 'random'\nbudget = { trails = 5 }", "x.toml:3: tune.budget.trails is not a key here; did you mean trials?"},
		{head, `x.toml:1: tune.space is empty, want the keys to tune, like "train.learning_rate" = { log = [1e-4, 1e-1] }`},
		{head + "repeats = 0", "x.toml:4: tune.repeats is 0, want 1 to 1000"},
		{head + "repeat = 2", "x.toml:4: tune.repeat is not a key here; did you mean repeats?"},
		{head + "eta = 3", "x.toml:4: tune.eta is a key that the method random has no use for"},
		{head + "[tune.space]\n'train.learning_rate' = { lgo = [1, 2] }", `x.toml:5: tune.space."train.learning_rate".lgo is not a key here; did you mean log?`},
		{head + "[tune.space]\n'train.learning_rate' = { log = [0, 2] }", `x.toml:5: tune.space."train.learning_rate".log begins at 0, which has no logarithm; want more than 0`},
		{head + "[tune.space]\n'train.learning_rate' = { log = [2, 2] }", `x.toml:5: tune.space."train.learning_rate".log is not [low, high] with low below high`},
		{head + "[tune.space]\n'model.layers' = { int = [1.5, 2] }", `x.toml:5: tune.space."model.layers".int[0] is 1.5, want an integer`},
		{head + "[tune.space]\n'model.layers' = 3", `x.toml:5: tune.space."model.layers" is one value, want a list of values, or one of { range = [a, b] }, { log = [a, b] }, { int = [a, b] }, { log_int = [a, b] }`},
		{head + "[tune.space]\n'model.layers' = [3, 3]", `x.toml:5: tune.space."model.layers" has 3 twice`},
		{head + "[tune.space]\n'model.layers' = { int = [1, 4], points = 2 }", `x.toml:5: tune.space."model.layers" has points, which only a grid has`},
		{grid + "[tune.space]\n'model.dropout' = { range = [0, 1] }", `x.toml:4: tune.space."model.dropout" has no points, which a grid wants: { range = [a, b], points = 5 }`},
		{grid + "[tune.space]\n'model.dropout' = { range = [0, 1], points = 1 }", `x.toml:4: tune.space."model.dropout".points is 1, want 2 to 10000`},
	} {
		if _, err := parse(t, c.src); err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.src, err, c.want)
		}
	}
}

// A search that is taken up after any of its trials goes on as if it had not been broken off, and another repeat goes its own way.
func TestResume(t *testing.T) {
	for _, m := range Methods() {
		text := "[tune]\nmethod = '" + m + "'\nbudget = { trials = 15 }\n[tune.space]" + two
		if m == "grid" {
			text = strings.Replace(text, "1e-1]", "1e-1], points = 5", 1)
		}
		whole := play(search(t, text), bowl)
		trials, _ := Spent(whole)
		if math.Abs(trials-15) > 1e-9 {
			t.Errorf("%s: spent %v trials, want 15", m, trials)
		}
		for k := range whole {
			if p, ok := search(t, text).Next(whole[:k]); !ok || !reflect.DeepEqual(p, whole[k].Proposal) {
				t.Errorf("%s: after %d trials it proposes %v, %v; want %v", m, k, p, ok, whole[k].Proposal)
			}
		}
		other := search(t, text)
		other.Repeat = 2
		if reflect.DeepEqual(play(other, bowl), whole) {
			t.Errorf("%s: two repeats are the same", m)
		}
	}
}

// Keys that two spaces share are given the same values by independent draws.
func TestCommonDraws(t *testing.T) {
	a := search(t, "[tune]\nmethod = 'random'\nbudget = { trials = 5 }\n[tune.space]"+two)
	b := search(t, "[tune]\nmethod = 'random'\nbudget = { trials = 5 }\n[tune.space]\n'model.x' = [1, 2]\n'train.learning_rate' = { log = [1e-4, 1e-1] }\n")
	for k, x := range play(a, bowl) {
		if y := play(b, bowl)[k]; x.Point[0] != y.Point[1] {
			t.Errorf("trial %d: learning rates %v and %v", k, x.Point[0], y.Point[1])
		}
	}
}

func TestSeconds(t *testing.T) {
	s := search(t, "[tune]\nmethod = 'random'\nbudget = { seconds = 3.5 }\n[tune.space]"+two)
	if n := len(play(s, bowl)); n != 4 { // the fourth begins at 3 s
		t.Errorf("%d trials of a second each within 3.5 s, want 4", n)
	}
}

// A space of six points ends after six trials, of whatever budget, and has each once.
func TestExhausted(t *testing.T) {
	for _, m := range []string{"grid", "random", "sobol", "tpe"} {
		s := search(t, "[tune]\nmethod = '"+m+"'\nbudget = { trials = 50 }\n[tune.space]\n'model.a' = [1, 2, 3]\n'model.b' = { int = [1, 2] }")
		seen := map[[2]float64]bool{}
		tried := play(s, func(p Proposal) float64 { return p.Point[0] })
		for _, x := range tried {
			seen[[2]float64(x.Point)] = true
		}
		if len(tried) != 6 || len(seen) != 6 {
			t.Errorf("%s: %d trials of %d points, want 6 of 6", m, len(tried), len(seen))
		}
	}
}

func TestGrid(t *testing.T) {
	s := search(t, "[tune]\nmethod = 'grid'\n[tune.space]\n'train.a' = { log = [1e-4, 1e-2], points = 3 }\n'model.b' = ['x', 'y']")
	var got []Point
	for _, x := range play(s, func(Proposal) float64 { return 0 }) {
		got = append(got, x.Point)
	}
	slices.SortFunc(got, func(a, b Point) int { return slices.Compare(a, b) })
	if want := []Point{{1e-4, 0}, {1e-4, 1}, {1e-3, 0}, {1e-3, 1}, {1e-2, 0}, {1e-2, 1}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		dim  string
		u    float64
		want any
	}{
		{"{ range = [0, 0.5] }", 0, 0.0}, {"{ range = [0, 0.5] }", 1, 0.5}, {"{ range = [1, 4] }", 1.0 / 3, 2.0},
		{"{ log = [1e-4, 1] }", 0.5, 0.01}, {"{ log = [1e-4, 1] }", 0.123456, 0.0003118}, // 10^(4·0.123456 − 4) to four digits
		{"{ int = [1, 4] }", 0.249, int64(1)}, {"{ int = [1, 4] }", 0.251, int64(2)}, {"{ int = [1, 4] }", 1, int64(4)},
		{"{ log_int = [1, 2] }", 0.68, int64(1)}, {"{ log_int = [1, 2] }", 0.69, int64(2)}, // ln 3 / ln 5 = 0.683
		{"['a', 'b', 'c']", 0.34, "b"}, {"['a', 'b', 'c']", 1, "c"},
	} {
		s := search(t, "[tune]\nmethod = 'random'\nbudget = { trials = 5 }\n[tune.space]\n'model.x' = "+c.dim).Space
		if got := s.Values(Point{s[0].at(c.u)})[0]; got != c.want {
			t.Errorf("%s at %v is %v, want %v", c.dim, c.u, got, c.want)
		}
	}
}

func TestBest(t *testing.T) {
	at := func(share, score float64) Tried { return Tried{Proposal{Share: share}, score, 1} }
	nan := math.NaN()
	for _, c := range []struct {
		tried []Tried
		want  int
	}{
		{nil, -1},
		{[]Tried{at(1, nan)}, -1},
		{[]Tried{at(1, nan), at(1, 2), at(1, 3), at(1, 3)}, 2},
		{[]Tried{at(1.0/9, 9), at(1.0/3, 5), at(1, 4), at(1.0/9, 8)}, 2}, // trained longest
		{[]Tried{at(1.0/9, 9), at(1, nan)}, 0},
	} {
		if got := Best(c.tried); got != c.want {
			t.Errorf("%v: %d, want %d", c.tried, got, c.want)
		}
	}
}

// A budget of five trials with η = 2 and three rungs: a bracket of 4, 2 and 1 for three, and one of 2 and 1 for two. The
// score is the learning rate.
func TestHalving(t *testing.T) {
	s := search(t, "[tune]\nmethod = 'halving'\neta = 2\nrungs = 3\nbudget = { trials = 5 }\n[tune.space]"+two)
	tried := play(s, func(p Proposal) float64 { return p.Point[0] })
	var shares []float64
	for _, x := range tried {
		shares = append(shares, x.Share)
	}
	if want := []float64{.25, .25, .25, .25, .5, .5, 1, .5, .5, 1}; !slices.Equal(shares, want) {
		t.Fatalf("shares %v, want %v", shares, want)
	}
	rates := []float64{}
	for _, x := range tried[:4] {
		rates = append(rates, x.Point[0])
	}
	slices.Sort(rates)
	if tried[4].Point[0] != rates[3] || tried[5].Point[0] != rates[2] || tried[6].Point[0] != rates[3] {
		t.Errorf("of %v it promotes %v, %v, %v", rates, tried[4].Point[0], tried[5].Point[0], tried[6].Point[0])
	}
	if Best(tried) != 6 && Best(tried) != 9 {
		t.Errorf("chooses trial %d", Best(tried))
	}

	// Where all fail nothing is promoted, and what is left pays for draws: three brackets of a rung each, one of two draws, one of one.
	shares = nil
	for _, x := range play(s, func(Proposal) float64 { return math.NaN() }) {
		shares = append(shares, x.Share)
	}
	if want := append(slices.Repeat([]float64{.25}, 12), .5, .5, 1); !slices.Equal(shares, want) {
		t.Errorf("where all fail, shares are %v, want %v", shares, want)
	}
}

func TestJSON(t *testing.T) {
	s := search(t, "[tune]\nmethod = 'grid'\n[tune.space]\n'train.a' = { log = [1e-4, 1e-2], points = 3 }\n'model.b' = ['x', 2, [8, 4], { name = 'y' }]").Space
	got, err := json.Marshal(s)
	want := `[{"key":"train.a","choices":null,"low":0.0001,"high":0.01,"log":true,"integer":false,"points":3},` +
		`{"key":"model.b","choices":["x",2,"[8,4]","{name=y}"],"low":0,"high":0,"log":false,"integer":false,"points":0}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

// Whatever stands in a table, it is refused or makes a search that proposes points within its bounds.
func FuzzDecode(f *testing.F) {
	f.Add("method = 'random'\nbudget = { trials = 5 }\n[tune.space]" + two)
	f.Add("method = 'grid'\n[tune.space]\n'train.a' = { log = [1e-300, 1e300], points = 3 }\n'model.b' = ['x', 2, [8, 4], { name = 'y' }]")
	f.Add("method = 'halving'\nrungs = 20\neta = 100\nbudget = { seconds = 1 }\nspace = { model.x = { log_int = [1, 9007199254740993] } }")
	f.Add("method = 'tpe'\nstartup = 2\nbudget = { trials = 1 }\n[tune.space]\nmodel.x = { int = [-9223372036854775807, 9223372036854775807] }")
	f.Fuzz(func(t *testing.T, text string) {
		root, err := strict.TOML("x.toml", []byte("[tune]\n"+text))
		if err != nil {
			return
		}
		table, err := root.Table("tune")
		if table == nil || err != nil {
			return
		}
		o, err := Decode(table)
		if err != nil {
			return
		}
		s := &Search{Options: o, Space: o.Space, Repeat: 1}
		var tried []Tried
		for range 4 {
			p, ok := s.Next(tried)
			if !ok {
				break
			}
			for i, d := range s.Space {
				if low, high := 0.0, float64(len(d.Choices)-1); d.Choices != nil && (p.Point[i] < low || p.Point[i] > high) {
					t.Fatalf("choice %v of %d", p.Point[i], len(d.Choices))
				}
				if d.Choices == nil && !(p.Point[i] >= d.Low && p.Point[i] <= d.High) {
					t.Fatalf("%v outside %v to %v", p.Point[i], d.Low, d.High)
				}
			}
			s.Space.Values(p.Point)
			tried = append(tried, Tried{p, float64(len(tried)), 1})
		}
	})
}
