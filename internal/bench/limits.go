package bench

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// Limits are what a machine can do at most in a second, on some threads.
type Limits struct {
	FLOPs  float64 `json:"flops"`       // multiply-adds in registers, two operations each
	Bytes  float64 `json:"bytes"`       // triad over arrays that no cache holds
	Rows   float64 `json:"rows"`        // random rows of 64 bytes gathered from a table that no cache holds
	Cached float64 `json:"rows_cached"` // and from one that the last cache holds
	Single float64 `json:"flops_1"`     // FLOPs on one thread
	Cache  float64 `json:"cache"`       // bytes of the last cache
}

// probe measures limits; its memory is made once.
type probe struct {
	threads int
	cache   int
	x, y, z []float32   // of the triad, of all threads
	table   []float32   // of rowFloats a row
	ids     [][]int32   // a thread's, into all of the table
	near    [][]int32   // a thread's, into the first rows
	dst     [][]float32 // a thread's
	at      int         // in ids
}

const (
	rowFloats = 16      // 64 bytes
	gathered  = 1 << 12 // rows a call: dst stays in the second cache
)

// newProbe makes a probe whose arrays together are so many times as large as the last cache.
func newProbe(threads, times int) *probe {
	p := &probe{threads: threads, cache: lastCache()}
	n := times * p.cache / 4
	p.x, p.y, p.z = make([]float32, n/3), make([]float32, n/3), make([]float32, n/3)
	p.table = nn.NewBuilder(1, 1, false, nn.DefaultInits).Table("rows", nn.Init{Kind: "zero"}, n/rowFloats, rowFloats).Value // as models have theirs
	r := rand.New(rand.NewPCG(1, 1))
	rows, near := len(p.table)/rowFloats, p.cache/4/64
	for range threads {
		ids, few := make([]int32, rows/gathered*gathered), make([]int32, near/gathered*gathered)
		for i := range ids {
			ids[i] = r.Int32N(int32(rows))
		}
		for i := range few {
			few[i] = r.Int32N(int32(near))
		}
		p.ids, p.near, p.dst = append(p.ids, ids), append(p.near, few), append(p.dst, make([]float32, gathered*rowFloats))
	}
	for _, s := range [][]float32{p.x, p.y, p.z, p.table} { // a page that was never written is no memory yet
		p.share(len(s), func(_, from, to int) {
			for i := from; i < to; i += 1 << 10 {
				s[i] = 1
			}
		})
	}
	return p
}

// measure takes each limit once more, in a tenth of a second or so.
func (p *probe) measure() Limits {
	l := Limits{Cache: float64(p.cache)}
	const adds = 1 << 13 * vec.Round
	for range 3 { // the best of three short ones: the rest was something else's
		l.Single = max(l.Single, rate(2*2*adds, func() { vec.MultiplyAdds(2 * adds) }))
		l.FLOPs = max(l.FLOPs, rate(float64(p.threads)*2*8*adds, func() {
			p.share(p.threads, func(int, int, int) { vec.MultiplyAdds(8 * adds) })
		}))
		l.Bytes = max(l.Bytes, rate(12*float64(len(p.y)), func() {
			p.share(len(p.y), func(_, from, to int) { vec.Triad(p.y[from:to], p.x[from:to], 3, p.z[from:to]) })
		}))
		l.Rows = max(l.Rows, p.gather(p.ids, p.at))
		l.Cached = max(l.Cached, p.gather(p.near, 0))
		p.at += perProbe
	}
	if p.threads == 1 {
		l.Single = max(l.Single, l.FLOPs)
		l.FLOPs = l.Single
	}
	return l
}

// perProbe is how many calls of gathered rows a thread makes.
const perProbe = 48

// gather returns the rows a second of calls from the at-th on.
func (p *probe) gather(ids [][]int32, at int) float64 {
	return rate(float64(p.threads*perProbe*gathered), func() {
		p.share(p.threads, func(t, _, _ int) {
			for i := range perProbe {
				from := (at + i) * gathered % len(ids[t])
				vec.Gather(p.dst[t], rowFloats, p.table, rowFloats, ids[t][from:from+gathered], false)
			}
		})
	})
}

// share runs f on all threads at once, each with its number and its part of n.
func (p *probe) share(n int, f func(thread, from, to int)) {
	var all sync.WaitGroup
	for t := range p.threads {
		all.Go(func() { f(t, t*n/p.threads, (t+1)*n/p.threads) })
	}
	all.Wait()
}

func rate(n float64, f func()) float64 {
	began := time.Now()
	f()
	return n / time.Since(began).Seconds()
}

// Measure takes the machine's limits once, in less than half a second.
func Measure(threads int) Limits { return newProbe(threads, 3).measure() }

// middle returns the medians of limits measured several times.
func middle(all []Limits) Limits {
	of := func(f func(Limits) float64) float64 {
		var x []float64
		for _, l := range all {
			x = append(x, f(l))
		}
		return median(x)
	}
	return Limits{
		FLOPs: of(func(l Limits) float64 { return l.FLOPs }), Single: of(func(l Limits) float64 { return l.Single }),
		Bytes: of(func(l Limits) float64 { return l.Bytes }), Cache: of(func(l Limits) float64 { return l.Cache }),
		Rows: of(func(l Limits) float64 { return l.Rows }), Cached: of(func(l Limits) float64 { return l.Cached }),
	}
}

// lastCache returns the bytes of the last cache, within reason; 32 MiB where the system does not tell.
func lastCache() int {
	for _, level := range []string{"3", "2"} {
		text, err := os.ReadFile("/sys/devices/system/cpu/cpu0/cache/index" + level + "/size")
		if n, bad := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(text)), "K")); err == nil && bad == nil {
			return min(max(n<<10, 4<<20), 64<<20)
		}
	}
	return 32 << 20
}
