package train

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/models"
)

// lines spells the rows of batches.
func lines(t *testing.T, d Data, n int, order uint64) (all []string) {
	t.Helper()
	last := 0
	for b, err := range d.Batches(batch.Train, n, order) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			line := fmt.Sprint(b.Label[i], b.Dense[2*i:2*i+2])
			for _, s := range b.Sparse {
				line += fmt.Sprint(s.Bag(i))
			}
			all = append(all, line)
		}
		if last > 0 && last < n {
			t.Errorf("a batch of %d rows stands before the last", last)
		}
		last = b.N
	}
	return all
}

// A union has every row of both splits once, drawn from both from the start, in the same order every time and another in each order.
func TestUnion(t *testing.T) {
	d := planted{[3]int{300, 100, 5}}
	var want []string
	for _, s := range []batch.Split{batch.Train, batch.Valid} {
		for b := range d.Batches(s, 50, 0) {
			want = append(want, lines(t, given{b}, 50, 0)...)
		}
	}
	u := union{d}
	if u.Rows(batch.Train) != 400 || u.Rows(batch.Valid) != 0 || u.Rows(batch.Test) != 5 {
		t.Errorf("splits of %d, %d and %d rows", u.Rows(batch.Train), u.Rows(batch.Valid), u.Rows(batch.Test))
	}
	if got := lines(t, u, 64, 0); !slices.Equal(got, want) {
		t.Error("order 0 is not train, then valid")
	}
	first := lines(t, u, 64, 7)
	if !slices.Equal(first, lines(t, u, 30, 7)) || slices.Equal(first, lines(t, u, 64, 8)) {
		t.Error("an order depends on the size of batches, or is all of them")
	}
	early := 0
	for _, line := range first[:100] {
		if slices.Contains(want[300:], line) {
			early++
		}
	}
	if early < 15 || early > 35 { // 25 on average, with a deviation of 3.8
		t.Errorf("%d of the first 100 rows are valid's, a fourth of all", early)
	}
	slices.Sort(first)
	slices.Sort(want)
	if !slices.Equal(first, want) {
		t.Error("rows are lost, or come twice")
	}
}

// given is a batch as a source.
type given struct{ b *batch.Batch }

func (given) Schema() batch.Schema   { return planted{}.Schema() }
func (g given) Rows(batch.Split) int { return g.b.N }
func (g given) Batches(batch.Split, int, uint64) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) { yield(g.b, nil) }
}

// Thinned, train keeps its positives and about the share of the others, in their order; others in another epoch.
func TestThin(t *testing.T) {
	d := planted{[3]int{2000, 100, 100}}
	all := lines(t, d, 100, 3)
	positive := 0
	for _, line := range all {
		if line[0] == '1' {
			positive++
		}
	}
	thin, err := thin(d, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	got, next := lines(t, thin, 64, 3), 0
	kept := 0
	for _, line := range all {
		if next < len(got) && got[next] == line {
			next++
			kept++
		} else if line[0] == '1' {
			t.Fatal("a positive is gone")
		}
	}
	if next != len(got) {
		t.Error("rows are not in their order")
	}
	expected := float64(positive) + 0.25*float64(2000-positive)
	if math.Abs(float64(kept)-expected) > 60 || math.Abs(float64(thin.Rows(batch.Train))-expected) > 1 { // three deviations
		t.Errorf("%d rows are left, %d announced, want about %g", kept, thin.Rows(batch.Train), expected)
	}
	if !slices.Equal(got, lines(t, thin, 10, 3)) || thin.Rows(batch.Valid) != 100 {
		t.Error("what is left depends on the size of batches, or valid is thinned")
	}
}

// A model whose logit is moved begins, on thinned negatives, as one begins that knows nothing of them: the same loss and gradients.
func TestThinnedBegins(t *testing.T) {
	for _, model := range []string{every[2], every[5], "name = \"dcnv3\"", "name = \"finalnet\"\nblocks = 2"} {
		plain := newStepped(t, model, "batch_size = 100", 90, nil)
		thinned := newStepped(t, model, "batch_size = 100\nnegative_rate = 0.125", 90, func(m *models.Model) { m.ShiftLogit(float32(math.Log(0.125))) })
		if math.Abs(plain.loss-thinned.loss) > 1e-6 {
			t.Errorf("%s: the loss is %v, want %v", model, thinned.loss, plain.loss)
		}
		for name, want := range plain.grads {
			for i, g := range thinned.grads[name] {
				if math.Abs(float64(g-want[i])) > 1e-6 {
					t.Fatalf("%s: the gradient of %s[%d] is %g, want %g", model, name, i, g, want[i])
				}
			}
		}
	}
}

// Predictions after training on an eighth of the negatives are those of all rows: their mean is near the base rate, not near that of
// what was kept, which is about 0.9 in 0.55.
func TestThinnedIsCalibrated(t *testing.T) {
	j := job(t, every[0], "batch_size = 100\nepochs = 20\nnegative_rate = 0.125\nlearning_rate = 0.2")
	j.Data = planted{[3]int{4000, 1000, 1000}}
	r, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Metrics["test.calibration"]; math.Abs(c-1) > 0.08 {
		t.Errorf("the mean prediction is %.3f of the base rate", c)
	}
}

func TestThinRefused(t *testing.T) {
	for options, want := range map[string]string{
		"negative_rate = 0":                     "negative_rate is 0, want more than 0 and at most 1",
		"negative_rate = 1.5":                   "negative_rate is 1.5, want more",
		"loss = \"mse\"\nnegative_rate = 0.5":   `negative_rate is 0.5, and with loss "mse" there are no probabilities to set right for it`,
		"loss = \"hinge\"\nnegative_rate = 0.5": `with loss "hinge" there are no probabilities`,
	} {
		o := Defaults()
		if err := decodeOptions(options, &o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", options, err, want)
		}
	}
}
