package datasets

import "ctrlab/datasets/batch"

// drawer draws rows into a batch that it owns.
type drawer struct {
	g     *generator
	batch batch.Batch
	row   row    // the last one drawn
	key   uint64 // of that row
}

// drawer makes one for batches of up to n rows.
func (g *generator) drawer(n int) *drawer {
	d := &drawer{g: g}
	d.batch.Dense = make([]float32, 0, n*len(g.dense))
	d.batch.Label, d.batch.Truth = make([]float32, 0, n), make([]float32, 0, n)
	d.batch.Sparse = make([]batch.Bags, len(g.fields))
	for f := range g.fields {
		d.batch.Sparse[f].IDs = make([]int32, 0, n)
		if g.fields[f].MultiHot > 0 {
			d.batch.Sparse[f].Offsets = make([]int32, 0, n+1)
		}
	}
	d.row.bags = make([][]int32, len(g.fields))
	d.row.tmp = make([]float32, g.tmp)
	return d
}

// start empties the batch.
func (d *drawer) start() {
	b := &d.batch
	b.N, b.Dense, b.Label, b.Truth = 0, b.Dense[:0], b.Label[:0], b.Truth[:0]
	for f := range b.Sparse {
		s := &b.Sparse[f]
		s.IDs = s.IDs[:0]
		if s.Offsets != nil {
			s.Offsets = append(s.Offsets[:0], 0)
		}
	}
}

// draw appends the features of a row.
func (d *drawer) draw(number uint64) {
	g, b := d.g, &d.batch
	d.key = mix(g.rows + number*golden)
	for _, key := range g.dense {
		b.Dense = append(b.Dense, normal(mix(d.key^key)))
	}
	d.row.dense = b.Dense[b.N*len(g.dense):]
	for f, key := range g.sparse {
		s, bags := stream(d.key^key), &b.Sparse[f]
		if bags.Offsets == nil {
			bags.IDs = append(bags.IDs, g.zipfs[f].draw(&s))
			d.row.bags[f] = bags.IDs[b.N:]
			continue
		}
		from := len(bags.IDs)
		for range s.below(2*g.fields[f].MultiHot + 1) {
			bags.IDs = append(bags.IDs, g.zipfs[f].draw(&s))
		}
		bags.Offsets = append(bags.Offsets, int32(len(bags.IDs)))
		d.row.bags[f] = bags.IDs[from:]
	}
	b.N++
}

// label draws the label of the row just drawn, from σ(truth).
func (d *drawer) label() {
	logit := d.g.intercept
	for _, t := range d.g.terms {
		logit += t.scale * (t.value(&d.row) - t.mean)
	}
	truth, label := float32(logit), float32(0)
	if unit(mix(d.key^d.g.labels)) < sigmoid(float64(truth)) {
		label = 1
	}
	d.batch.Truth = append(d.batch.Truth, truth)
	d.batch.Label = append(d.batch.Label, label)
}
