package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// A tuning is the searches for a variant's configuration, a repeat each.
type tuning struct {
	label    string
	place    int
	searches []store.Search
	measure  // that chooses
}

// tunings are those of the group, in plan order.
func (s *summary) tunings(g *group) []*tuning {
	var out []*tuning
	for _, x := range s.Searches {
		if len(x.Tried) == 0 || x.Tried[0].Dataset != g.data.ID {
			continue
		}
		i := slices.IndexFunc(out, func(t *tuning) bool { return t.label == x.Label })
		if i < 0 {
			i = len(out)
			out = append(out, &tuning{label: x.Label, place: s.place(x.Label), measure: measureOf(x.Metric)})
		}
		out[i].searches = append(out[i].searches, x)
	}
	return out
}

// score is what a trial scored on valid, NaN where it failed.
func (t *tuning) score(x store.Tried) float64 { return valueOf(x.Trial, t.name) }

func (t *tuning) better(a, b float64) bool {
	return !math.IsNaN(a) && (math.IsNaN(b) || t.Better == metric.Higher && a > b || t.Better == metric.Lower && a < b)
}

// A climb is the best on valid of a search against what it had spent: full trainings, and seconds of training.
type climb struct{ trials, seconds, best []float64 }

// climb goes by the trials that were trained longest so far, as the search does when it chooses.
func (t *tuning) climb(s store.Search) climb {
	var c climb
	trials, seconds, share, best := 0.0, 0.0, 0.0, math.NaN()
	for _, x := range s.Tried {
		if x.State != "done" && x.State != "failed" {
			break
		}
		trials, seconds = trials+x.Share, seconds+x.Seconds
		if y := t.score(x); !math.IsNaN(y) && (x.Share > share || x.Share == share && t.better(y, best)) {
			share, best = x.Share, y
		}
		c.trials, c.seconds, c.best = append(c.trials, trials), append(c.seconds, seconds), append(c.best, best)
	}
	return c
}

// at is the best of a climb when x was spent; NaN before the first trial ended, and after the last.
func at(spent, best []float64, x float64) float64 {
	i, found := slices.BinarySearch(spent, x+1e-9)
	if !found {
		i--
	}
	if i < 0 || len(spent) > 0 && x > spent[len(spent)-1]+1e-9 {
		return math.NaN()
	}
	return best[i]
}

// after is the best on valid after some trials: of independent ones what is expected of as many, whatever their order, else the
// mean of the searches.
func (t *tuning) after(k int) float64 {
	if t.searches[0].Method == "random" {
		return t.expected(k)
	}
	var all []float64
	for _, s := range t.searches {
		c := t.climb(s)
		all = append(all, at(c.trials, c.best, float64(k)))
	}
	return stat.Mean(all)
}

// expected is the expected best of k trials, by those of all searches; NaN for more than the shortest search had.
func (t *tuning) expected(k int) float64 {
	var all []float64
	for _, s := range t.searches {
		n := len(t.climb(s).best)
		if k > n {
			return math.NaN()
		}
		for _, x := range s.Tried[:n] {
			all = append(all, t.score(x))
		}
	}
	return stat.BestOf(all, k, t.Better == metric.Higher)
}

// spent are the means over searches: of full trainings, seconds, and trials that failed.
func (t *tuning) spent() (trials, seconds, failed float64) {
	n := float64(len(t.searches))
	for _, s := range t.searches {
		c := t.climb(s)
		if k := len(c.best); k > 0 {
			trials, seconds = trials+c.trials[k-1]/n, seconds+c.seconds[k-1]/n
		}
		for _, x := range s.Tried {
			failed += float64(indicator(x.State == "failed")) / n
		}
	}
	return trials, seconds, failed
}

// point spells a trial's values.
func point(x store.Tried) string {
	var values map[string]any
	if json.Unmarshal([]byte(x.Point), &values) != nil {
		return x.Point
	}
	var words []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		words = append(words, fmt.Sprintf("%s=%v", key[strings.LastIndex(key, ".")+1:], values[key]))
	}
	return strings.Join(words, " ")
}

// budget says what the searches could spend.
func budget(all []*tuning) string {
	s := all[0].searches[0]
	repeats := 0
	for _, t := range all {
		repeats = max(repeats, len(t.searches))
	}
	spend := "all points"
	switch {
	case s.Trials > 0:
		spend = plural(s.Trials, "trial")
	case s.Seconds > 0:
		spend = Rough(s.Seconds) + " of training"
	}
	return fmt.Sprintf("%s, %s a search, %s of each variant", s.Method, spend, plural(repeats, "repeat"))
}

// doubts are what to know when budgets are compared.
func doubts(all []*tuning) (out []string) {
	type spending struct {
		label           string
		trials, seconds float64
	}
	var l []spending
	open := 0
	for _, t := range all {
		trials, seconds, _ := t.spent()
		l = append(l, spending{t.label, trials, seconds})
		for _, s := range t.searches {
			open += indicator(!s.Ended)
			if s.Ended && s.Chosen < 0 {
				out = append(out, fmt.Sprintf("Repeat %d of %s chose nothing: all its trials failed.", s.Repeat, t.label))
			}
		}
	}
	if open > 0 {
		out = append(out, fmt.Sprintf("%s still under way.", count(open, "search is", "searches are")))
	}
	least := func(by func(spending) float64) (spending, spending) {
		lo := slices.MinFunc(l, func(a, b spending) int { return sign(by(a) - by(b)) })
		hi := slices.MaxFunc(l, func(a, b spending) int { return sign(by(a) - by(b)) })
		return lo, hi
	}
	bySeconds := all[0].searches[0].Seconds > 0
	lo, hi := least(func(s spending) float64 { return s.trials })
	if hi.trials > 1.01*lo.trials && !bySeconds && open == 0 {
		out = append(out, fmt.Sprintf("Budgets differ: %s had %s trials a search and %s only %s, since its space has no more.", hi.label, short(hi.trials), lo.label, short(lo.trials)))
	} else if hi.trials > 1.5*lo.trials && bySeconds {
		out = append(out, fmt.Sprintf("Equal seconds are not equal trials: %s had %s a search and %s %s, which favours what trains fast.", hi.label, short(hi.trials), lo.label, short(lo.trials)))
	}
	if lo, hi = least(func(s spending) float64 { return s.seconds }); hi.seconds > 1.5*lo.seconds {
		out = append(out, fmt.Sprintf("Searches took unequal seconds of training: %s of %s, %s of %s. Equal trials favour small spaces, equal seconds fast kernels.",
			Rough(hi.seconds), hi.label, Rough(lo.seconds), lo.label))
	}
	return out
}

