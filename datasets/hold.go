package datasets

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// ratings are the rows of files in memory, those of train first, then of valid and test.
type ratings struct {
	user, item []int32
	rating     []float32
	time       []int64
	counts     [batch.Splits]int
	unrated    int // rows of pairFormat
	sums       []string
	about      About
}

func readRatings(ctx context.Context, env Env, o *MovieLens, files []named, formats []*ratingFormat) (*ratings, error) {
	r := &ratings{}
	bad := &text.Bad{Most: o.MaxBadRows}
	workers := cmp.Or(env.Workers, runtime.GOMAXPROCS(0))
	for i, n := range files {
		f, err := env.open(n.file)
		if err != nil {
			return nil, err
		}
		before, l := len(r.user), formats[i].lines(nil, nil, false)
		err = text.Read(ctx, f, l.Head, l.Layout, l.Parser, workers, bad, r.add)
		if err == nil {
			sum := f.Sum()
			r.sums = append(r.sums, hex.EncodeToString(sum[:]))
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		if len(r.user) > maxRows {
			return nil, fmt.Errorf("%s: more than %d rows in all", n.file, maxRows)
		}
		r.counts[n.split] += len(r.user) - before
		if formats[i] == pairFormat {
			r.unrated += len(r.user) - before
		}
	}
	if r.about.BadRows = bad.Count(); bad.Count() > 0 {
		r.about.Warnings = []string{fmt.Sprintf("%s skipped; the first: %v", counted(bad.Count(), "malformed row"), bad.First())}
	}
	return r, nil
}

func (r *ratings) add(rows *raw.Rows) error {
	for i := range rows.N {
		r.user, r.item = append(r.user, int32(rows.Keys[0][i]-1)), append(r.item, int32(rows.Keys[1][i]-1))
	}
	r.rating, r.time = append(r.rating, rows.Label...), append(r.time, rows.Time...)
	return nil
}

// division is the split of every row, −1 for those that are none.
type division struct {
	of       []int8
	repeated int
}

// divide takes positive ratings, each user and item once in a split, and holds out what files do not: of each user the last
// interaction, or a random one, as long as one is left to train on.
func divide(o *MovieLens, r *ratings) division {
	d := division{of: make([]int8, 0, len(r.user))}
	for s := range batch.Splits {
		for range r.counts[s] {
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
		if o.ValidFrom == "random" {
			anyFirst(r, rows, key)
		} else {
			latestFirst(r, rows)
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

// latestFirst sorts a user's rows: those of one time, or of none, in the files' order.
func latestFirst(r *ratings, rows []int32) {
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Or(cmp.Compare(r.time[b], r.time[a]), cmp.Compare(b, a)) })
}

// anyFirst puts a user's rows in a random order.
func anyFirst(r *ratings, rows []int32, key uint64) {
	draw := func(row int32) uint64 { return mix(key ^ mix(uint64(r.user[row])<<32|uint64(uint32(r.item[row])))) }
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(draw(a), draw(b)) })
}

// byUser walks the rows of each user, in memory that may be changed.
func (r *ratings) byUser() iter.Seq[[]int32] {
	users := newNumbering()
	number, row := make([]int32, len(r.user)), make([]int32, len(r.user))
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
