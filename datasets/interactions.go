package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"

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
	return c.BatchesFrom(s, n, order, 0)
}

// BatchesFrom implements batch.Seeker.
func (c *implicit) BatchesFrom(s batch.Split, n int, order uint64, first int) iter.Seq2[*batch.Batch, error] {
	return c.walk(s, n, order, first, c.Rows(s), shuffled(c.Rows(s), order))
}

// PairRows is two for each negative.
func (c *implicit) PairRows() int { return 2 * len(c.seen.items) * c.negatives }

// Pairs walks train with each negative behind the interaction that it was drawn for, which so comes as often as it has negatives.
func (c *implicit) Pairs(n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if n%2 == 1 {
		panic("datasets: a batch has half a pair")
	}
	pair := shuffled(c.PairRows()/2, order)
	return c.walk(batch.Train, n, order, 0, c.PairRows(), func(i int) int {
		p := pair(i / 2)
		return p/c.negatives*(1+c.negatives) + i%2*(1+p%c.negatives)
	})
}

// walk makes batches of n of the rows of a split, from number first on; each row has its place in it.
func (c *implicit) walk(s batch.Split, n int, order uint64, first, rows int, place func(int) int) iter.Seq2[*batch.Batch, error] {
	if n < 1 {
		panic("datasets: a batch has no rows")
	}
	return func(yield func(*batch.Batch, error) bool) {
		row := c.reader(s, order)
		b := &batch.Batch{Sparse: make([]batch.Bags, len(c.schema.Sparse))}
		for from := first * n; from < rows; from += n {
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

// warnLacking counts the rows of users or items that the files of attributes do not have.
func (c *implicit) warnLacking(r *ratings, of *attributes) {
	n := 0
	for i, user := range r.user {
		if of.lacks(user, r.item[i]) {
			n++
		}
	}
	if n > 0 {
		c.tell("%d ratings are of users or items without attributes", n)
	}
}

// digests are the SHA-256 of each split's users and items as the files have them: interactions, or lists.
func (c *implicit) digests() (sums [batch.Splits]string) {
	for s := range batch.Splits {
		h := sha256.New()
		var buffer []byte
		row := c.reader(s, 0)
		for at := range c.Rows(s) {
			if s == batch.Train && at%(1+c.negatives) > 0 {
				continue
			}
			user, item, _ := row(at)
			buffer = binary.LittleEndian.AppendUint32(buffer, uint32(c.users.values[user]))
			if buffer = binary.LittleEndian.AppendUint32(buffer, uint32(c.items.values[item])); len(buffer) >= 1<<16 {
				h.Write(buffer)
				buffer = buffer[:0]
			}
		}
		h.Write(buffer)
		sums[s] = hex.EncodeToString(h.Sum(nil))
	}
	return sums
}
