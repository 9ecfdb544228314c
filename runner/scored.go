package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/internal/scores"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// Scores reads what the model of a stored run said of every example of test, from beside the database; not while that is sealed.
func Scores(db string, f store.Found) (*scores.Scores, error) {
	if f.Sealed {
		return nil, fmt.Errorf("%s: its test scores are sealed; ctrlab unseal %s lets them be seen", f.Name(), f.Experiment)
	}
	if !slices.ContainsFunc(f.Artifacts, func(a store.Artifact) bool { return a.Kind == "scores" }) {
		return nil, fmt.Errorf("%s: it left no scores", f.Name())
	}
	return scores.Open(Artifacts(db), f.Trial.ID)
}

// score tells a job to hand over what it says of test.
func (t *Trial) score(ctx context.Context, j *train.Job) {
	schema, rows := j.Data.Schema(), int64(j.Data.Rows(batch.Test))
	keep := t.files != nil && 4*rows <= t.files.most
	if schema.Lists && !keep {
		return
	}
	s := sourceOf(t.Source)
	if s != nil && !schema.Lists {
		j.Fields = s.wide()
	}
	j.Scored = func(e metric.Eval, ids [][]int32) error {
		if keep {
			t.files.keepScores(t.scoresOf(e, schema, ids, j.Fields))
		}
		if schema.Lists || s == nil {
			return nil
		}
		cuts, err := s.cuts(ctx, ids)
		t.slices = metric.Slices(e, cuts)
		return err
	}
}

// scoresOf are the scores of a trial as they are kept. Examples of one group, or of one user, are not independent of each other.
func (t *Trial) scoresOf(e metric.Eval, schema batch.Schema, ids [][]int32, fields []int) scores.Scores {
	out := scores.Logit
	switch {
	case schema.Lists:
		out = scores.Rank
	case !e.Binary:
		out = scores.Rating
	case e.Margin:
		out = scores.Margin
	}
	s := scores.Scores{
		Header: scores.Header{Trial: t.ID, Dataset: t.Source.Identity(), Output: out, Rows: len(e.Score)},
		Score:  e.Score, Label: e.Label,
	}
	if e.Group != nil {
		s.Cluster, s.Header.Cluster = e.Group, t.Train.Group
		return s
	}
	for i, f := range fields {
		if name := schema.Sparse[f].Name; name == "user" {
			s.Cluster, s.Header.Cluster = ids[i], name
		}
	}
	return s
}

// keepScores keeps the scores of a trial; one that cannot is done nevertheless.
func (f *files) keepScores(s scores.Scores) {
	if f.lease() != nil {
		return
	}
	files, err := scores.Save(f.folder, s)
	if err != nil {
		f.tell(fmt.Sprintf("its scores are not kept: %v", err))
		return
	}
	for _, a := range files {
		f.left = append(f.left, store.Artifact(a))
	}
}

// sourceOf is the source that trials share, nil where there is none.
func sourceOf(s any) *Source {
	for {
		switch of := s.(type) {
		case *Source:
			return of
		case interface{ Unwrap() any }:
			s = of.Unwrap()
		default:
			return nil
		}
	}
}

const (
	wideFields = 3   // that are cut by frequency
	wideIDs    = 100 // that such a field has at least
)

// wide are the one-hot fields with the most ids, in their order, and that of users.
func (s *Source) wide() []int {
	var l []int
	fields := s.Schema().Sparse
	for i, f := range fields {
		if !f.MultiHot && (f.Rows >= wideIDs || f.Name == "user") {
			l = append(l, i)
		}
	}
	slices.SortStableFunc(l, func(a, b int) int { return fields[b].Rows - fields[a].Rows })
	l = l[:min(len(l), wideFields)]
	slices.Sort(l)
	return l
}

// known are the ids of the wide fields by how often train has them: a class of an id, an index of classes.
type known struct {
	mu      sync.Mutex
	classes [][]uint8
}

// classes of ids: the most frequent that make up half of what train has of a field, those that make up nine tenths with them, the
// others, and those that train has not. Ids that are equally frequent are of one class.
var classes = []string{"head", "mid", "tail", "cold"}

var tenths = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}

// cuts are how test, whose rows have ids of the wide fields, is cut: by how often train has these, and where rows are in order of time by that.
func (s *Source) cuts(ctx context.Context, ids [][]int32) ([]metric.Cut, error) {
	known, err := s.classified(ctx)
	if err != nil {
		return nil, err
	}
	var cuts []metric.Cut
	for i, f := range s.wide() {
		c := metric.Cut{Name: metric.Frequency + s.Schema().Sparse[f].Name, Parts: classes, Of: make([]int32, len(ids[i]))}
		for row, id := range ids[i] {
			c.Of[row] = int32(known[i][id])
		}
		cuts = append(cuts, c)
	}
	if rows := s.Rows(batch.Test); s.timely() && rows >= len(tenths) {
		c := metric.Cut{Name: metric.Time, Parts: tenths, Of: make([]int32, rows)}
		for row := range c.Of {
			c.Of[row] = int32(row * len(tenths) / rows)
		}
		cuts = append(cuts, c)
	}
	return cuts, nil
}

// timely says whether the rows of test are in order of time: the split is by it, or by order.
func (s *Source) timely() bool {
	var o struct {
		Split struct {
			Kind string `json:"kind"`
		} `json:"split"`
		Test      any    `json:"test"`
		ValidFrom string `json:"valid_from"`
	}
	if json.Unmarshal([]byte(s.Options), &o) != nil {
		return false
	}
	return o.Split.Kind == "order" || o.Split.Kind == "time" || o.Test != nil && o.ValidFrom == "end"
}

// classified is classify, once for all trials.
func (s *Source) classified(ctx context.Context) (_ [][]uint8, err error) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if s.known.classes == nil {
		s.known.classes, err = s.classify(ctx)
	}
	return s.known.classes, err
}

// classify walks train.
func (s *Source) classify(ctx context.Context) ([][]uint8, error) {
	const rows = 8192
	fields := s.wide()
	counts := make([][]uint32, len(fields))
	for i, f := range fields {
		counts[i] = make([]uint32, s.Schema().Sparse[f].Rows)
	}
	if len(fields) == 0 {
		return [][]uint8{}, nil
	}
	for b, err := range s.Batches(batch.Train, rows, 0) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		for i, f := range fields {
			for _, id := range b.Sparse[f].IDs[:b.N] {
				counts[i][id]++
			}
		}
	}
	out := make([][]uint8, len(fields))
	for i, c := range counts {
		out[i] = classesOf(c)
	}
	return out, nil
}

// classesOf are those of ids that are so frequent.
func classesOf(counts []uint32) []uint8 {
	sorted := slices.Clone(counts)
	slices.Sort(sorted)
	slices.Reverse(sorted)
	all := uint64(0)
	for _, n := range sorted {
		all += uint64(n)
	}
	var head, mid uint32 // least counts
	sum := uint64(0)
	for _, n := range sorted {
		if 2*sum < all {
			head = n
		}
		if 10*sum < 9*all {
			mid = n
		}
		sum += uint64(n)
	}
	out := make([]uint8, len(counts))
	for i, n := range counts {
		switch {
		case n == 0:
			out[i] = 3
		case n < mid:
			out[i] = 2
		case n < head:
			out[i] = 1
		}
	}
	return out
}
