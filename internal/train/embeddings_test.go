package train

import (
	"context"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/models"
)

// Where every id has a row of its own after all, variants are full to the last bit.
func TestEmbeddingsWithRoomAreFull(t *testing.T) {
	of := func(table string) string {
		j := job(t, "name = \"deepfm\"\nembeddings = "+table, "batch_size = 100\noptimizer = \"adam\"\nembedding_l2 = 0.01")
		return bits(t, j)
	}
	want := of(`"full"`)
	for _, table := range []string{
		`{ kind = "hashed", rows = 300 }`, `{ kind = "double_hashed", rows = 300 }`, `{ kind = "qr", threshold = 300 }`, `{ kind = "mixed", alpha = 0 }`, `{ kind = "capped", rows = 299 }`,
	} {
		if got := of(table); got != want {
			t.Errorf("%s gives\n%s\nand full gave\n%s", table, got, want)
		}
	}
}

// A table of two rows in which all ids but one share the second: the one is the most frequent in train, which other splits need not know.
func TestCappedCountsTrain(t *testing.T) {
	j := job(t, "name = \"fm\"\nembedding_dim = 1\nembeddings = { kind = \"capped\", rows = 1 }", "batch_size = 100")
	m := models.New(j.Spec, 100, 100, 1, 1)
	r := &run{Job: j, trainer: NewTrainer(m, j.Options, 1, 1)}
	defer r.trainer.Close()
	if err := r.rank(context.Background()); err != nil {
		t.Fatal(err)
	}
	counts := make([]int, 50)
	for b := range j.Data.Batches(batch.Train, 100, 0) {
		for _, id := range b.Sparse[0].IDs {
			counts[id]++
		}
	}
	most := 0
	for id, n := range counts {
		if n > counts[most] {
			most = id
		}
	}
	for _, k := range m.Runnings() {
		if k.Name != "embedding.a.row" {
			continue
		}
		for id, row := range k.Value {
			if want := float32(1); id == most && row != 0 || id != most && row != want {
				t.Errorf("id %d, %d times in train, has row %g", id, counts[id], row)
			}
		}
		return
	}
	t.Error("there is no embedding.a.row")
}

// The codes of the state that is chosen are what valid and test see, and training does not see them: the learning of the
// log loss on train is full's.
func TestQuantizedPredictions(t *testing.T) {
	points := func(kind string) (map[string]float64, []string) {
		j := job(t, "name = \"dnn\"\nembedding_dim = 8\nembeddings = "+kind, "batch_size = 50\nepochs = 8\nlearning_rate = 0.1")
		var losses []string
		for _, line := range strings.Split(bits(t, j), "\n") {
			if strings.HasPrefix(line, "train.loss") {
				losses = append(losses, line)
			}
		}
		results, err := Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		return results.Metrics, losses
	}
	full, losses := points(`"full"`)
	eight, same := points(`"quantized"`)
	four, _ := points(`{ kind = "quantized", bits = 4 }`)
	if strings.Join(losses, " ") != strings.Join(same, " ") {
		t.Error("training sees the codes")
	}
	off := func(r map[string]float64) float64 { d := r["test.logloss"] - full["test.logloss"]; return max(d, -d) }
	if off(eight) == 0 || off(eight) > 0.002 || off(four) < off(eight) || off(four) > 0.05 {
		t.Errorf("the log loss on test is %g, with 8 bits %g, with 4 %g", full["test.logloss"], eight["test.logloss"], four["test.logloss"])
	}
	// 370 rows of 8 numbers: 32 bytes, 8 + 8, 8 + 4
	for i, r := range []map[string]float64{full, eight, four} {
		if want := 370 * []float64{32, 16, 12}[i]; r["tables.bytes"] != want || r["params.tables"] != 370*8 {
			t.Errorf("tables have %g parameters in %g bytes, want %g in %g", r["params.tables"], r["tables.bytes"], 370*8.0, want)
		}
	}
}
