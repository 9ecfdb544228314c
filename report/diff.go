package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// Diff is what two sides, each the runs of one variant, differ in; and of results, also what they agree in.
type Diff struct {
	A             []int64      `json:"a"` // runs
	B             []int64      `json:"b"`
	Configuration []Difference `json:"configuration"`
	Data          []Difference `json:"data"`
	Machine       []Difference `json:"machine"` // and build
	Results       []Result     `json:"results"`
	Seeds         int          `json:"seeds"`  // that both have
	Digest        string       `json:"digest"` // same or different, over these; "" where a run lacks one
}

// Difference is a key with what either side has: JSON, and null for nothing.
type Difference struct {
	Key string `json:"key"`
	A   any    `json:"a"`
	B   any    `json:"b"`
}

// Result is a metric's mean over a side's runs; NaN where it has none.
type Result struct {
	Name string
	A, B float64
}

// MarshalJSON writes what is not finite as null.
func (r Result) MarshalJSON() ([]byte, error) {
	finite := func(v float64) any {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	}
	return json.Marshal(map[string]any{"name": r.Name, "a": finite(r.A), "b": finite(r.B), "difference": finite(r.B - r.A)})
}

// NewDiff compares two sides of at least one run each.
func NewDiff(a, b []store.Found) *Diff {
	d := &Diff{Configuration: []Difference{}, Data: []Difference{}, Machine: []Difference{}, Results: []Result{}}
	sides := [][]store.Found{a, b}
	for i, to := range []*[]int64{&d.A, &d.B} {
		for _, f := range sides[i] {
			*to = append(*to, f.Run)
		}
	}
	d.Configuration = differences(a, b, configuration)
	d.Data = differences(a, b, data)
	d.Machine = differences(a, b, machine)
	d.Results = results(a, b)
	d.Seeds, d.Digest = digests(a, b)
	return d
}

// differences compares the facts of both sides; a fact in which the runs of a side differ is the list of what they have.
func differences(a, b []store.Found, facts func(store.Found) map[string]any) []Difference {
	left, right := joined(a, facts), joined(b, facts)
	keys := maps.Clone(left)
	maps.Copy(keys, right)
	list := []Difference{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		x, y := left[key], right[key]
		if spelled(x) != spelled(y) {
			list = append(list, Difference{key, x, y})
		}
	}
	return list
}

func joined(l []store.Found, facts func(store.Found) map[string]any) map[string]any {
	all := map[string][]any{}
	for _, f := range l {
		for key, v := range facts(f) {
			if !slices.ContainsFunc(all[key], func(w any) bool { return spelled(v) == spelled(w) }) {
				all[key] = append(all[key], v)
			}
		}
	}
	one := map[string]any{}
	for key, values := range all {
		one[key] = values
		if len(values) == 1 {
			one[key] = values[0]
		}
	}
	return one
}

// spelled is canonical JSON.
func spelled(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("report: a fact that JSON cannot hold")
	}
	return string(b)
}

func configuration(f store.Found) map[string]any {
	facts := map[string]any{"seed": f.Trial.Seed}
	leaves(facts, "", parsed(f.Trial.Config))
	return facts
}

func parsed(text string) (v any) {
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}

// leaves gives every value that is no object its key in full; those of a list of objects are told by their places.
func leaves(to map[string]any, key string, v any) {
	below := key
	if key != "" {
		below += "."
	}
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			leaves(to, below+k, e)
		}
		return
	case []any:
		if len(v) > 0 && !slices.ContainsFunc(v, func(e any) bool { _, is := e.(map[string]any); return !is }) {
			for i, e := range v {
				leaves(to, fmt.Sprintf("%s[%d]", key, i), e)
			}
			return
		}
	}
	to[key] = v
}

func data(f store.Found) map[string]any {
	d := f.Dataset
	facts := map[string]any{"identity": d.ID, "source": d.Source}
	for i, split := range []string{"train", "valid", "test"} {
		facts["rows."+split] = d.Rows[i]
		if d.Digests[i] != "" {
			facts["digest."+split] = d.Digests[i]
		}
	}
	leaves(facts, "schema", parsed(d.Schema))
	return facts
}

func machine(f store.Found) map[string]any {
	e := f.Environment
	return map[string]any{
		"build": e.Build, "version": e.Version, "go": e.Go, "os": e.OS, "arch": e.Arch, "cpu": e.CPU, "features": e.Features,
		"kernels": e.Kernels, "cores": e.Cores, "memory": e.Memory, "workers": f.Workers, "shared": f.Shared,
	}
}

// results are means by metric, in the order of the table; what it does not have comes last.
func results(a, b []store.Found) []Result {
	left, right := means(a), means(b)
	keys := maps.Clone(left)
	maps.Copy(keys, right)
	rank := func(name string) int {
		m, ok := metric.Find(name)
		i := slices.IndexFunc(metric.All, func(n metric.Metric) bool { return n.Name == m.Name })
		if !ok {
			i = len(metric.All)
		}
		return i
	}
	list := []Result{}
	for _, name := range slices.SortedFunc(maps.Keys(keys), func(x, y string) int {
		if d := rank(x) - rank(y); d != 0 {
			return d
		}
		return strings.Compare(x, y)
	}) {
		r := Result{name, math.NaN(), math.NaN()}
		if v, ok := left[name]; ok {
			r.A = v
		}
		if v, ok := right[name]; ok {
			r.B = v
		}
		list = append(list, r)
	}
	return list
}

// means of runs; throughput of those that ran beside others does not count.
func means(l []store.Found) map[string]float64 {
	sums, counts := map[string]float64{}, map[string]float64{}
	for _, f := range l {
		for name, v := range f.Trial.Results {
			if m, ok := metric.Find(name); ok && m.Kind == metric.Speed && f.Shared {
				continue
			}
			sums[name] += v
			counts[name]++
		}
	}
	for name := range sums {
		sums[name] /= counts[name]
	}
	return sums
}

// digests compares final states seed by seed.
func digests(a, b []store.Found) (seeds int, verdict string) {
	lacking, different := false, false
	for _, x := range a {
		for _, y := range b {
			if x.Trial.Seed == y.Trial.Seed {
				seeds++
				lacking = lacking || x.Digest == "" || y.Digest == ""
				different = different || x.Digest != y.Digest
			}
		}
	}
	switch {
	case seeds == 0 || lacking:
		return seeds, ""
	case different:
		return seeds, "different"
	}
	return seeds, "same"
}
