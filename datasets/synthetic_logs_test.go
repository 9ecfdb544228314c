package datasets

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

const logs = `[data]
rows = 25000
zipf = 0.9
missing = 0.1
cold = 0.2
locality = 0.5
label_noise = 0.1
drift = 0.7
fields = [{ name = "user", rows = 3000 }, { name = "item", rows = 500, locality = { distances = [0, 1, 3, 4, 5], cumulative = [0.55, 0.64, 0.82, 0.91, 1.0] } },
  { name = "brand", rows = 40, of = "item", noise = 0.1, missing = 0 }, { name = "country", rows = 9, of = "brand" },
  { name = "genres", rows = 20, multi_hot = 2, of = "item" }, { name = "words", rows = 200, multi_hot = 3, pool = "mean" }]
dense = [{ name = "price", of = "item", noise = 0.2 }, {}, { missing = 0 }]
`

func opened(t *testing.T, src string) *synthetic {
	t.Helper()
	o, err := decodeSynthetic(src)
	if err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, o).(*synthetic)
}

// whole returns a split as one batch.
func whole(t *testing.T, s Source, split batch.Split) *batch.Batch {
	t.Helper()
	for b, err := range s.Batches(split, s.Rows(split), 0) {
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return nil
}

func TestSyntheticLogsAreASource(t *testing.T) {
	checkSource(t, opened(t, logs))
	checkSource(t, opened(t, "[data]\nrows = 40000\nfields = 3\nlocality = 0.5\nsplit = { fractions = [0.4, 0.6, 0] }"))
}

// An order with locality is of all rows, and no two are alike.
func TestWindowsAreAnOrder(t *testing.T) {
	for _, c := range [][3]int{{0, 1, 8}, {5, 3, 8}, {5, 100, 8}, {7, 1000, 64}, {100, 1 << 18, 1 << 13}} {
		seen := make([]bool, c[1])
		w, other, same := newWindows(c[0], c[1], c[2], 3), newWindows(c[0], c[1], c[2], 4), 0
		for i := range c[1] {
			at := w.place(i) - c[0]
			if at < 0 || at >= c[1] || seen[at] {
				t.Fatalf("%v: place %d is row %d, twice or out of range", c, i, at)
			}
			seen[at] = true
			if other.place(i)-c[0] == at {
				same++
			}
		}
		if c[1] > 50 && same > 10 {
			t.Errorf("%v: %d rows have the same place in two orders, want about 1", c, same)
		}
	}
}

// misfit is Σ (labels − Σp)² / Σp(1−p) over ten bins of rows by p, whose mean is 10 and standard deviation √20 where
// the labels are drawn from p.
func misfit(label []float32, p []float64) float64 {
	rows := make([]int, len(p))
	for i := range rows {
		rows[i] = i
	}
	slices.SortFunc(rows, func(a, b int) int { return int(math.Copysign(1, p[a]-p[b])) })
	sum := 0.0
	for bin := range 10 {
		miss, variance := 0.0, 0.0
		for _, r := range rows[bin*len(rows)/10 : (bin+1)*len(rows)/10] {
			miss += float64(label[r]) - p[r]
			variance += p[r] * (1 - p[r])
		}
		sum += miss * miss / variance
	}
	return sum
}

// Of every option the true logit is that of the labels: the bound is 10 + 5 standard deviations.
func TestLabelsAreOfTheTruth(t *testing.T) {
	for _, src := range []string{
		"", "missing = 0.3", "cold = 0.3", "locality = 0.7", "label_noise = 0.2", "drift = 1", "unseen = ['f3', 'f1']",
		"fields = [{ name = 'item', rows = 50 }, { name = 'brand', rows = 20, of = 'item', noise = 0.1 }]\ndense = [{ of = 'item' }]",
		"fields = [{ name = 'item' }, { name = 'brand', of = 'item' }, {}]\nmissing = 0.2\nlabel_noise = 0.1\ndrift = 0.5\ntruth = 'mixed'",
	} {
		s := opened(t, "[data]\nrows = 50000\nsplit = { fractions = [0.6, 0.2, 0.2] }\n"+src)
		for split := range batch.Splits {
			b := whole(t, s, split)
			p := make([]float64, b.N)
			for i, z := range b.Truth {
				p[i] = sigmoid(float64(z))
			}
			if m := misfit(b.Label, p); m > 10+5*math.Sqrt(20) {
				t.Errorf("%q, %v: labels miss the truth by %.1f, want 10", src, split, m)
			}
		}
	}
}

// Labels are flipped at the rate, rows and all else stay, and the truth tells: p becomes p + r(1 − 2p).
func TestLabelNoise(t *testing.T) {
	const src = "[data]\nrows = 100000\nfields = 4\nsplit = { fractions = [1, 0, 0] }\n"
	clean, noisy := whole(t, opened(t, src), batch.Train), whole(t, opened(t, src+"label_noise = 0.15"), batch.Train)
	flips := 0.0
	for i := range clean.N {
		flips += math.Abs(float64(clean.Label[i] - noisy.Label[i]))
		p := sigmoid(float64(clean.Truth[i]))
		if want := 0.15*(1-p) + 0.85*p; math.Abs(sigmoid(float64(noisy.Truth[i]))-want) > 1e-6 {
			t.Fatalf("row %d: the truth is %g, want %g", i, sigmoid(float64(noisy.Truth[i])), want)
		}
	}
	if fmt.Sprint(clean.Sparse) != fmt.Sprint(noisy.Sparse) {
		t.Error("ids are others")
	}
	if rate := flips / 100000; math.Abs(rate-0.15) > 4*math.Sqrt(0.15*0.85/100000) {
		t.Errorf("%.4f of labels are flipped, want 0.15", rate)
	}
}

// Values are missing at the rate; those that are there are what they were, an id higher.
func TestMissing(t *testing.T) {
	const src = "[data]\nrows = 50000\ndense = 1\nsplit = { fractions = [1, 0, 0] }\n"
	all := whole(t, opened(t, src+"fields = [{ rows = 30 }, { rows = 10, multi_hot = 2 }]"), batch.Train)
	some := whole(t, opened(t, src+"fields = [{ rows = 31 }, { rows = 10, multi_hot = 2 }]\nmissing = 0.2"), batch.Train)
	var gone [3]float64
	for i := range all.N {
		switch id := some.Sparse[0].IDs[i]; id {
		case 0:
			gone[0]++
		case all.Sparse[0].IDs[i] + 1:
		default:
			t.Fatalf("row %d has the id %d, want 0 or %d", i, id, all.Sparse[0].IDs[i]+1)
		}
		if bag := some.Sparse[1].Bag(i); len(bag) == 0 && len(all.Sparse[1].Bag(i)) > 0 {
			gone[1] += 5. / 4 // a bag of 0 to 4 is empty by itself in one row of five
		} else if !slices.Equal(bag, all.Sparse[1].Bag(i)) {
			t.Fatalf("row %d has the bag %v, want %v or none", i, bag, all.Sparse[1].Bag(i))
		}
		if x := some.Dense[i]; x == 0 {
			gone[2]++
		} else if x != all.Dense[i] {
			t.Fatalf("row %d has the value %g, want 0 or %g", i, x, all.Dense[i])
		}
	}
	for i, n := range gone {
		if math.Abs(n/50000-0.2) > 0.009 { // 4 standard errors and a little more for the bags
			t.Errorf("column %d: %.4f of values are missing, want 0.2", i, n/50000)
		}
	}
}

// A column of another is one value for each of its ids, but for the noise.
func TestColumnsOfOthers(t *testing.T) {
	b := whole(t, opened(t, `[data]
rows = 100000
zipf = 0
split = { fractions = [1, 0, 0] }
fields = [{ name = "item", rows = 20, missing = 0.3 }, { name = "brand", rows = 1000, of = "item", noise = 0.25 }, { name = "tags", multi_hot = 2, of = "item" }]
dense = [{ of = "item" }, { of = "item", noise = 0.25 }]`), batch.Train)
	const columns = 4
	var counts [columns]map[string]int // (item, value) → rows
	var values [columns]map[int32]map[string]bool
	for c := range columns {
		counts[c], values[c] = map[string]int{}, map[int32]map[string]bool{}
	}
	known := 0
	for i := range b.N {
		item := b.Sparse[0].IDs[i]
		if item == 0 {
			continue
		}
		known++
		for c, v := range []string{fmt.Sprint(b.Sparse[1].IDs[i]), fmt.Sprint(b.Sparse[2].Bag(i)), fmt.Sprint(b.Dense[2*i]), fmt.Sprint(b.Dense[2*i+1])} {
			counts[c][fmt.Sprint(item, " ", v)]++
			if values[c][item] == nil {
				values[c][item] = map[string]bool{}
			}
			values[c][item][v] = true
		}
	}
	for c := range columns {
		noisy := c == 0 || c == 3
		most := 0
		for item, all := range values[c] {
			if !noisy && len(all) != 1 {
				t.Errorf("column %d has %d values of item %d, want 1", c, len(all), item)
			}
			best := 0
			for v := range all {
				best = max(best, counts[c][fmt.Sprint(item, " ", v)])
			}
			most += best
		}
		if share := float64(most) / float64(known); noisy && math.Abs(share-0.75) > 0.007 {
			t.Errorf("column %d is its item's in %.4f of rows, want 0.75", c, share)
		}
	}
}

// The distribution that truths are centred on is that of the rows.
func TestProbabilitiesAreThoseOfRows(t *testing.T) {
	s := opened(t, `[data]
rows = 200000
split = { fractions = [1, 0, 0] }
missing = 0.2
fields = [{ name = "item", rows = 30 }, { name = "brand", rows = 6, of = "item", noise = 0.2 }, { name = "maker", rows = 4, of = "brand" }]`)
	b := whole(t, s, batch.Train)
	for f := range s.fields {
		counts := make([]float64, s.fields[f].Rows)
		for _, id := range b.Sparse[f].IDs {
			counts[id] += 1. / 200000
		}
		for id, p := range s.fields[f].pmf {
			if math.Abs(counts[id]-p) > 5*math.Sqrt(p*(1-p)/200000)+1e-9 {
				t.Errorf("field %d: id %d has probability %.4f and %.4f of rows", f, id, p, counts[id])
			}
		}
	}
}

// Of 100 ids a fifth is cold: train has none of them, and valid and test have all of the frequent ones as often as
// the distribution says.
func TestCold(t *testing.T) {
	s := opened(t, "[data]\nrows = 100000\nfields = 2\ncold = 0.2\nsplit = { fractions = [0.5, 0.25, 0.25] }")
	for f := range s.fields {
		c, want, ids := &s.fields[f], 0.0, 0
		for id, p := range c.pmf {
			if c.isCold(int32(id)) {
				ids++
				want += p
			}
		}
		if ids != 20 || c.isCold(0) {
			t.Errorf("%d ids are cold, want 20; the most frequent one: %v", ids, c.isCold(0))
		}
		for split := range batch.Splits {
			share, rows := 0.0, 0
			for _, id := range whole(t, s, split).Sparse[f].IDs {
				if rows++; c.isCold(id) {
					share++
				}
			}
			share /= float64(rows)
			if split == batch.Train && share != 0 || split != batch.Train && math.Abs(share-want) > 4*math.Sqrt(want/25000) {
				t.Errorf("field %d, %v: %.4f of rows have cold ids, want %.4f, in train none", f, split, share, want)
			}
		}
	}
}

// Train has eight tenths of the pairs, valid and test the others, whichever field comes first; every id is in all of them. A field
// between is drawn as ever.
func TestUnseen(t *testing.T) {
	for _, pair := range []string{"['a', 'c']", "['c', 'a']"} {
		s := opened(t, "[data]\nrows = 40000\nzipf = 0.5\nfields = [{ name = 'a', rows = 30 }, { name = 'b' }, { name = 'c', rows = 20 }]\nunseen = "+pair)
		seen := map[[2]int32]batch.Split{}
		var ids [batch.Splits][2]map[int32]bool
		for split := range batch.Splits {
			b := whole(t, s, split)
			ids[split] = [2]map[int32]bool{{}, {}}
			for i, a := range b.Sparse[0].IDs {
				p := [2]int32{a, b.Sparse[2].IDs[i]}
				ids[split][0][p[0]], ids[split][1][p[1]] = true, true
				if was, ok := seen[p]; ok && (was == batch.Train) != (split == batch.Train) {
					t.Fatalf("%v and %v both have %v", was, split, p)
				}
				seen[p] = split
			}
			if len(ids[split][0]) != 30 || len(ids[split][1]) != 20 {
				t.Errorf("%v has %d and %d ids, want 30 and 20", split, len(ids[split][0]), len(ids[split][1]))
			}
		}
		train := 0
		for _, split := range seen {
			if split == batch.Train {
				train++
			}
		}
		if len(seen) != 600 || train != 480 {
			t.Errorf("%d of %d pairs are in train, want 480 of 600", train, len(seen))
		}
	}
}

// The truth at a share of the way correlates with that at the start as the cosine of the angle; over 20,000 weights
// the correlation has an error of about 0.01.
func TestDrift(t *testing.T) {
	s := opened(t, "[data]\nrows = 1000\nfields = 20\nrows_per_field = 1000\nzipf = 0\ndrift = 0.8\ntruth = 'linear'")
	d := s.drawer(blockRows)
	values := map[float64][]float64{}
	for from := range 100 {
		numbers := make([]uint64, blockRows)
		for i := range numbers {
			numbers[i] = sampleFrom + uint64(from*blockRows+i)
		}
		d.start()
		d.each(numbers, func(b *block) {
			for _, share := range []float64{0, 0.5, 1} {
				for r := range b.n {
					b.turn[r] = s.turn(uint64(1000 * share))
				}
				s.terms[0].values(b)
				values[share] = append(values[share], b.values[:b.n]...)
			}
		})
	}
	for share, x := range values {
		if got, want := correlation(x, values[0]), math.Cos(share*0.8*math.Pi/2); math.Abs(got-want) > 0.03 {
			t.Errorf("at %g of the way the correlation is %.3f, want %.3f", share, got, want)
		}
		if _, sd := moments(x); math.Abs(sd*s.terms[0].scale-2) > 0.1 {
			t.Errorf("at %g of the way the term's strength is %.3f, want 2", share, sd*s.terms[0].scale)
		}
	}
}

func correlation(x, y []float64) float64 {
	mx, sx := moments(x)
	my, sy := moments(y)
	sum := 0.0
	for i := range x {
		sum += (x[i] - mx) / sx * (y[i] - my) / sy
	}
	return sum / float64(len(x))
}

// The second half of each segment has the stack distances that were asked for, DLRM's example among them, counted by
// a list of the ids used; in training with cold ids likewise.
func TestLocality(t *testing.T) {
	for _, c := range []struct {
		src  string
		want map[int]float64
	}{
		{"{ distances = [0, 1, 3, 4, 5], cumulative = [0.55, 0.64, 0.82, 0.91, 1.0] }", map[int]float64{0: 0.55, 1: 0.09, 3: 0.18, 4: 0.09, 5: 0.09}},
		{"{ distances = [0, 40], cumulative = [0.1, 1.0] }\ncold = 0.3", map[int]float64{0: 0.1, 40: 0.9}},
		{"0.75", map[int]float64{0: 0.25, 1: 0.1581, 2: 0.0791, 10: 0.0158, 64: 0.0025}}, // 0.75/H₆₄ = 0.75/4.7439
	} {
		s := opened(t, "[data]\nrows = 65536\nfields = [{ rows = 1000 }]\ntruth = 'linear'\nsplit = { fractions = [1, 0, 0] }\nlocality = "+c.src)
		ids := whole(t, s, batch.Train).Sparse[0].IDs
		depth := s.fields[0].local.depth()
		counts, n := map[int]float64{}, 0.0
		for from := 0; from < len(ids); from += leastRows {
			var used []int32
			for r, id := range ids[from : from+leastRows] {
				distance := slices.Index(used, id) + 1
				if distance > 0 {
					used = slices.Delete(used, distance-1, distance)
				}
				used = slices.Insert(used, 0, id)
				if r >= leastRows/2 {
					if distance > depth {
						distance = 0
					}
					counts[distance]++
					n++
				}
			}
		}
		for distance, p := range c.want {
			if got := counts[distance] / n; math.Abs(got-p) > 4*math.Sqrt(p*(1-p)/n)+1e-4 {
				t.Errorf("locality %s: distance %d comes in %.4f of rows, want %.4f", c.src, distance, got, p)
			}
		}
	}
}

// A field of hardly more ids than the stack has, of which some are cold, still has new ones.
func TestLocalityOfFewIDs(t *testing.T) {
	s := opened(t, "[data]\nrows = 10000\nzipf = 3\nfields = [{ rows = 11, cold = 0.4 }, {}]\nlocality = { distances = [0, 6], cumulative = [0.5, 1] }")
	if got := s.fields[0].warm(); got != 7 {
		t.Fatalf("%d ids are warm, want 7 of 11", got)
	}
	checkSource(t, s)
}

func TestNamedTruths(t *testing.T) {
	for _, n := range NamedTruths {
		s := opened(t, "[data]\nrows = 100\ntruth = '"+n.Name+"'")
		o, _ := decodeSynthetic("[data]\nrows = 100")
		o.Truth = n.Terms
		if mustOpen(t, o).Identity() != s.Identity() {
			t.Errorf("truth = %q is another than its terms", n.Name)
		}
	}
}

func TestSyntheticLogsRefused(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"missing = 1", `e.toml:2: data.missing is 1, want 0 to 0.99`},
		{"unseen = ['f0']", `e.toml:2: data.unseen is ["f0"], want two fields`},
		{"unseen = ['f0', 'f0']", `e.toml:2: data.unseen is ["f0" "f0"], want two fields`},
		{"unseen = ['f0', 'g']", `e.toml:2: data.unseen has "g", which is no field of the data`},
		{"unseen = ['f0', 'f1']\ncold = 0.1", `e.toml:2: data.unseen has "f0", want fields of at least 10 ids without multi_hot, of, missing, cold and locality`},
		{"cold = 0.6", `e.toml:2: data.cold is 0.6, want 0 to 0.5`},
		{"label_noise = 0.5", `e.toml:2: data.label_noise is 0.5, want 0 to 0.49`},
		{"drift = 2", `e.toml:2: data.drift is 2, want 0 to 1`},
		{"locality = 2", `e.toml:2: data.locality is 2, want 0 to 1`},
		{"locality = 'much'", `e.toml:2: data.locality is neither a share of rows nor a table { distances, cumulative }`},
		{"locality = { distances = [0, 1], cumulative = [1] }", `e.toml:2: data.locality has 2 distances and 1 cumulative probabilities, want as many, at least 1`},
		{"locality = { distances = [1, 1], cumulative = [0.5, 1] }", `e.toml:2: data.locality has distances[1] 1, want ascending ones, 0 to 65536`},
		{"locality = { distances = [0, 1], cumulative = [0.5, 0.4] }", `e.toml:2: data.locality has cumulative[1] 0.4, want ascending ones up to 1`},
		{"locality = { distances = [0, 1], cumulative = [0.5, 0.9] }", `e.toml:2: data.locality has cumulative probabilities up to 0.9, want 1`},
		{"locality = { distances = [0, 100], cumulative = [0.5, 1] }", `e.toml:2: data.locality reaches 100 ids back, want less than the 100 that training has of fields[0]`},
		{"fields = [{}, { locality = { distances = [0, 100], cumulative = [0.5, 1] } }]", `e.toml:2: data.fields[1].locality reaches 100 ids back, want less than the 100 that training has`},
		{"fields = [{ name = 'brand', of = 'item' }, { name = 'item' }]", `e.toml:2: data.fields[0].of is "item", which is no field before it`},
		{"fields = [{ name = 'tags', multi_hot = 2 }, { of = 'tags' }]", `e.toml:2: data.fields[1].of is "tags", which is multi-hot`},
		{"fields = [{ noise = 0.1 }]", `e.toml:2: data.fields[0].noise is for columns with of`},
		{"fields = [{ name = 'a' }, { of = 'a', cold = 0.1 }]", `e.toml:2: data.fields[1].cold is for fields without of, which have their ids from another`},
		{"fields = [{ multi_hot = 1, locality = 0.5 }]", `e.toml:2: data.fields[0].locality is for fields without of and multi_hot`},
		{"fields = [{ rows = 1, missing = 0.1 }, {}]", `e.toml:2: data.fields[0].missing takes the id 0, and rows is 1`},
		{"dense = [{ of = 'item' }]", `e.toml:2: data.dense[0].of is "item", which is no field before it`},
		{"dense = [{}, { name = 'd0' }]", `e.toml:2: data.dense[1].name is "d0", which another has`},
		{"dense = -1", `e.toml:2: data.dense is -1, want 0 to 10000`},
		{"truth = 'fn'", `e.toml:2: data.truth is "fn", want tables or one of linear, fm, pairs, order3, order4, parity, bilinear, mlp, deep, high-order, mixed, ctr-like; did you mean fm?`},
	} {
		_, err := decodeSynthetic("[data]\n" + c.src)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.src, err, c.want)
		}
	}
}