func sign(x float64) int { return indicator(x > 0) - indicator(x < 0) }

// short writes a count of trials, which halving makes broken.
func short(x float64) string { return strings.TrimSuffix(fixed(x, 1), ".0") }

// stages are the budgets at which the best so far is told: 1, 2, 5, 10, … and the whole.
func stages(all []*tuning) (out []int) {
	most := 0
	for _, t := range all {
		trials, _, _ := t.spent()
		most = max(most, int(trials+1e-9))
	}
	for k := 1; k < most; k *= 10 {
		for _, f := range []int{1, 2, 5} {
			if f*k < most {
				out = append(out, f*k)
			}
		}
	}
	if most > 0 {
		out = append(out, most)
	}
	return out
}

// sealed says whether test may not be seen yet.
func (s *summary) sealed() bool { return s.Experiment.Tuned && len(s.Unseals) == 0 }

// seal is the sentences about who has seen test.
func (s *summary) seal(g *group) (out []string) {
	switch {
	case s.sealed():
		out = append(out, fmt.Sprintf("Test is sealed. Valid, which chose the configurations, flatters them. Once all is run, ctrlab unseal %s --why REASON shows test.", s.Experiment.Name))
	case s.Experiment.Tuned:
		u := s.Unseals[0]
		out = append(out, fmt.Sprintf("Test was unsealed on %s: %s.", u.At.UTC().Format("2 January 2006, 15:04 UTC"), strings.TrimSuffix(u.Why, ".")))
	}
	if c := s.Scored[g.data.ID]; c.Configurations > 0 {
		seen := "all of them seen"
		if c.Seen < c.Configurations {
			seen = fmt.Sprintf("the scores of %d seen", c.Seen)
		}
		out = append(out, fmt.Sprintf("%s scored on these test rows so far, in all experiments of the database, %s.", count(c.Configurations, "configuration was", "configurations were"), seen))
	}
	return out
}

// An audit is what choosing on test would have gained a variant, and what noise alone would.
type audit struct {
	Label string
	stat.Gain
	Searches int
}

// audits are made once nothing is left to choose and test is unsealed.
func (s *summary) audits(g *group) []audit {
	if s.sealed() {
		return nil
	}
	var out []audit
	for _, t := range g.tunings {
		a := audit{Label: t.label}
		var all []stat.Scores
		for _, x := range t.searches {
			all = append(all, t.scores(x))
			a.Searches++
		}
		if a.Gain = stat.TestGain(all); !math.IsNaN(a.Mean) {
			out = append(out, a)
		}
	}
	return out
}

// scores are those of the trials that were trained fully, higher the better.
func (t *tuning) scores(s store.Search) (out stat.Scores) {
	way := 1.0
	if t.Better == metric.Lower {
		way = -1
	}
	for _, x := range s.Tried {
		v, test := t.score(x), valueOf(x.Trial, "test."+t.Name)
		if x.Share == 1 && x.State == "done" && !math.IsNaN(v) && !math.IsNaN(test) {
			out.Valid, out.Test = append(out.Valid, way*v), append(out.Test, way*test)
		}
	}
	return out
}

// said is the sentence on audits.
func (a audit) said(of measure) string {
	verdict := "which is no more than noise gives"
	if a.P <= 1-stat.Level {
		verdict = "which is more than noise gives"
	}
	return fmt.Sprintf("%s: choosing on test would have gained %s in test %s; exchangeable noise alone gains %s (95 %% below %s), p = %s, %s.",
		a.Label, about(a.Mean), of.Title, about(a.Noise), about(a.High), fixed(a.P, 2), verdict)
}

// searched are the rows of the page's table, a search each.
func (g *group) searched() (out []searched) {
	for _, t := range g.tunings {
		for _, s := range t.searches {
			c := t.climb(s)
			r := searched{Label: t.label, Mark: mark(t.place), Repeat: s.Repeat, Trials: "0", Best: missing, Chosen: missing}
			failed := 0
			for _, x := range s.Tried {
				failed += indicator(x.State == "failed")
			}
			if n := len(c.best); n > 0 {
				r.Trials, r.Time, r.Best = short(c.trials[n-1]), duration(c.seconds[n-1]), fixed(c.best[n-1], 5)
			}
			if r.Failed = fmt.Sprint(failed); s.Chosen >= 0 && s.Chosen < len(s.Tried) {
				r.Chosen = point(s.Tried[s.Chosen])
			}
			out = append(out, r)
		}
	}
	return out
}

// The page writes an audit's numbers.

// Gained is what choosing on test would have gained.
func (a audit) Gained() string { return about(a.Mean) }

// Noisy is what noise alone gains, with what it stays below.
func (a audit) Noisy() string { return about(a.Noise) + ", below " + about(a.High) }

// Chance is the share of noise that gains as much.
func (a audit) Chance() string { return fixed(a.P, 3) }
