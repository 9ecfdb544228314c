package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// Said is what the model of a trial said of the examples of test.
type Said struct {
	metric.Eval
	Examples string  // names the rows with their labels: what has the same name is of the same examples
	Cluster  []int32 // of examples that hang together; nil where each stands alone
	By       string  // the field that these are ids of
}

// Scores reads that of a trial that is done; an error says why there is nothing.
type Scores func(t store.Trial) (*Said, error)

// mostScores is how many scores a report reads at most: about a second's. A trial counts for fileScores at least, what opening its file takes.
const (
	mostScores = 2_000_000
	fileScores = 2_000
)

// Draw finds out, by what is kept of each trial's scores, how differences in what variants are ranked by would vary were the examples of test
// drawn again, and leaves it in r: of every variant beside the baseline (of the experiment where it is empty), or beside the best. Where there
// are too many scores it does without.
func Draw(r *store.Report, baseline string, read Scores) {
	s := summarize(r)
	if label, err := s.called(r, baseline); err == nil {
		s.wanted.Baseline = label
	}
	for _, g := range s.groups {
		variants := g.ranked()
		if len(variants) == 0 {
			continue
		}
		to := variants[0]
		if b := s.base(g); b != nil {
			to = b
		}
		if rows := int64(max(g.data.Rows[2], fileScores)) * int64(len(s.Trials)); rows > mostScores {
			r.Drawn = append(r.Drawn, store.Drawn{Dataset: g.data.ID, Problem: fmt.Sprintf("%s have more scores than a report reads; ctrlab compare %s A B tells it of two variants",
				plural(len(s.Trials), "trial"), r.Experiment.Name)})
			continue
		}
		r.Drawn = append(r.Drawn, g.drawn(variants, to, read)...)
	}
}

// drawPair is Draw for two variants.
func (s *summary) drawPair(a, b string, read Scores) {
	for _, g := range s.groups {
		if read != nil && g.resulted(a) && g.resulted(b) {
			s.Drawn = append(s.Drawn, g.drawn([]*variant{g.variants[g.find(a)]}, g.variants[g.find(b)], read)...)
		}
	}
}

// drawn is what variants are known of beside one; the first problem ends it.
func (g *group) drawn(variants []*variant, to *variant, read Scores) (out []store.Drawn) {
	if g.main.split != "test" || g.splits.place != nil || !g.tested() { // other splits have other examples: they are drawn with them
		return nil
	}
	d := reading{group: g, read: read}
	var of schema
	if json.Unmarshal([]byte(g.data.Schema), &of) == nil && of.Rating != nil {
		d.clip = &[2]float64{of.Rating.Min, of.Rating.Max}
	}
	there, err := d.replicas(to)
	for _, v := range variants {
		if v == to || err != nil {
			continue
		}
		var here map[uint64][]float64
		if here, err = d.replicas(v); err != nil {
			break
		}
		var a, b [][]float64
		for _, key := range keys(here) {
			if x, ok := there[key]; ok {
				a, b = append(a, here[key]), append(b, x)
			}
		}
		if len(a) > 1 {
			out = append(out, store.Drawn{Dataset: g.data.ID, A: v.label, B: to.label, SE: stat.Sampling(a, b), Units: d.units, By: d.by})
		}
	}
	if err != nil {
		out = append(out, store.Drawn{Dataset: g.data.ID, Problem: err.Error()})
	}
	return out
}

// A reading is of the scores of a group.
type reading struct {
	*group
	read     Scores
	examples string  // the first trial's
	unit     []int32 // of each row, from 0: its cluster, or itself
	units    int
	by       string
	clip     *[2]float64 // of ratings
}

