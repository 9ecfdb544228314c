package datasets

import (
	"iter"
	"math"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
	"ctrlab/datasets/raw"
)

// each yields split(i) for n rows.
func each(n int, split func(row int) batch.Split) iter.Seq[batch.Split] {
	return func(yield func(batch.Split) bool) {
		for i := range n {
			if !yield(split(i)) {
				return
			}
		}
	}
}

func inOrder(f *Files, r rowsToSplit) iter.Seq[batch.Split] {
	return each(r.n, cut(r.n, f.Split.Fractions).of)
}

func atRandom(f *Files, r rowsToSplit) iter.Seq[batch.Split] {
	return f.drawn(r.n, cut(r.n, f.Split.Fractions))
}

// offTrain cuts valid off the files of train, unless valid has files of its own.
func offTrain(f *Files, r rowsToSplit) iter.Seq[batch.Split] {
	if f.Valid != nil {
		return each(r.n, func(int) batch.Split { return batch.Train })
	}
	b := cut(r.n, []float64{1 - *f.ValidFraction, *f.ValidFraction, 0})
	if f.ValidFrom == "random" {
		return f.drawn(r.n, b)
	}
	return each(r.n, b.of)
}

// drawn gives splits of the sizes of b to rows at random.
func (f *Files) drawn(n int, b bounds) iter.Seq[batch.Split] {
	p := order.New(n, keyOf(f.SplitSeed, "split"))
	return each(n, func(row int) batch.Split { return b.of(p.At(row)) })
}

// kFold deals rows into folds at random.
func kFold(f *Files, r rowsToSplit) iter.Seq[batch.Split] {
	p := order.New(r.n, keyOf(f.SplitSeed, "split"))
	k, fold := *f.Split.Folds, *f.Split.Fold
	test, valid := fold-1, fold%k
	return each(r.n, func(row int) batch.Split {
		switch p.At(row) % k {
		case test:
			return batch.Test
		case valid:
			return batch.Valid
		}
		return batch.Train
	})
}

// sevenths is the DLRM repository's split of Criteo Kaggle: seven consecutive chunks, called days, of which the first n mod 7
// have one row more; the last one's first half, the larger, is test, and its second valid.
func sevenths(_ *Files, r rowsToSplit) iter.Seq[batch.Split] {
	last := r.n - r.n/7
	test := last + (r.n-last+1)/2
	return each(r.n, func(row int) batch.Split {
		switch {
		case row < last:
			return batch.Train
		case row < test:
			return batch.Test
		}
		return batch.Valid
	})
}

// byTime cuts rows as if sorted by time; those of one time keep their order.
func byTime(f *Files, r rowsToSplit) iter.Seq[batch.Split] {
	b := cut(r.n, f.Split.Fractions)
	valid, test := after(r.times, r.n, b[batch.Valid]), after(r.times, r.n, b[batch.Test])
	return func(yield func(batch.Split) bool) {
		valid, test := valid, test
		for t := range r.times {
			s := batch.Train
			if test.reached(t) {
				s = batch.Test
			}
			if later := valid.reached(t); later && s == batch.Train {
				s = batch.Valid
			}
			if !yield(s) {
				return
			}
		}
	}
}

// cutoff stands between rows sorted by time: those before time, and the first ties of time, lie before it.
type cutoff struct {
	time int64
	ties int
}

// reached says of each row in turn whether it lies behind the cutoff.
func (c *cutoff) reached(t int64) bool {
	if t != c.time {
		return t > c.time
	}
	c.ties--
	return c.ties < 0
}

// after is the cutoff with rank of n rows before it: a selection by 16 bits of time a walk, in little memory.
func after(times iter.Seq[int64], n, rank int) cutoff {
	if rank >= n {
		return cutoff{math.MaxInt64, n}
	}
	const digits = 16
	counts := make([]int, 1<<digits)
	var prefix uint64
	for shift := 64 - digits; shift >= 0; shift -= digits {
		clear(counts)
		for t := range times {
			if u := uint64(t) ^ 1<<63; u>>(shift+digits) == prefix { // a shift by 64 leaves 0
				counts[u>>shift&(1<<digits-1)]++
			}
		}
		digit := 0
		for ; rank >= counts[digit]; digit++ {
			rank -= counts[digit]
		}
		prefix = prefix<<digits | uint64(digit)
	}
	return cutoff{int64(prefix ^ 1<<63), rank}
}

// byUser draws a split for each user, from split_seed and the user alone: more rows move nobody.
func byUser(f *Files, r rowsToSplit) iter.Seq[batch.Split] {
	key := keyOf(f.SplitSeed, "split", "user")
	const scale = 1 << 30
	b := cut(scale, f.Split.Fractions)
	return func(yield func(batch.Split) bool) {
		for user := range r.users {
			if !yield(b.of(int(unit(mix(key^mix(user))) * scale))) {
				return
			}
		}
	}
}

// leaveOneOut takes each user's last row for test, the one before for valid, and leaves at least one to train on: the last by
// time, of one time the last in order. It holds some hundred bytes a user. Rows without a user are for training.
func leaveOneOut(_ *Files, r rowsToSplit) iter.Seq[batch.Split] {
	users := map[uint64]ends{}
	r.walk(func(row int, user uint64, time int64) bool {
		e := users[user]
		e.add(moment{row, time})
		users[user] = e
		return true
	})
	return func(yield func(batch.Split) bool) {
		r.walk(func(row int, user uint64, _ int64) bool { return yield(users[user].split(row, user)) })
	}
}

// ends are the last rows of a user.
type ends struct {
	rows         int
	last, before moment
}

// moment is a row and its time.
type moment struct {
	row  int
	time int64
}

func (e *ends) add(m moment) {
	switch {
	case e.rows == 0 || m.time >= e.last.time:
		e.last, e.before = m, e.last
	case e.rows == 1 || m.time >= e.before.time:
		e.before = m
	}
	e.rows++
}

func (e ends) split(row int, user uint64) batch.Split {
	switch {
	case user == raw.Missing || e.rows < 2:
		return batch.Train
	case row == e.last.row:
		return batch.Test
	case row == e.before.row && e.rows > 2:
		return batch.Valid
	}
	return batch.Train
}

// walk visits rows with user and time, which is 0 where there is none.
func (r rowsToSplit) walk(visit func(row int, user uint64, time int64) bool) {
	time := func() (int64, bool) { return 0, true }
	if r.times != nil {
		next, stop := iter.Pull(r.times)
		defer stop()
		time = next
	}
	row := 0
	for user := range r.users {
		t, _ := time()
		if !visit(row, user, t) {
			return
		}
		row++
	}
}
