package report

import (
	"math"
	"slices"
	"testing"
)

func TestFormats(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{scaled(0), "0"},
		{scaled(999), "999"},
		{scaled(999.9), "1.00k"},
		{scaled(1234567), "1.23M"},
		{scaled(12.34), "12.3"},
		{scaled(3e15), "3000T"},
		{scaled(math.Inf(1)), "–"},
		{Count(20000), "20k"},
		{Count(1.5e6), "1.5M"},
		{fixed(-0.5, 1), "−0.5"},
		{fixed(-0.0001, 2), "0.00"},
		{fixed(math.NaN(), 2), "–"},
		{fixed(-1.8417e29, 4), "−1.84e+29"},
		{percent(0.97312), "97.3 %"},
		{percent(math.NaN()), "–"},
		{percent(-1), "−100.0 %"},
		{percent(-33768.48), "< −100 %"},
		{digits3(0.001234), "0.00123"},
		{digits3(99.96), "100"},
		{duration(0.0123), "12.3 ms"},
		{duration(1.5), "1.50 s"},
		{duration(90), "1 min 30 s"},
		{duration(3700), "1 h 01 min"},
		{Rough(0.034), "0.034 s"},
		{Rough(9.1), "9.1 s"},
		{Rough(40.4), "40 s"},
		{Rough(99.6), "2 min"},
		{Rough(5969), "99 min"},
		{Rough(5971), "1.7 h"},
		{Memory(8 << 30), "8.00 GiB"},
		{Memory(512), "512 B"},
		{thousands(1234567), "1\u202f234\u202f567"},
		{thousands(12), "12"},
		{clip("embedding", 5), "em…ng"},
		{plural(1, "seed"), "1 seed"},
		{plural(3, "seed"), "3 seeds"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Two digits of the half-width are shown: more would be noise, fewer would hide it.
func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		half []float64
		want int
	}{
		{nil, 4},
		{[]float64{math.NaN(), 0}, 4},
		{[]float64{0.0025}, 4},
		{[]float64{0.00025}, 5},
		{[]float64{0.3}, 3},
		{[]float64{1e-9}, 6},
	} {
		if got := decimals(c.half); got != c.want {
			t.Errorf("decimals(%v) = %d, want %d", c.half, got, c.want)
		}
	}
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a–b ±½": 6, "因子 FM": 7, "e\u0301": 1, "🚀\uFE0F!": 3, "ｆ": 2, "العربية": 7} {
		if got := Width(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestBrief(t *testing.T) {
	for _, c := range []struct {
		n            int
		labels, want []string
	}{
		{20, []string{"fm dim=8"}, []string{"fm dim=8"}},
		{20, []string{"fm embedding_dim=8", "xdeepfm embedding_dim=8"}, []string{"fm dim=8", "xdeepfm dim=8"}},
		{24, []string{"fm model.dropout_rate=0.1 learning_rate=0.5"}, []string{"fm dro=0.1 lea=0.5"}},
		{6, []string{"DLRM (dot)"}, []string{"DLR…t)"}},
		// Those that would come out the same keep what tells them apart, in fewer letters where they must.
		{20, []string{"lr", "a model with dim=4 l2=0 in it", "a model with dim=8 l2=0 in it", "a model with dim=8 l2=1 in it"},
			[]string{"lr", "a model… dim=4 l2=0", "a model… dim=8 l2=0", "a model… dim=8 l2=1"}},
		{18, []string{"a model learning_rate=0.1 size=128", "a model learning_rate=0.1 size=256", "a model learning_rate=0.3 size=128"},
			[]string{"a m… ra=0.1 si=128", "a m… ra=0.1 si=256", "a m… ra=0.3 si=128"}},
		{8, []string{"encoder one of all", "encoder two of all"}, []string{"enc… one", "enc… two"}},
		{8, []string{"wholeheartedlyalongwordA.end", "wholeheartedlyalongwordB.end"}, []string{"who…nd…1", "who…nd…2"}},
	} {
		if got := brief(c.labels, func(s string) bool { return Width(s) <= c.n }); !slices.Equal(got, c.want) {
			t.Errorf("brief(%v) to %d is %v, want %v", c.labels, c.n, got, c.want)
		}
	}
}
