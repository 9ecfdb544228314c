package train

import (
	"context"
	"errors"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
	"ctrlab/models"
)

// shelf is 60 users who like half of 40 items, those of their own parity, and of them the first ones most; a list is an item
// that train does not have of them, and the 20 of the other parity.
type shelf struct{}

func (shelf) Schema() batch.Schema {
	return batch.Schema{Sparse: []batch.Field{{Name: "user", Rows: 60}, {Name: "item", Rows: 40}}, Lists: true}
}

func (s shelf) Rows(split batch.Split) int { return len(s.rows(split)) }

func (shelf) rows(split batch.Split) (rows [][3]int) {
	for user := range 60 {
		held := 2*((user/2+int(split)*7)%20) + user%2
		if split != batch.Train {
			rows = append(rows, [3]int{user, held, 1})
		}
		for item := range 40 {
			own := (user+item)%2 == 0
			switch out := (item/2+20-user/2%20)%20 == 7 || (item/2+20-user/2%20)%20 == 14; {
			case split != batch.Train && !own:
				rows = append(rows, [3]int{user, item, 0})
			case split == batch.Train && own && !out:
				for range 1 + (40-item)/10 { // how popular
					rows = append(rows, [3]int{user, item, 1})
				}
			case split == batch.Train && !own:
				rows = append(rows, [3]int{user, item, 0})
			}
		}
	}
	return rows
}

