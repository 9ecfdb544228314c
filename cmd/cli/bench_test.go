package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ctrlab/internal/bench"
)

// made is a result with the widest values there are.
func made(phase string, timed bool) bench.Result {
	r := bench.Result{
		Config: "dlrm-kaggle", Model: "wide_deep", Batch: 65536, Threads: 128, Optimizer: "rowwise_adagrad", Phase: phase,
		ExamplesPerSecond: 1.234e6, Interval: [2]float64{1.1e6, 1.5e6}, Rounds: []float64{1e6, 1.234e6}, Steps: 7, GFLOPs: 1234.5, GBytes: 123.4,
		RooflineShare: 1.034, Bound: bench.Compute, Kernels: "avx2", Disturbed: true,
		Disturbances: []string{"rounds 38 % apart", "12 % stolen", "others used 1.5 cores"},
		Phases:       map[string]float64{"gather": 1e-6, "forward": 1e-6, "interaction": 2e-6},
		Demand:       bench.Demand{FLOPs: 3e6},
		Machine:      bench.Limits{FLOPs: 12345e9, Single: 115.4e9, Bytes: 123e9, Rows: 123.4e6},
	}
	if timed {
		r.Latency = &bench.Latency{P50: 12.34e-6, P95: 999.96e-6, P99: 0.1234}
	}
	return r
}

func TestBenchTable(t *testing.T) {
	for _, c := range []struct {
		phase string
		timed bool
		want  string
	}{
		{bench.Train, false, "wide_deep       1.23M   22%  compute   103%     1234    123  25  25  50   0   0\n"},
		{bench.Infer, false, "wide_deep       1.23M   22%  compute   103%     1234    123  25  25  50\n"},
		{bench.Infer, true, "wide_deep       1.23M   22%  compute   103%  12.3µs  1.00ms   123ms  25  25  50\n"},
	} {
		var b strings.Builder
		if err := benchTable(&b, []bench.Result{made(c.phase, c.timed)}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), c.want) {
			t.Errorf("%s is not in\n%s", c.want, b.String())
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

func TestGobench(t *testing.T) {
	var b strings.Builder
	if err := gobench(&b, []bench.Result{made(bench.Train, false)}, false); err != nil {
		t.Fatal(err)
	}
	const name = "BenchmarkTrain/config=dlrm-kaggle/model=wide_deep/batch=65536/optimizer=rowwise_adagrad-128"
	want := name + "\t7\t65536000 ns/op\t1000000 examples/s\t3000.000 GFLOP/s\n" +
		name + "\t7\t53108590 ns/op\t1234000 examples/s\t3702.000 GFLOP/s\n"
	if b.String() != want {
		t.Errorf("\n%swant\n%s", b.String(), want)
	}
}

func TestSweepTable(t *testing.T) {
	s, err := bench.FindSweep("rows")
	if err != nil {
		t.Fatal(err)
	}
	var all []bench.Result
	for _, v := range s.Values {
		r := made(bench.Train, false)
		r.Sweep, r.Value, r.ExamplesPerSecond = s.Name, v, 1.234e9/float64(v)
		all = append(all, r)
	}
	var b strings.Builder
	if err := sweepTable(&b, s, all); err != nil {
		t.Fatal(err)
	}
	want := "MODEL            1k      10k     100k       1M\nwide_deep    1.23M*    123k*   12.3k*   1.23k*\n"
	if !strings.Contains(b.String(), want) {
		t.Errorf("%s is not in\n%s", want, b.String())
	}
	if g := growths(all); len(g) != 1 || len(g[0].Size) != len(s.Values) || g[0].Size[1] != 1e4 || g[0].Seconds[1] != 1/1.234e5 {
		t.Errorf("%+v", growths(all))
	}
}
