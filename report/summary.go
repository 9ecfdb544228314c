package report

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// A summary is an experiment as its report reads it.
type summary struct {
	*store.Report
	groups []*group
	labels []string // of all variants, in plan order; a label's place decides its colour
	places map[string]int
	wanted wanted // how variants are compared
}

// A group is the variants that saw one data set; only within it do metrics compare.
type group struct {
	name     string // what sets its data apart; empty where the experiment has one data set
	data     store.Dataset
	splits   splits                     // of it, where it is split in several ways
	main     measure                    // what variants are ranked by
	variants []*variant                 // best first, those without a result last, in plan order
	series   map[seriesKey]store.Series // of the whole experiment
	tunings  []*tuning                  // none where nothing is tuned
	aspects  sync.Map                   // of *Aspect by metric, those that were compared
}

type seriesKey struct{ trial, name string }

// A measure is a metric with the split it was taken on.
type measure struct {
	metric.Metric
	name  string // as results have it: "test.auc"
	split string
}

// measureOf panics on a name that is not in the table: the names asked for are ours.
func measureOf(name string) measure {
	m, ok := metric.Find(name)
	if !ok {
		panic("report: no such metric")
	}
	split, _, ok := strings.Cut(name, ".")
	if !ok || m.Kind != metric.Quality {
		split = ""
	}
	return measure{m, name, split}
}

// String is the measure as axes and headings call it: "test AUC".
func (m measure) String() string { return strings.TrimPrefix(m.split+" "+m.Title, " ") }

// A variant is the trials of one label: of one configuration by seed, or where something is tuned, of what each search chose.
type variant struct {
	label  string
	place  int // of its label in the plan
	trials []store.Trial
	splits splits
	stat.Standing

	samples, intervals sync.Map // by metric, of those asked for
}

// ranking is what variants may be ranked by, the first that has a value.
var ranking = []string{"test.auc", "test.rmse", "test.ndcg@10", "test.logloss", "valid.auc", "valid.rmse", "valid.ndcg@10", "valid.logloss"}

func summarize(r *store.Report) *summary {
	ways := waysOf(r.Datasets)
	data := sources(ways.distinct(r.Datasets))
	s := &summary{Report: relabelled(r, data, ways), wanted: wantedOf(r), places: map[string]int{}}
	series := map[seriesKey]store.Series{}
	for _, x := range r.Series {
		series[seriesKey{x.Trial, x.Name}] = x
	}
	groups, variants := map[string]*group{}, map[[2]string]*variant{}
	for _, t := range s.Trials {
		id := ways.first(t.Dataset)
		g := groups[id]
		if g == nil {
			g = &group{name: data[id].name, data: datasetOf(r, id), splits: ways[id], series: series}
			groups[id] = g
			s.groups = append(s.groups, g)
		}
		v := variants[[2]string{id, t.Label}]
		if v == nil {
			v = &variant{label: t.Label, place: s.place(t.Label), splits: g.splits}
			variants[[2]string{id, t.Label}] = v
			g.variants = append(g.variants, v)
		}
		v.trials = append(v.trials, t)
	}
	for _, g := range s.groups {
		g.rank()
		g.tunings = s.tunings(g)
	}
	return s
}

// relabelled is r with labels that leave out what sets their data set apart, so that a variant has one label, and one
// colour, in all groups.
func relabelled(r *store.Report, data map[string]source, ways ways) *store.Report {
	out := *r
	out.Trials = slices.Clone(r.Trials)
	for i, t := range out.Trials {
		out.Trials[i].Label = data[ways.first(t.Dataset)].without(ways[t.Dataset].without(t.Label))
	}
	return &out
}

// place returns the label's place in the plan, the next free one for a label not seen before.
func (s *summary) place(label string) int {
	i, ok := s.places[label]
	if !ok {
		i = len(s.labels)
		s.labels, s.places[label] = append(s.labels, label), i
	}
	return i
}

func datasetOf(r *store.Report, id string) store.Dataset {
	for _, d := range r.Datasets {
		if d.ID == id {
			return d
		}
	}
	return store.Dataset{ID: id}
}