func (s shelf) Batches(split batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		rows := s.rows(split)
		for from := 0; from < len(rows); from += n {
			b := &batch.Batch{Sparse: make([]batch.Bags, 2)}
			for i := from; i < min(from+n, len(rows)); i++ {
				r := rows[i]
				if order != 0 {
					r = rows[i*7919%len(rows)] // a prime
				}
				b.N++
				b.Label = append(b.Label, float32(r[2]))
				for f := range b.Sparse {
					b.Sparse[f].IDs = append(b.Sparse[f].IDs, int32(r[f]))
				}
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// PairRows and Pairs have beside each item of a user the same number of the other parity.
func (s shelf) PairRows() int { return len(s.pairs()) }

func (s shelf) pairs() (rows [][3]int) {
	for _, r := range s.rows(batch.Train) {
		if r[2] == 1 {
			rows = append(rows, r, [3]int{r[0], r[1] ^ 1, 0})
		}
	}
	return rows
}

func (s shelf) Pairs(n int, _ uint64) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		rows := s.pairs()
		for from := 0; from < len(rows); from += n {
			b := &batch.Batch{Sparse: make([]batch.Bags, 2)}
			for i := from; i < min(from+n, len(rows)); i++ {
				r := rows[i/2*7919%(len(rows)/2)*2+i%2]
				b.N++
				b.Label = append(b.Label, float32(r[2]))
				for f := range b.Sparse {
					b.Sparse[f].IDs = append(b.Sparse[f].IDs, int32(r[f]))
				}
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// wrapped is a shelf behind another Data, as a runner has it.
type wrapped struct{ Data }

func (w wrapped) Unwrap() any { return w.Data }

// Pairs teach the order: the parity is found as by bce, by any number of workers alike, also through a wrapper; without pairs the loss is refused.
func TestPairsAreRanked(t *testing.T) {
	j := listJob(t, "name = \"bpr\"\nembedding_dim = 4", "loss = \"bpr\"\nselect = \"ndcg@10\"\nepochs = 20\nbatch_size = 64\nlanes = 3\nlearning_rate = 0.2")
	j.Data = wrapped{j.Data}
	m, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if m.Metrics["test.hr@10"] != 1 || m.Metrics["test.gauc"] < 0.99 {
		t.Errorf("bpr has %v", m)
	}
	want := bits(t, j)
	for _, workers := range []int{1, 3, 7} {
		if j.Workers = workers; bits(t, j) != want {
			t.Errorf("%d workers give other bits", workers)
		}
	}
	if err := job(t, every[1], "loss = \"bpr\"").Check(); err == nil || !strings.Contains(err.Error(), `train.loss is "bpr"`) {
		t.Errorf("data without pairs: %v", err)
	}
	if err := decodeOptions("loss = \"bpr\"\nbatch_size = 33", new(Defaults())); err == nil || !strings.Contains(err.Error(), "want even numbers") {
		t.Errorf("an odd batch: %v", err)
	}
}

func listJob(t *testing.T, model, options string) Job {
	t.Helper()
	table, err := strict.TOML("m.toml", []byte(model))
	if err != nil {
		t.Fatal(err)
	}
	c, err := models.Decode(table)
	if err != nil {
		t.Fatal(err)
	}
	j := Job{Options: Defaults(), Seed: 1, Data: shelf{}, Workers: 2}
	if j.Spec, err = c.Spec(shelf{}.Schema()); err != nil {
		t.Fatal(err)
	}
	if table, err = strict.TOML("t.toml", []byte(options)); err == nil {
		err = table.Decode(&j.Options)
	}
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// A product of user and item finds the parity, which popularity does not know; both are judged by the same lists.
func TestListsAreRanked(t *testing.T) {
	j := listJob(t, "name = \"mf\"\nembedding_dim = 4", "select = \"ndcg@10\"\nepochs = 20\nbatch_size = 64\npatience = 20")
	var curve []string
	j.Record = func(p metric.Point) { curve = append(curve, p.Name) }
	m, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if m.Metrics["test.hr@10"] != 1 || m.Metrics["test.gauc"] < 0.99 || m.Metrics["valid.ndcg@10"] < 0.9 {
		t.Errorf("mf has %v", m)
	}
	if _, ok := m.Metrics["test.logloss"]; ok || !slices.Contains(curve, "valid.hr@10") {
		t.Errorf("points %v, results %v", curve, slices.Sorted(maps.Keys(m.Metrics)))
	}
	points := 0
	j = listJob(t, `name = "popularity"`, `select = "ndcg@10"`)
	j.Record = func(metric.Point) { points++ }
	p, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: of each user's own items the earlier are the more popular, as are those of the other parity: half of the lists' 20
	// candidates stand before the item held out, on average.
	if math.Abs(p.Metrics["test.gauc"]-0.5) > 0.05 || p.Metrics["params"] != 40 || p.Metrics["epochs"] != 1 || points != 3 {
		t.Errorf("popularity has %v, and %d points", p, points)
	}
	for _, name := range []string{"flops", "best_step", "test.auc"} {
		if _, ok := p.Metrics[name]; ok {
			t.Errorf("popularity has %s", name)
		}
	}
}

func TestListsRefuse(t *testing.T) {
	for options, want := range map[string]string{
		`select = "auc"`:                          `train.select is "auc", want one of ndcg@10, hr@10, gauc`,
		"select = \"hr@10\"\ngroup = \"user\"":    `train.group is "user", and valid and test are lists, which are groups themselves`,
		"select = \"hr@10\"\nclip_ratings = true": `train.clip_ratings is on, and the labels are no ratings`,
	} {
		if err := listJob(t, `name = "lr"`, options).Check(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestListPredictionNotFinite(t *testing.T) {
	j := listJob(t, `name = "lr"`, "select = \"hr@10\"\nsteps = 1\noptimizer = \"sgd\"\nlearning_rate = 1e30")
	m := models.New(j.Spec, j.Options.BatchSize, j.Options.ShardRows, j.Options.Lanes, 1)
	tr := NewTrainer(m, j.Options, 1, 1)
	defer tr.Close()
	m.Tables()[0].Value[3] = float32(math.Inf(1))
	e := evaluator{job: &j, model: tr, trainer: tr}
	if _, err := e.split(context.Background(), e.job.Data, batch.Valid); err == nil || !strings.Contains(err.Error(), "a prediction for valid is not finite at step 1: parameter linear.user") {
		t.Errorf("error %v, want one that names the parameter", err)
	}
}

// A baseline ends with its context, and with what its source says.
func TestBaselineIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	j := listJob(t, `name = "popularity"`, `select = "hr@10"`)
	cancel()
	if _, err := Run(ctx, j); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
