package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ctrlab/internal/store"
)

// splits are one data set's ways of being split at random: as many data sets to the store, and replicas here.
type splits struct {
	ids     []string          // of the data sets, in order; one where it is split one way
	place   map[string]uint64 // of a data set among them, from 1; nil where it is split one way
	overlap float64           // rows of test over those of train, by which intervals become wider; 0 where it is split one way
}

// ways are the splits by each of their data sets.
type ways map[string]splits

// waysOf finds data sets whose options differ in split_seed alone, or in which of k folds is test.
func waysOf(all []store.Dataset) ways {
	alike, order := map[string]*splits{}, []string(nil)
	for _, d := range all {
		key := unsplit(d)
		s := alike[key]
		if s == nil {
			s = &splits{place: map[string]uint64{}, overlap: float64(d.Rows[2]) / float64(max(d.Rows[0], 1))}
			alike[key], order = s, append(order, key)
		}
		s.ids = append(s.ids, d.ID)
		s.place[d.ID] = uint64(len(s.ids))
	}
	out := ways{}
	for _, key := range order {
		s := *alike[key]
		if len(s.ids) == 1 {
			s.place, s.overlap = nil, 0
		}
		for _, id := range s.ids {
			out[id] = s
		}
	}
	return out
}

// unsplit is what a data set is but for how it is split; where nothing of that is drawn, it is itself.
func unsplit(d store.Dataset) string {
	var options map[string]any
	if json.Unmarshal([]byte(d.Options), &options) != nil || options["split_seed"] == nil {
		return d.ID
	}
	delete(options, "split_seed")
	if cut, ok := options["split"].(map[string]any); ok {
		delete(cut, "fold")
	}
	return d.Source + " " + spelled(options)
}

// first is the data set that stands for all splits.
func (w ways) first(id string) string {
	if s := w[id]; len(s.ids) > 0 {
		return s.ids[0]
	}
	return id
}

// distinct leaves out data sets that another stands for.
func (w ways) distinct(all []store.Dataset) []store.Dataset {
	var out []store.Dataset
	for _, d := range all {
		if w.first(d.ID) == d.ID {
			out = append(out, d)
		}
	}
	return out
}

// splitKeys are how labels say which split it is.
var splitKeys = []string{"split_seed", "data.split_seed", "fold", "data.split.fold"}

// without leaves that out of a label.
func (s splits) without(label string) string {
	var out []string
	for _, w := range words(label) {
		if key, _, ok := strings.Cut(w, "="); s.place == nil || !ok || !slices.Contains(splitKeys, key) {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// note says what stands for the replicas.
func (s splits) note(seeds string) string {
	return fmt.Sprintf("± is the 95 %% interval of the mean over %s of the data (each the mean over its seeds), wider by √(1 + %d · test/train) since their training parts overlap (Nadeau and Bengio).",
		strings.Replace(seeds, "seed", "split", 1), len(s.ids))
}
