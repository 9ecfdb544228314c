package report

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// Foreseen is what is planned, as far as it decides what differences will be seen.
type Foreseen struct {
	Seeds, Variants int
	Compare         string          // JSON of [compare]
	Earlier         []store.Replica // of the same data
}

// usual is the standard deviation over seeds of a difference of two variants where no earlier run tells it: of a metric with a unit of its own, and of
// the logarithm of a speed. Two models on Criteo's samples differ by 0.001 to 0.005 in AUC.
const (
	usual      = 0.002
	usualRatio = 0.03
)

// Margins names the metrics of the margins that [compare] declares, as results have them.
func (f Foreseen) Margins() []string {
	w := wantedOf(&store.Report{Experiment: store.Experiment{Compare: f.Compare}})
	var out []string
	for _, name := range slices.Sorted(maps.Keys(w.Margin)) {
		if m, ok := metric.Find(name); ok && m.Kind == metric.Quality && m.Name == name {
			name = "test." + name
		}
		out = append(out, name)
	}
	return out
}

// Sentences say of each margin with what chance the seeds will show a difference of its size, and that there is none.
func (f Foreseen) Sentences() []string {
	w := wantedOf(&store.Report{Experiment: store.Experiment{Compare: f.Compare}})
	var out []string
	for _, name := range f.Margins() {
		m := measureOf(name)
		x := &Aspect{Metric: name, Ratio: m.Kind != metric.Quality, Margin: w.margin(m), measure: m, k: f.Variants}
		if w.Baseline != "" {
			x.family = stat.WithBaseline
		}
		if m.Kind != metric.Size {
			out = append(out, f.sentence(x))
		}
	}
	return out
}

func (f Foreseen) sentence(x *Aspect) string {
	sd, n := f.noise(x)
	origin := fmt.Sprintf("from %s of earlier runs on these data", plural(n, "pair"))
	if n == 0 {
		sd, origin = usual, "assumed: no two variants with two seeds in common ran on these data"
		if x.Ratio {
			sd = usualRatio
		}
	}
	head := fmt.Sprintf("margin %s of %s, %s, %s: ", x.margin(), x.measure, plural(f.Variants, "variant"), plural(f.Seeds, "seed"))
	if f.Seeds < 2 || f.Variants < 2 {
		return head + "no verdict; want 2 seeds and 2 variants at least"
	}
	if sd == 0 {
		return head + "seeds made no difference in earlier runs"
	}
	delta := x.within()
	text := fmt.Sprintf("%sa difference of that size is seen with a chance of %s, none is called equivalent with %s", head,
		chance(stat.Power(x.family, f.Seeds, x.k, delta, sd)), chance(stat.PowerOfEquivalence(x.family, f.Seeds, x.k, 0, delta, sd)))
	if need := stat.Seeds(x.family, x.k, delta, sd, wantedPower); need > f.Seeds {
		text += fmt.Sprintf("; %d seeds would see it with 80 %%", need)
	} else if need == 0 {
		text += "; a thousand seeds would not see it with 80 %"
	}
	return fmt.Sprintf("%s (standard deviation of a difference %s, %s)", text, x.step(x.linear(sd)), origin)
}

// chance is a probability in percent.
func chance(p float64) string { return fixed(100*p, 0) + " %" }

// noise is the standard deviation of a difference over seeds, and of how many pairs of variants it was taken.
func (f Foreseen) noise(x *Aspect) (sd float64, pairs int) {
	samples := map[[2]string]stat.Sample{}
	for _, r := range f.Earlier {
		if r.Name != x.Metric {
			continue
		}
		key := [2]string{r.Dataset, r.Variant}
		if samples[key] == nil {
			samples[key] = stat.Sample{}
		}
		if samples[key][r.Seed] = r.Value; x.Ratio {
			samples[key][r.Seed] = math.Log(r.Value)
		}
	}
	keys := slices.SortedFunc(maps.Keys(samples), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	squares, weights := 0.0, 0.0
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			if d := stat.Pair(samples[a], samples[b]); a[0] == b[0] && d.Known() {
				squares += float64(d.N-1) * d.SD * d.SD
				weights += float64(d.N - 1)
				pairs++
			}
		}
	}
	if pairs == 0 {
		return 0, 0
	}
	return math.Sqrt(squares / weights), pairs
}
