package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// eachSet runs a test under every set of kernels that this machine has.
func eachSet(t *testing.T, f func(t *testing.T)) {
	defer use(Kernels())
	for _, name := range sets {
		t.Run("set="+name, func(t *testing.T) {
			if !use(name) {
				t.Skip("this processor cannot run " + name)
			}
			f(t)
		})
	}
}

// guard is a NaN that no arithmetic gives: written over, it shows; read, it spreads.
var guard = math.Float32frombits(0x7fc0beef)

const guards = 16

// args are a kernel's float arguments, each between guard words.
type args struct{ all, s [][]float32 }

func newArgs(sizes []int, value func() float32) args {
	var a args
	for _, n := range sizes {
		all := make([]float32, n+2*guards)
		for i := range all {
			all[i] = guard
		}
		s := all[guards:][:n:n]
		for i := range s {
			s[i] = value()
		}
		a.all, a.s = append(a.all, all), append(a.s, s)
	}
	return a
}

func (a args) checkGuards(t *testing.T) {
	t.Helper()
	for i, all := range a.all {
		for j, v := range all {
			inside := j >= guards && j < len(all)-guards
			if !inside && math.Float32bits(v) != math.Float32bits(guard) {
				t.Errorf("argument %d: the word at %d of %d is overwritten", i, j-guards, len(a.s[i]))
			}
		}
	}
}

// whole draws small whole numbers: sums of their products are exact in any order.
func whole(seed uint64) func() float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	return func() float32 { return float32(r.IntN(9) - 4) }
}

// positive draws from [0.5, 1.5), where no difference cancels.
func positive(seed uint64) func() float32 {
	r := rand.New(rand.NewPCG(seed, 2))
	return func() float32 { return 0.5 + r.Float32() }
}

// near says whether a and b agree to a relative eps; with eps 0, whether they are equal.
func near(a, b float32, eps float64) bool {
	if a == b || a != a && b != b {
		return true
	}
	return math.Abs(float64(a)-float64(b)) <= eps*max(math.Abs(float64(a)), math.Abs(float64(b)))
}

// TestTwins runs every kernel and its Go twin over inner lengths 0 to 67.
func TestTwins(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, k := range twins {
			t.Run("kernel="+k.name, func(t *testing.T) {
				for n := range 68 {
					draw := whole
					if k.eps > 0 {
						draw = positive
					}
					got, want := newArgs(k.sizes(n), draw(uint64(n))), newArgs(k.sizes(n), draw(uint64(n)))
					k.run(got.s, n)
					k.twin(want.s, n)
					got.checkGuards(t)
					want.checkGuards(t)
					for i := range got.s {
						for j, v := range got.s[i] {
							if w := want.s[i][j]; !near(v, w, k.eps) {
								t.Fatalf("length %d, argument %d[%d] is %v, the twin has %v", n, i, j, v, w)
							}
						}
					}
				}
			})
		}
	})
}

// TestNoAllocation: a training step may call any of these.
func TestNoAllocation(t *testing.T) {
	const n = 33
	for _, k := range twins {
		a := newArgs(k.sizes(n), positive(1))
		if got := testing.AllocsPerRun(10, func() { k.run(a.s, n) }); got != 0 {
			t.Errorf("%s allocates %v times", k.name, got)
		}
	}
}
