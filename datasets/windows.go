package datasets

import "ctrlab/datasets/order"

// windows is an order of rows that come in segments: segments in a random order, a window of some of them at a time,
// and the rows of a window in a random order. It walks from the first place to the last.
type windows struct {
	first, end int // rows
	size       int // rows of a segment
	random     uint64
	segments   order.Permutation
	count, at  int // segments, of which so many are behind

	from, to int // places of the window
	rows     order.Permutation
	starts   []int // its segments' first rows
	before   []int // its rows before each segment
}

// windowRows is how many rows a window has, or as many as one segment has.
const windowRows = 1 << 17

func windowSegments(size int) int { return max(1, windowRows/size) }

func newWindows(first, rows, size int, seed uint64) *windows {
	w := &windows{first: first, end: first + rows, size: size, random: seed}
	if rows > 0 {
		w.count = (w.end-1)/size - first/size + 1
	}
	w.segments = order.New(w.count, keyOf(seed, "segments"))
	return w
}

// place returns which row stands at a place; places are asked for in their order, from any on.
func (w *windows) place(i int) int {
	for i >= w.to {
		w.next()
	}
	r := w.rows.At(i - w.from)
	k := len(w.before) - 1
	for w.before[k] > r {
		k--
	}
	return w.starts[k] + r - w.before[k]
}

// next goes to the window behind.
func (w *windows) next() {
	w.from, w.starts, w.before = w.to, w.starts[:0], w.before[:0]
	for range min(windowSegments(w.size), w.count-w.at) {
		segment := w.first/w.size + w.segments.At(w.at)
		start, end := max(segment*w.size, w.first), min((segment+1)*w.size, w.end)
		w.starts, w.before = append(w.starts, start), append(w.before, w.to-w.from)
		w.to += end - start
		w.at++
	}
	w.rows = order.New(w.to-w.from, keyOf(w.random, "window")+uint64(w.at))
}
