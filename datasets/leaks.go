package datasets

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/prepare"
)

// What is said of prepared rows with their results: mistakes that make a figure mean something else than it seems.

var heldOut = []batch.Split{batch.Valid, batch.Test}

func (c *cached) warnBad() {
	if c.about.BadRows == 0 {
		return
	}
	kept := ""
	if c.about.Cache != "" {
		kept = ", kept in " + prepare.BadRows(filepath.Dir(c.about.Cache), c.Identity())
	}
	c.warn("%s skipped%s; the first: %s", counted(c.about.BadRows, "malformed row"), kept, c.notes.FirstBad)
}

// warnEmpty tells of splits that were to have rows and are too small to.
func (c *cached) warnEmpty(f *Files) {
	var wanted [batch.Splits]float64
	if f.Split != nil {
		copy(wanted[:], f.Split.Fractions)
	} else if f.ValidFraction != nil {
		wanted[batch.Valid] = *f.ValidFraction
	}
	for _, split := range heldOut {
		if wanted[split] > 0 && c.Rows(split) == 0 {
			c.warn("%v was to have %g of the rows and has none: there are too few", split, wanted[split])
		}
	}
}

// warnCopies tells of files of one content.
func (c *cached) warnCopies(files []named) {
	var sums []string
	for i, in := range c.notes.Inputs {
		if first := slices.Index(sums, in.Sum); first >= 0 {
			c.warn("%s has the same content as %s", files[i].file, files[first].file)
		}
		sums = append(sums, in.Sum)
	}
}

// naturalRepeats is the share of a split's rows that may stand in train too without a warning: far above what is natural,
// since of the 15,000 rows with which the Criteo challenge's train.txt begins 1 repeats another, and none of samples drawn
// apart; and far below what a file in two splits gives.
const naturalRepeats = 0.01

// warnRepeats tells of whole rows that valid and test share with train; of ratings warnPairs tells more.
func (c *cached) warnRepeats() {
	if c.Schema().Rating != nil {
		return
	}
	for _, split := range heldOut {
		n := c.Rows(split)
		if repeats := c.notes.Repeats[split]; float64(repeats) > naturalRepeats*float64(n) {
			c.warn("%s of %s %v rows stand in train too, number by number: on them a model is tested for memory", grouped(repeats), grouped(n), split)
		}
	}
}

// mostlyUnseen is the share of a field's lookups in valid or test, of values that no row of train has, above which the field
// says little there: rows' own ids have 1; of samples of 15,000 of Criteo's rows the field with the most has 0.53.
const (
	mostlyUnseen = 0.75
	unseenRows   = 20 // fewer say nothing
)

// warnUnseen tells of values that valid and test alone have.
func (c *cached) warnUnseen(s *Steps) {
	for _, split := range heldOut {
		var fields []string
		unseen, all := int64(0), int64(0)
		for _, f := range c.notes.Fields {
			if f.Step.HashRows > 0 {
				continue
			}
			if share := float64(f.Unseen[split]) / float64(f.Lookups[split]); share > mostlyUnseen && f.Lookups[split] >= unseenRows {
				fields = append(fields, fmt.Sprintf("%s (%.1f %%)", f.Name, 100*share))
			}
			unseen, all = unseen+f.Unseen[split], all+f.Lookups[split]
		}
		if len(fields) > 0 {
			c.warn("most values in %v are in no row of train, and say nothing there: of the field %s", split, strings.Join(fields, ", "))
		}
		if s.Fit == "all" && unseen > 0 {
			c.warn("vocabularies have the values of all rows, as fit = \"all\" asks: %s of %s in %v are in no row of train, and have ids that are never trained",
				grouped(int(unseen)), grouped(int(all)), split)
		}
	}
}

// warnCollisions tells how many values share an id since they are hashed.
func (c *cached) warnCollisions() {
	values, collide := int64(0), int64(0)
	worst, share := "", 0.0
	for _, f := range c.notes.Fields {
		if f.Step.HashRows == 0 || f.Values == 0 {
			continue
		}
		values, collide = values+f.Values, collide+f.Collide
		if s := float64(f.Collide) / float64(f.Values); s > share {
			worst, share = f.Name, s
		}
	}
	if collide > 0 {
		c.warn("%s of %s values of hashed fields (%.1f %%) share an id with another: most in %s (%.1f %%)",
			grouped(int(collide)), grouped(int(values)), 100*float64(collide)/float64(values), worst, 100*share)
	}
}

const (
	orderParts = 10
	orderRows  = 100 // fewer say nothing
	orderShare = 0.1 // of the variance of labels, between parts; of the first 15,000 rows of Criteo Kaggle it is 0.001
)

// warnOrder tells of rows that are sorted by label: how much of the variance of labels lies between parts of train's rows.
func (c *cached) warnOrder() {
	parts, n := coarser(c.notes.Position[batch.Train], orderParts), c.Rows(batch.Train)
	if c.Schema().Rating != nil || n < orderRows {
		return
	}
	mean, between := 0.0, 0.0
	for _, p := range parts {
		mean += p / orderParts
	}
	for _, p := range parts {
		between += (p - mean) * (p - mean) / orderParts
	}
	chance := orderParts / float64(n) // of labels without order
	if mean > 0 && mean < 1 && between/(mean*(1-mean)) > orderShare+4*chance {
		c.warn("rows are in an order of labels: of ten equal parts of train one has a label rate of %.3f and another of %.3f", slices.Min(parts), slices.Max(parts))
	}
}

// coarser returns the means of n groups of neighbours.
func coarser(means []float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		from, to := i*len(means)/n, (i+1)*len(means)/n
		for _, m := range means[from:to] {
			out[i] += m / float64(to-from)
		}
	}
	return out
}
