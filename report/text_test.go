package report

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"ctrlab/internal/store"
)

// board is an experiment whose numbers can be checked by hand. Over three seeds Student's t is 4.303, so a standard deviation of
// 0.001 has the half-width 4.303·0.001/√3 = 0.0025. wide beats narrow by 0.009, 0.010 and 0.011: t = 0.010/(0.001/√3) = 17,
// where three pairs of three seeds want 7.5; lr is behind by 0.1 on all seeds alike. So wide alone is in front.
func board() *store.Report {
	r := &store.Report{
		Experiment:   store.Experiment{Name: "board", Question: "Which is best?"},
		Datasets:     []store.Dataset{{ID: "d", Source: "synthetic"}},
		Environments: []store.Environment{{ID: "e"}},
	}
	for _, v := range []struct {
		label  string
		auc    [3]float64
		params float64
	}{
		{"lr", [3]float64{0.699, 0.700, 0.701}, 1001},
		{"narrow", [3]float64{0.790, 0.790, 0.790}, 20_000},
		{"wide", [3]float64{0.799, 0.800, 0.801}, 1_500_000},
	} {
		for i, auc := range v.auc {
			r.Trials = append(r.Trials, store.Trial{ID: v.label + string(rune('1'+i)), Label: v.label, Variant: v.label, Seed: uint64(i + 1), Dataset: "d", State: "done",
				Results: map[string]float64{"test.auc": auc, "test.logloss": 1.2 - auc, "params": v.params, "train.examples_per_second": 2e9 / v.params}})
		}
	}
	return r
}

func TestLeaderboard(t *testing.T) {
	equal := board() // narrow's third seed is as good: the difference is 0.002, 0.003, 0 and no longer shows
	equal.Trials[5].Results["test.auc"] = 0.801
	broken := board() // two seeds: t is 12.71, the half-widths of wide and of its lead over narrow 12.71·0.00141/√2 = 0.0127
	fail(&broken.Trials[7], "out of memory")
	broken.Trials[2].Results["test.auc"] = math.Inf(1)
	broken.Trials[8].Shared = true
	for _, c := range []struct {
		name   string
		report *store.Report
		want   string
	}{
		{"one in front", board(), `
board: Which is best?
  wide leads in test AUC (0.8000 ± 0.0025), ahead of narrow by 0.0100 ± 0.0043.
  lr is worse by 0.1000 ± 0.0000; narrow trains 75.0 × as fast as wide.

  variant  test AUC        log loss  train/s  params                   interval
● wide     0.8000 ±0.0025    0.4000    1.33k   1.50M                        ─●
  narrow   0.7900 ±0.0000    0.4100     100k   20.0k                      ●
  lr       0.7000 ±0.0025    0.5000    2.00M   1.00k   ●─
  ● cannot be told from the best (95 % intervals of all pairs together).
  ± is the 95 % interval of the mean over 3 seeds (initial values and data
  order; data and split stay the same).
  3 seeds and 2 comparisons: a difference stands out above about 0.0022 (0 to
  0.0043, the more its seeds disagree). A true difference of 0.0046 is seen four
  times in five; half of that, 0.0023, would take 5 seeds.
`},
		{"equals", equal, `
board: Which is best?
  wide and narrow lead in test AUC and cannot be told apart (difference 0.006 ±
  0.024); 8 more seeds would likely resolve it.
  lr is worse by 0.1000 ± 0.0000; of the leaders narrow trains fastest, 75.0 ×
  as fast as wide.

  variant  test AUC        log loss  train/s  params                   interval
● wide     0.8000 ±0.0025    0.4000    1.33k   1.50M                       ●─
● narrow   0.7937 ±0.0158    0.4100     100k   20.0k                   ───●───
  lr       0.7000 ±0.0025    0.5000    2.00M   1.00k   ●─
  ● cannot be told from the best (95 % intervals of all pairs together).
  ± is the 95 % interval of the mean over 3 seeds (initial values and data
  order; data and split stay the same).
  3 seeds and 2 comparisons: a difference stands out above about 0.012 (0 to
  0.024, the more its seeds disagree); more seeds would tell more apart. A true
  difference of 0.025 is seen four times in five; half of that, 0.013, would
  take 5 seeds.
`},
		{"broken", broken, `
board: Which is best?
  wide and narrow lead in test AUC and cannot be told apart (difference 0.010 ±
  0.037); 1 more seed would likely resolve it.

  variant  test AUC        log loss  train/s  params                   interval
● wide     0.8000 ±0.0127    0.4000    1.33k   1.50M                    ───●──
● narrow   0.7900 ±0.0000    0.4100     100k   20.0k                     ●
  lr       0.6995 ±0.0064    0.5000    2.00M   1.00k   ─●─
  ● cannot be told from the best (95 % intervals of all pairs together).
  ± is the 95 % interval of the mean over 2 to 3 seeds (initial values and data
  order; data and split stay the same).
  2 to 3 seeds cannot separate these: over 1 comparison a difference would have
  to be above 0.037, and the largest is 0.010. More seeds may. A true difference
  of 0.038 is seen four times in five; half of that, 0.019, would take 3 seeds.
  lr shares fewer than two seeds with the best and was not tested.
  Speeds of trials that ran beside others (--jobs) are left out.

8 of 9 trials done, 1 failed.
  wide seed 2: out of memory
`},
		{"nothing", nothing(), `
quickstart: Which interaction recovers planted second-order structure, and at
what cost?

  No trial has a result yet.

0 of 24 trials done, 24 pending.
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := Leaderboard(&b, c.report, Text{}); err != nil {
				t.Fatal(err)
			}
			if b.String() != c.want[1:] {
				t.Errorf("got\n%s\nwant\n%s", b.String(), c.want[1:])
			}
		})
	}
}

// The table fits whatever the labels are, in a narrow terminal too, and has no colour unless asked.
func TestLeaderboardFits(t *testing.T) {
	for _, f := range fixtures {
		for _, columns := range []int{0, 60, 80, 120} {
			var b strings.Builder
			if err := Leaderboard(&b, f.report(), Text{Width: columns}); err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > max(columns, 60) && (columns > 0 || n > 80) {
					t.Errorf("%s: %d columns in a terminal of %d: %s", f.name, n, columns, l)
				}
			}
			if strings.Contains(b.String(), "\x1b") || strings.Contains(b.String(), "NaN") {
				t.Errorf("%s: escapes or NaN in\n%s", f.name, b.String())
			}
		}
	}
}

func TestLeaderboardColour(t *testing.T) {
	var b strings.Builder
	if err := Leaderboard(&b, board(), Text{Color: true}); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[32m●\x1b[0m wide"; !strings.Contains(b.String(), want) {
		t.Errorf("%q is not in %q", want, b.String())
	}
}
