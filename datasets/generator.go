package datasets

import (
	"fmt"
	"math"

	"ctrlab/datasets/batch"
)

// generator draws rows of a synthetic set.
type generator struct {
	schema    batch.Schema
	fields    []fieldColumn
	dense     []denseColumn
	counts    *counts // where dense features are counts
	segment   int     // rows that share the stacks of locality; 0 without
	size      uint64  // of the set; rows beyond are a sample that no split has
	train     uint64  // rows that are for training
	drift     float64
	rows      uint64 // keys of the rows, their labels and the flips of labels
	labels    uint64
	flips     uint64
	flipped   float64
	terms     []plantedTerm
	intercept float64
	scratch   int // numbers a row
}

// fieldColumn is how a field's ids are drawn; keys are of what is drawn of a row.
type fieldColumn struct {
	Field
	key, noisy, lost uint64
	of               int // the field that it is a function of, −1 for none
	ofKey            uint64
	zipf             *zipf
	pmf              []float64 // of its most frequent ids
	first            int32     // id of the first value
	local            *stacks
	unseen           *unseen // whose second field it is; nil for none
}

type denseColumn struct {
	DenseColumn
	key, noisy, lost uint64
	of               int
	ofKey            uint64
}

// plantedTerm adds scale·(value − mean) to the logit.
type plantedTerm struct {
	term
	mean, scale float64
}

func newGenerator(o Synthetic) (*generator, error) { return makeGenerator(o, nil) }

// newCounting makes one whose dense features are counts.
func newCounting(o Synthetic) (*generator, error) { return makeGenerator(o, newCounts()) }

func makeGenerator(o Synthetic, c *counts) (*generator, error) {
	g := &generator{
		counts: c,
		rows:   keyOf(o.Seed, "rows"), labels: keyOf(o.Seed, "labels"), flips: keyOf(o.Seed, "flips"),
		size: uint64(o.Rows), train: uint64(cut(o.Rows, o.Split.Fractions)[1]), drift: o.Drift, flipped: o.LabelNoise,
	}
	g.addColumns(o)
	return g, g.plant(o)
}

func (g *generator) addColumns(o Synthetic) {
	fields, dense := o.columns()
	samplers := map[[2]float64]*zipf{}
	at := map[string]int{}
	for i, f := range fields {
		like := [2]float64{float64(f.values()), *f.Zipf}
		if samplers[like] == nil {
			samplers[like] = newZipf(f.values(), *f.Zipf)
		}
		c := fieldColumn{
			Field: f, of: -1, zipf: samplers[like],
			key: keyOf(o.Seed, "column", f.Name), noisy: keyOf(o.Seed, "noise", f.Name), lost: keyOf(o.Seed, "missing", f.Name),
		}
		if f.reserves() {
			c.first = 1
		}
		if at[f.Name] = i; f.Of != "" {
			c.of, c.ofKey = at[f.Of], keyOf(o.Seed, "of", f.Name)
		}
		if c.local = newStacks(f.Locality, f.warm()); c.local != nil {
			g.segment = max(g.segment, c.local.segment())
		}
		c.pmf = g.probabilities(&c)
		g.fields = append(g.fields, c)
		g.schema.Sparse = append(g.schema.Sparse, f.schema())
	}
	g.addUnseen(o, at)
	g.schema.Dense = make([]string, 0, len(dense))
	for _, d := range dense {
		c := denseColumn{
			DenseColumn: d, of: -1,
			key: keyOf(o.Seed, "column", d.Name), noisy: keyOf(o.Seed, "noise", d.Name), lost: keyOf(o.Seed, "missing", d.Name),
		}
		if d.Of != "" {
			c.of, c.ofKey = at[d.Of], keyOf(o.Seed, "of", d.Name)
		}
		g.dense = append(g.dense, c)
		g.schema.Dense = append(g.schema.Dense, d.Name)
	}
}

