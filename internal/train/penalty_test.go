package train

import (
	"math"
	"strings"
	"testing"

	"ctrlab/models"
)

// Every definition and optimiser against the formula, worked out in float64 from the step's own gradient: SGD at rate 1 moves w by
// −(g + penalty). A row looked up k times in a batch of 20 has, under batch, k/20 of the penalty.
func TestPenalties(t *testing.T) {
	const rows = 20
	const model = "name = \"deepfm\"\ntop = [4]\nembedding_dim = 3\ninit = { embedding = { kind = \"normal\", scale = 1 }, bias = { kind = \"normal\", scale = 1 } }"
	for kind, of := range map[string]struct{ table, l2, l1 float64 }{"batch": {0, 1, 1}, "table": {1, 1, 1}, "deepctr": {1, 2.0 / rows, 1.0 / rows}} {
		const base = "batch_size = 20\nlanes = 3\noptimizer = \"sgd\"\nlearning_rate = 1"
		plain := newStepped(t, model, base, rows, nil)
		got := newStepped(t, model, base+"\nembedding_l2 = 0.2\nembedding_l1 = 0.3\nnet_l2 = 0.5\nnet_l1 = 0.7\npenalty = \""+kind+"\"", rows, nil)
		j := job(t, model, base)
		start := models.New(j.Spec, rows, rows, 1, 1)
		check := func(name string, at int, w, plain, got float32, l2, l1 float64) {
			sign := 0.0
			if w != 0 {
				sign = math.Copysign(1, float64(w))
			}
			if want := float64(plain) - l2*float64(w) - l1*sign; math.Abs(float64(got)-want) > 2e-6*(1+math.Abs(want)) {
				t.Errorf("%s: %s[%d] is %g after the step, want %g", kind, name, at, got, want)
			}
		}
		for i, p := range start.Params() {
			l2, l1 := 0.5*of.l2, 0.7*of.l1
			if strings.HasSuffix(p.Name, ".dense") {
				l2, l1 = 0.2*of.l2, 0.3*of.l1
			}
			for k, w := range p.Value {
				check(p.Name, k, w, plain.Model.Params()[i].Value[k], got.Model.Params()[i].Value[k], l2, l1)
			}
		}
		b := first(j, rows)
		for i, l := range start.Lookups {
			counts := make([]float64, l.Table.Rows)
			for _, r := range b.Sparse[l.Rows.Fields[0]].IDs {
				counts[r] += 1.0 / rows
			}
			for k, w := range l.Table.Value {
				f := max(of.table, (1-of.table)*counts[k/l.Table.D])
				check(l.Table.Name, k, w, plain.Model.Lookups[i].Table.Value[k], got.Model.Lookups[i].Table.Value[k], 0.2*of.l2*f, 0.3*of.l1*f)
			}
		}
	}
}

// With a dense optimiser a row moves on that later batches do not look up; with a lazy one it waits.
func TestDenseAdamMovesEveryRow(t *testing.T) {
	for name, moves := range map[string]bool{"adam": false, "dense_adam": true, "adamw": false, "momentum": false, "ftrl": false} {
		s := newStepped(t, `name = "lr"`, "batch_size = 50\nlearning_rate = 0.1\noptimizer = \""+name+"\"", 50, nil)
		rows := s.Model.Lookups[0].Table
		seen := s.uses[0].Rows[0]
		before := rows.Value[seen]
		b := first(Job{Data: planted{[3]int{50, 0, 0}}}, 50)
		for i := range b.Sparse[0].IDs {
			b.Sparse[0].IDs[i] = (seen + 1) % 50
		}
		if _, err := s.Step(b); err != nil {
			t.Fatal(err)
		}
		if (rows.Value[seen] != before) != moves {
			t.Errorf("%s: a row that the second batch does not look up goes from %g to %g", name, before, rows.Value[seen])
		}
	}
}

// Row-wise Adagrad in whole tables is the same as on the rows looked up, where all are.
func TestRowwiseOfWholeTables(t *testing.T) {
	const base = "batch_size = 1000\noptimizer = \"rowwise_adagrad\"\nembedding_l2 = "
	few := newStepped(t, `name = "fm"`, base+"0", 1000, nil)
	all := newStepped(t, `name = "fm"`, base+"1e-12\npenalty = \"table\"", 1000, nil)
	for i, l := range few.Model.Lookups {
		for _, r := range few.uses[few.tables[i].key].Rows {
			for k := range l.Table.D {
				at := int(r)*l.Table.D + k
				if got, want := all.Model.Lookups[i].Table.Value[at], l.Table.Value[at]; math.Abs(float64(got-want)) > 1e-6 {
					t.Fatalf("%s[%d] is %g, want %g", l.Table.Name, at, got, want)
				}
			}
		}
	}
}