// rank chooses the main measure, sorts the variants by it and says which cannot be told from the best.
func (g *group) rank() {
	g.main = measureOf(ranking[0])
	for _, name := range append(g.wish(), ranking...) {
		if g.has(name) {
			g.main = measureOf(name)
			break
		}
	}
	higher := g.main.Better == metric.Higher
	slices.SortStableFunc(g.variants, func(a, b *variant) int {
		x, y := a.interval(g.main.name).Mean, b.interval(g.main.name).Mean
		if higher {
			x, y = -x, -y
		}
		if nan := cmp.Compare(indicator(math.IsNaN(x)), indicator(math.IsNaN(y))); nan != 0 {
			return nan
		}
		return cmp.Compare(x, y)
	})
	var samples []stat.Sample
	for _, v := range g.variants {
		samples = append(samples, v.sample(g.main.name))
	}
	for i, standing := range stat.AgainstBest(samples, higher, g.splits.overlap) {
		g.variants[i].Standing = standing
	}
}

// wish is the metric that all trials select their state by, on test. The log loss is what they select by unless told
// otherwise, so that it says nothing of what the experiment is about.
func (g *group) wish() []string {
	wish := ""
	for _, v := range g.variants {
		for i, t := range v.trials {
			if i > 0 && t.Variant == v.trials[i-1].Variant {
				continue
			}
			var config struct{ Train struct{ Select string } }
			if json.Unmarshal([]byte(t.Config), &config) != nil || wish != "" && wish != config.Train.Select {
				return nil
			}
			wish = config.Train.Select
		}
	}
	name := "test." + wish
	if m, ok := metric.Find(name); !ok || m.Kind != metric.Quality || m.Better == metric.Neither || wish == "logloss" {
		return nil
	}
	return []string{name}
}

func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}

// has reports whether any variant has a value of a metric.
func (g *group) has(name string) bool {
	return slices.ContainsFunc(g.variants, func(v *variant) bool { return v.interval(name).N > 0 })
}

// ranked returns the variants that have a value of the main measure.
func (g *group) ranked() []*variant {
	var out []*variant
	for _, v := range g.variants {
		if v.interval(g.main.name).N > 0 {
			out = append(out, v)
		}
	}
	return out
}

// tested reports whether any variant was tested against the best.
func (g *group) tested() bool {
	return slices.ContainsFunc(g.variants, func(v *variant) bool { return !v.Best && v.Diff.Known() })
}

// leads reports whether v was tested and cannot be told from the best, or is the best that others were tested against.
func (g *group) leads(v *variant) bool {
	return v.Best && g.tested() || v.Equal && v.Diff.Known()
}

// seeds returns the fewest and the most seeds that a ranked variant has.
func (g *group) seeds() (least, most int) {
	for i, v := range g.ranked() {
		n := v.interval(g.main.name).N
		if i == 0 {
			least = n
		}
		least, most = min(least, n), max(most, n)
	}
	return least, most
}

// sample returns a metric of the done trials by seed; or where something is tuned, the mean over seeds by search: what is compared
// then is tuning with all that varies in it; or where the data are split in several ways, the mean over seeds by split. Speed measured beside other trials does not count.
func (v *variant) sample(name string) stat.Sample {
	if s, ok := v.samples.Load(name); ok {
		return s.(stat.Sample)
	}
	m, _ := metric.Find(name)
	by := map[uint64][]float64{}
	for _, t := range v.trials {
		if x, ok := t.Results[name]; ok && t.State == "done" && !(t.Shared && m.Kind == metric.Speed) {
			by[v.replica(t)] = append(by[v.replica(t)], x)
		}
	}
	s := stat.Sample{}
	for key, x := range by {
		s[key] = stat.Mean(x)
	}
	v.samples.Store(name, s)
	return s
}

// replica is which of the variant's a trial is part of: its seed, or its search, or its split.
func (v *variant) replica(t store.Trial) uint64 {
	switch {
	case t.Repeat > 0:
		return uint64(t.Repeat)
	case v.splits.place != nil:
		return v.splits.place[t.Dataset]
	}
	return t.Seed
}

func (v *variant) values(name string) []float64 { return v.sample(name).Values() }

func (v *variant) interval(name string) stat.Interval {
	if i, ok := v.intervals.Load(name); ok {
		return i.(stat.Interval)
	}
	i := stat.MeanInterval(v.values(name)).Overlapping(v.splits.overlap)
	v.intervals.Store(name, i)
	return i
}

// median returns the middle of x, the mean of the middle two, NaN where x is empty. It sorts x.
func median(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	if n == 0 {
		return math.NaN()
	}
	return (x[(n-1)/2] + x[n/2]) / 2
}
