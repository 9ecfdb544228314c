package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func mustClicks(t testing.TB, change func(*Synthetic)) *Clicks {
	t.Helper()
	o := ClickDefaults(50)
	o.Rows = 20000
	if change != nil {
		change(&o)
	}
	c, err := NewClicks(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func written(t *testing.T, c *Clicks, name string, workers int) (text, logits string, _ Oracle) {
	t.Helper()
	var b, l bytes.Buffer
	oracle, err := c.Write(t.Context(), &b, &l, name, workers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), l.String(), oracle
}

// Every word of a line is of the row that the truth saw: the label, the count that the feature was made of, a
// spelling of the id that no other has, nothing where the value is missing.
func TestClicksSpellRows(t *testing.T) {
	c := mustClicks(t, nil)
	text, logits, _ := written(t, c, "x.tsv", 2)
	lines, truths := strings.Split(strings.TrimSuffix(text, "\n"), "\n"), strings.Fields(logits)
	d := c.g.drawer(c.rows)
	numbers := make([]uint64, c.rows)
	for i := range numbers {
		numbers[i] = uint64(i)
	}
	d.start()
	d.draw(numbers)
	if len(lines) != c.rows || len(truths) != c.rows {
		t.Fatalf("%d lines and %d logits, want %d", len(lines), len(truths), c.rows)
	}
	missing := 0
	var spelt [criteoCats]map[string]int32
	for r, line := range lines {
		words := strings.Split(line, "\t")
		if len(words) != 1+criteoInts+criteoCats || words[0] != fmt.Sprint(d.batch.Label[r]) {
			t.Fatalf("line %d is %q, its label %g", r, line, d.batch.Label[r])
		}
		if z, _ := strconv.ParseFloat(truths[r], 32); float32(z) != d.batch.Truth[r] {
			t.Fatalf("line %d has the logit %s, want %g", r, truths[r], d.batch.Truth[r])
		}
		for k := range criteoInts {
			word, x := words[1+k], d.batch.Dense[r*criteoInts+k]
			if word == "" {
				missing++
			}
			n, _ := strconv.Atoi(word)
			if want := float32((math.Log1p(float64(n)) - c.g.counts.mean) / c.g.counts.sd); x != want {
				t.Fatalf("line %d: I%d is %q, and the truth saw %g, want %g", r, k+1, word, x, want)
			}
		}
		for f := range criteoCats {
			word, id := words[1+criteoInts+f], d.batch.Sparse[f].IDs[r]
			if spelt[f] == nil {
				spelt[f] = map[string]int32{}
			}
			if before, ok := spelt[f][word]; ok && before != id || (word == "") != (id == 0) {
				t.Fatalf("line %d: C%d spells %d as %q, which is %d's", r, f+1, id, word, before)
			}
			spelt[f][word] = id
		}
	}
	if rate := float64(missing) / criteoInts / 20000; math.Abs(rate-0.1) > 4*math.Sqrt(0.09/20000/criteoInts) {
		t.Errorf("%.4f of counts are missing, want 0.1", rate)
	}
	for f, words := range spelt {
		ids := map[int32]bool{}
		for _, id := range words {
			ids[id] = true
		}
		if len(ids) != len(words) {
			t.Errorf("C%d has %d spellings of %d ids", f+1, len(words), len(ids))
		}
	}
}

// The rows of a seed stay, and no number of workers, no packing changes them.
func TestClicksAreTheSameForever(t *testing.T) {
	for name, change := range map[string]func(*Synthetic){
		"cf6c": nil,
		"logs": func(o *Synthetic) { o.Locality, o.Drift, o.LabelNoise, o.Cold = &Locality{Repeat: 0.5}, 0.5, 0.1, 0.1 },
	} {
		c := mustClicks(t, change)
		one, logits, oracle := written(t, c, "x", 1)
		for _, workers := range []int{2, 5} {
			text, z, o := written(t, c, "x", workers)
			if text != one || z != logits || o.Rows != oracle.Rows || o.AUC != oracle.AUC || o.LogLoss != oracle.LogLoss {
				t.Errorf("%s: %d workers write other rows than 1", name, workers)
			}
		}
		packed, _, _ := written(t, c, "x.gz", 3)
		z, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(z); err != nil || string(text) != one {
			t.Errorf("%s: gzip has other rows; %v", name, err)
		}
		packed, _, _ = written(t, c, "x.zst", 3)
		d, err := zstd.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(d); err != nil || string(text) != one {
			t.Errorf("%s: zstd has other rows; %v", name, err)
		}
		d.Close()
		if sum := sha256.Sum256([]byte(one)); name == "cf6c" && runtime.GOARCH == "amd64" && hex.EncodeToString(sum[:2]) != name {
			t.Errorf("the rows' sum begins with %x, want %s", sum[:2], name)
		}
	}
}

// The oracle is the mean of the log loss, and the share of pairs in order, of logits as they are written.
func TestOracle(t *testing.T) {
	text, logits, oracle := written(t, mustClicks(t, func(o *Synthetic) { o.Rows = 3000 }), "x", 2)
	var z, y []float64
	for _, word := range strings.Fields(logits) {
		v, _ := strconv.ParseFloat(word, 64)
		z = append(z, v)
	}
	loss, positives := 0.0, 0.0
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		label := float64(line[0] - '0')
		y = append(y, label)
		positives += label
		loss -= label*math.Log(sigmoid(z[i])) + (1-label)*math.Log(1-sigmoid(z[i]))
	}
	above, pairs := 0.0, 0.0
	for i := range z {
		for j := range z {
			if y[i] > y[j] {
				if pairs++; z[i] > z[j] {
					above++
				}
			}
		}
	}
	if oracle.Rows != 3000 || float64(oracle.Positives) != positives || oracle.BaseRate != positives/3000 {
		t.Errorf("the oracle counts %+v, want %g positives of 3000", oracle, positives)
	}
	if math.Abs(oracle.LogLoss-loss/3000) > 1e-6 || math.Abs(oracle.AUC-above/pairs) > 1e-6 {
		t.Errorf("the oracle has log loss %g and AUC %g, want %g and %g", oracle.LogLoss, oracle.AUC, loss/3000, above/pairs)
	}
}

func TestClicksStop(t *testing.T) {
	full := errors.New("full")
	if _, err := mustClicks(t, nil).Write(t.Context(), failing{full}, nil, "x", 2, nil); !errors.Is(err, full) {
		t.Errorf("a full disk gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mustClicks(t, nil).Write(ctx, io.Discard, nil, "x", 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("an interruption gives %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestClicksRefuse(t *testing.T) {
	for want, change := range map[string]func(*Synthetic){
		"fields are 3 and dense 13, want 26 and 13":             func(o *Synthetic) { o.Fields = Fields{Count: 3} },
		"fields[2] is multi-hot, which Criteo's format has not": func(o *Synthetic) { o.Fields.List[2].MultiHot = 2 },
		"drift is 2, want 0 to 1":                               func(o *Synthetic) { o.Drift = 2 },
	} {
		o := ClickDefaults(50)
		change(&o)
		if _, err := NewClicks(o); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// BenchmarkClicks writes rows on one core.
func BenchmarkClicks(b *testing.B) {
	c := mustClicks(b, func(o *Synthetic) { o.Rows = 8 * chunkRows })
	for _, name := range []string{"x.tsv", "x.gz", "x.zst"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.Write(b.Context(), io.Discard, nil, name, 1, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*c.rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
