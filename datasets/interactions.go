package datasets

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"ctrlab/datasets/batch"
)

// implicit is the Source of task = "implicit". Train has a row for each interaction, and negatives after it.
type implicit struct {
	schema       batch.Schema
	users, items *numbering
	seen         *seen
	negatives    int
	lists        [batch.Splits]lists
	features     []feature
	identity     string
	about        About
}

// feature is a field beside user and item: an id, or a bag of ids, for each number of one or the other.
type feature struct {
	ofItem bool
	ids    []int32
	bags   *batch.Bags // of items; nil where ids are
}

func (c *implicit) Schema() batch.Schema { return c.schema }
func (c *implicit) Identity() string     { return c.identity }
func (c *implicit) About() About         { return c.about }

func (c *implicit) Rows(s batch.Split) int {
	if s == batch.Train {
		return len(c.seen.items) * (1 + c.negatives)
	}
	return c.lists[s].rows()
}

// Batches draws the negatives of train by the order and the row, and so anew for each order.
func (c *implicit) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if n < 1 {
		panic("datasets: a batch has no rows")
	}
	return func(yield func(*batch.Batch, error) bool) {
		rows := c.Rows(s)
		place := shuffled(rows, order)
		row := c.reader(s, order)
		b := &batch.Batch{Sparse: make([]batch.Bags, len(c.schema.Sparse))}
		for from := 0; from < rows; from += n {
			c.start(b)
			for i := from; i < min(from+n, rows); i++ {
				c.add(b, row, place(i))
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// reader returns what a row of a split is, in numbers.
func (c *implicit) reader(s batch.Split, order uint64) func(row int) (user, item int32, label float32) {
	if s == batch.Train {
		key := keyOf(order, "negatives")
		return func(row int) (user, item int32, label float32) {
			pair := row / (1 + c.negatives)
			user = c.seen.users[pair]
			if row%(1+c.negatives) == 0 {
				return user, c.seen.items[pair], 1
			}
			met, draw := c.seen.of(user), stream(mix(key+uint64(row)*golden))
			return user, gap(met, draw.below(c.seen.all-len(met))), 0
		}
	}
	l, list := &c.lists[s], 0
	return func(row int) (user, item int32, label float32) {
		list = l.find(row, list)
		item, label = l.item(c.seen, list, row)
		return l.user[list], item, label
	}
}

func (c *implicit) start(b *batch.Batch) {
	b.N, b.Label = 0, b.Label[:0]
	for f := range b.Sparse {
		b.Sparse[f].IDs = b.Sparse[f].IDs[:0]
		if c.schema.Sparse[f].MultiHot {
			b.Sparse[f].Offsets = append(b.Sparse[f].Offsets[:0], 0)
		}
	}
}

func (c *implicit) add(b *batch.Batch, row func(int) (int32, int32, float32), at int) {
	user, item, label := row(at)
	b.Sparse[0].IDs = append(b.Sparse[0].IDs, c.users.id(user))
	b.Sparse[1].IDs = append(b.Sparse[1].IDs, c.items.id(item))
	for f := range c.features {
		feature, s, of := &c.features[f], &b.Sparse[2+f], user
		if feature.ofItem {
			of = item
		}
		if feature.bags == nil {
			s.IDs = append(s.IDs, feature.ids[of])
			continue
		}
		s.IDs = append(s.IDs, feature.bags.Bag(int(of))...)
		s.Offsets = append(s.Offsets, int32(len(s.IDs)))
	}
	b.Label = append(b.Label, label)
	b.N++
}

// describe lays out the fields; values of features are numbered as users and items of train have them.
func (c *implicit) describe(of *attributes, features []string) {
	c.schema.Lists = true
	c.schema.Sparse = []batch.Field{{Name: "user", Rows: c.users.trained + 1}, {Name: "item", Rows: c.items.trained + 1}}
	for _, name := range features {
		ids, rows := newNumbering(), c.users
		if name == "genres" {
			rows = c.items
		}
		f := feature{ofItem: name == "genres", ids: make([]int32, len(rows.values))}
		if f.ofItem {
			f.bags = &batch.Bags{Offsets: []int32{0, 0}} // of number 0
		}
		for number := 1; number < len(rows.values); number++ {
			value := rows.values[number]
			if f.ofItem {
				for _, genre := range of.genres.Bag(int(of.bag[value])) {
					f.bags.IDs = append(f.bags.IDs, ids.of(genre))
				}
				f.bags.Offsets = append(f.bags.Offsets, int32(len(f.bags.IDs)))
			} else {
				f.ids[number] = ids.of(of.users[value][name])
			}
			if number == rows.trained {
				ids.fitted()
			}
		}
		for i, number := range f.ids {
			f.ids[i] = ids.id(number)
		}
		if f.ofItem {
			for i, number := range f.bags.IDs {
				f.bags.IDs[i] = ids.id(number)
			}
		}
		c.features = append(c.features, f)
		c.schema.Sparse = append(c.schema.Sparse, batch.Field{Name: name, Rows: ids.trained + 1, MultiHot: f.ofItem})
	}
}

// warn tells of what makes ranks mean less than they seem.
func (c *implicit) warn(d division) {
	if d.repeated > 0 {
		c.tell("%s repeat an interaction of the same user and item, which counts once", counted(d.repeated, "row"))
	}
	for _, s := range heldOut {
		l := &c.lists[s]
		known, cold := 0, 0
		for i, u := range l.user {
			if c.seen.has(u, l.held[i]) {
				known++
			}
			if int(l.held[i]) > c.items.trained {
				cold++
			}
		}
		for _, w := range []struct {
			n    int
			what string
		}{
			{known, "hold out an item that the user has in train too"},
			{cold, "hold out an item that train does not have"},
			{l.few(), "have fewer than 10 candidates, so that any model hits"},
		} {
			if w.n > 0 {
				c.tell("%s of %s lists of %v %s", grouped(w.n), grouped(len(l.user)), s, w.what)
			}
		}
	}
}

func (c *implicit) tell(format string, args ...any) {
	c.about.Warnings = append(c.about.Warnings, fmt.Sprintf(format, args...))
}

// division is the split of every row, −1 for those that are none.
type division struct {
	of       []int8
	repeated int
}

// divide takes positive ratings, each user and item once in a split, and holds out what files do not: of each user the last
// interaction, of those at one time a random one, as long as one is left to train on.
func divide(o *MovieLens, r *ratings, counts [batch.Splits]int) division {
	d := division{of: make([]int8, 0, r.len())}
	for s := range batch.Splits {
		for range counts[s] {
			d.of = append(d.of, int8(s))
		}
	}
	if o.PositiveFrom != nil {
		for i, rating := range r.rating {
			if float64(rating) < *o.PositiveFrom {
				d.of[i] = -1
			}
		}
	}
	var hold []batch.Split // in the order in which they are taken, and so test, which is the latest, first
	switch {
	case o.Split != nil:
		hold = []batch.Split{batch.Test, batch.Valid}
	case o.Valid == nil && o.ValidFrom != "none":
		hold = []batch.Split{batch.Valid}
	}
	key := keyOf(o.SplitSeed, "hold out")
	for rows := range r.byUser() {
		rows = d.once(r, rows)
		if len(hold) > 0 {
			latestFirst(r, rows, key, o.ValidFrom == "random")
		}
		for i, s := range hold {
			if i < len(rows)-1 {
				d.of[rows[i]] = int8(s)
			}
		}
	}
	return d
}

// once drops all but the first interaction of a user with an item in each split, and returns those of train.
func (d *division) once(r *ratings, rows []int32) []int32 {
	slices.SortFunc(rows, func(a, b int32) int {
		return cmp.Or(cmp.Compare(d.of[a], d.of[b]), cmp.Compare(r.item[a], r.item[b]), cmp.Compare(r.time[a], r.time[b]), cmp.Compare(a, b))
	})
	train, last := rows[:0], int32(-1)
	for _, row := range rows {
		if d.of[row] < 0 {
			continue
		}
		if last >= 0 && d.of[last] == d.of[row] && r.item[last] == r.item[row] {
			d.of[row] = -1
			d.repeated++
			continue
		}
		if last = row; d.of[row] == int8(batch.Train) {
			train = append(train, row)
		}
	}
	return train
}

// latestFirst sorts a user's rows.
func latestFirst(r *ratings, rows []int32, key uint64, random bool) {
	draw := func(row int32) uint64 { return mix(key ^ mix(uint64(r.user[row])<<32|uint64(uint32(r.item[row])))) }
	slices.SortFunc(rows, func(a, b int32) int {
		if random || r.time[a] == r.time[b] {
			return cmp.Compare(draw(a), draw(b))
		}
		return cmp.Compare(r.time[b], r.time[a])
	})
}

// byUser walks the rows of each user, in memory that may be changed.
func (r *ratings) byUser() iter.Seq[[]int32] {
	users := newNumbering()
	number, row := make([]int32, r.len()), make([]int32, r.len())
	for i, u := range r.user {
		number[i], row[i] = users.of(u), int32(i)
	}
	g := newSeen(number, row, len(users.values)-1, 0)
	return func(yield func([]int32) bool) {
		for u := range len(users.values) - 1 {
			if !yield(g.of(int32(u + 1))) {
				return
			}
		}
	}
}