// replicas are what each unit adds to the error of the group's main measure, the mean over the trials of a replica.
func (d *reading) replicas(v *variant) (map[uint64][]float64, error) {
	sum, count := map[uint64][]float64{}, map[uint64]float64{}
	for _, t := range v.trials {
		value, ok := t.Results[d.main.name]
		if !ok || t.State != store.Done || !finite(value) {
			continue
		}
		x, err := d.influence(t, value)
		if err != nil {
			return nil, fmt.Errorf("%s seed %d: %w", t.Label, t.Seed, err)
		}
		key := v.replica(t)
		if sum[key] == nil {
			sum[key] = make([]float64, d.units)
		}
		count[key]++
		for i, u := range x {
			sum[key][i] += u
		}
	}
	for key, x := range sum {
		for i := range x {
			x[i] /= count[key]
		}
	}
	return sum, nil
}

// influence is that of a trial's units.
func (d *reading) influence(t store.Trial, result float64) ([]float64, error) {
	said, err := d.read(t)
	if err != nil {
		return nil, err
	}
	if d.unit == nil {
		d.examples = said.Examples
		d.unit, d.units, d.by = unitsOf(said)
	}
	if said.Examples != d.examples {
		return nil, errors.New("its scores are of other examples")
	}
	said.Rating = d.clip
	value, rows := metric.Influence(d.main.Name, said.Eval)
	if rows == nil {
		return nil, fmt.Errorf("%s has no such interval", d.main)
	}
	if math.Abs(value-result) > 1e-6*math.Abs(result) {
		return nil, errors.New("its scores are of another run")
	}
	x := make([]float64, d.units)
	for i, v := range rows {
		x[d.unit[i]] += v
	}
	return x, nil
}

// unitsOf numbers what is drawn together.
func unitsOf(said *Said) (unit []int32, units int, by string) {
	unit = make([]int32, len(said.Score))
	if said.Cluster == nil {
		for i := range unit {
			unit[i] = int32(i)
		}
		return unit, len(unit), ""
	}
	at := map[int32]int32{}
	for i, c := range said.Cluster {
		n, ok := at[c]
		if !ok {
			n = int32(len(at))
			at[c] = n
		}
		unit[i] = n
	}
	return unit, len(at), said.By
}

func keys(m map[uint64][]float64) []uint64 {
	var out []uint64
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Others is what is known of a difference over seeds and other examples of test.
type Others struct {
	Low     number       `json:"low"`
	High    number       `json:"high"`
	Verdict stat.Verdict `json:"verdict"`
	Units   int          `json:"units"` // examples of test, or clusters of them
	By      string       `json:"by"`    // what these are clusters of; "" where each example stands alone
	half    float64
}

// drawnOf is what the report knows of a group's pairs.
func (s *summary) drawnOf(g *group) (pairs map[[2]string]store.Drawn, problem string) {
	pairs = map[[2]string]store.Drawn{}
	for _, d := range s.Drawn {
		switch {
		case d.Dataset != g.data.ID:
		case d.Problem != "":
			problem = d.Problem
		default:
			pairs[[2]string{d.A, d.B}] = d
		}
	}
	return pairs, problem
}

// others widens a difference of two variants; nil where nothing is known.
func (x *Aspect) others(a, b string, d stat.Difference) *Others {
	w, ok := x.drawn[[2]string{a, b}]
	if !ok {
		w, ok = x.drawn[[2]string{b, a}]
	}
	if !ok || !d.Known() {
		return nil
	}
	i := d.Drawn(w.SE, w.Units, x.family, x.k)
	if math.IsNaN(i.Half) {
		return nil
	}
	return &Others{Low: number(i.Low()), High: number(i.High()), Verdict: i.Judge(x.measure.Better == metric.Higher, x.within()), Units: w.Units, By: w.By, half: i.Half}
}

// examples says what the intervals with other examples are over; empty where there are none.
func (x *Aspect) examples() string {
	for _, c := range x.Contrasts {
		if o := c.Others; o != nil && o.By != "" {
			return plural(o.Units, o.By)
		} else if o != nil {
			return thousands(int64(o.Units)) + " examples"
		}
	}
	return ""
}