// plant makes the terms of the truth.
func (g *generator) plant(o Synthetic) error {
	p := &planter{names: o.names(), fields: g.fields, drift: o.Drift > 0}
	for i, t := range o.Truth {
		p.key = keyOf(o.Seed, "truth", t.Kind, fmt.Sprint(i))
		g.terms = append(g.terms, plantedTerm{term: t.Options.plant(p)})
	}
	g.scratch = p.tmp
	return g.calibrate(o)
}

// probabilities of a one-hot field's most frequent ids, those of missing values and of what it is a function of
// included.
func (g *generator) probabilities(c *fieldColumn) []float64 {
	pmf := c.zipf.pmf
	if c.of >= 0 && c.MultiHot == 0 {
		pmf = c.image(g.fields[c.of])
	}
	if !c.reserves() {
		return pmf
	}
	with := []float64{*c.Missing}
	for _, p := range pmf {
		with = append(with, (1-*c.Missing)*p)
	}
	return with
}

// image is the distribution of what a field makes of another's ids, whose most frequent ones are followed.
func (c *fieldColumn) image(of fieldColumn) []float64 {
	pmf, rest := make([]float64, len(c.zipf.pmf)), 1.0
	for id, p := range of.pmf {
		if of.reserves() { // a row whose id is lost has made of it what it makes of the id
			if id == 0 {
				continue
			}
			p /= 1 - *of.Missing
		}
		rest -= p
		s := stream(mix(c.ofKey ^ uint64(id)))
		if v := int(c.zipf.draw(&s)); v < len(pmf) {
			pmf[v] += p
		}
	}
	for v, p := range c.zipf.pmf {
		pmf[v] = (1-c.Noise)*(pmf[v]+max(rest, 0)*p) + c.Noise*p
	}
	return pmf
}

const sampleRows = 1 << 16

// calibrate gives each term the mean 0 and the standard deviation of its strength, and the set its base rate, over
// a sample of rows that no split has.
func (g *generator) calibrate(o Synthetic) error {
	values := make([][]float64, len(g.terms))
	d := g.drawer(blockRows)
	for from := 0; from < sampleRows; from += blockRows {
		numbers := make([]uint64, blockRows)
		for i := range numbers {
			numbers[i] = sampleFrom + uint64(from+i)
		}
		d.start()
		d.each(numbers, func(b *block) {
			for j, t := range g.terms {
				t.values(b)
				values[j] = append(values[j], b.values[:b.n]...)
			}
		})
	}
	logits := make([]float64, sampleRows)
	for j := range g.terms {
		mean, sd := moments(values[j])
		if !(sd > 1e-9) {
			return fmt.Errorf("data.truth[%d] (%s) is the same in every row, want fields that vary", j, o.Truth[j].Kind)
		}
		t := &g.terms[j]
		t.mean, t.scale = mean, o.Truth[j].Options.strength()/sd
		for i, v := range values[j] {
			logits[i] += t.scale * (v - mean)
		}
	}
	g.intercept = interceptFor(logits, o.BaseRate)
	return nil
}

// sampleFrom is the number of the first row of the sample.
const sampleFrom = 1 << 63

// turn is how far the truth's vectors have turned at a row: cosine and sine. The sample goes all the way.
func (g *generator) turn(number uint64) [2]float32 {
	share := float64(number) / float64(g.size)
	if number >= sampleFrom {
		share = float64(number-sampleFrom) / sampleRows
	}
	sin, cos := math.Sincos(share * g.drift * math.Pi / 2)
	return [2]float32{float32(cos), float32(sin)}
}

func moments(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(sd)
}

// interceptFor bisects for the b at which the mean of σ(b + logit) is rate.
func interceptFor(logits []float64, rate float64) float64 {
	lo, hi := -1000.0, 1000.0
	for range 50 {
		mid, mean := (lo+hi)/2, 0.0
		for _, l := range logits {
			mean += sigmoid(mid+l) / float64(len(logits))
		}
		if mean < rate {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
