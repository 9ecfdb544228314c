package check

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
)

// found is a report with a finding of each tier, and with names that could break a format.
func found() *Report {
	r := &Report{
		Revision: "0123456789abcdef+", Against: "fedcba9876543210", Baseline: "clicks", Machine: Machine{Go: "go1.26", OS: "linux", Arch: "amd64", CPU: "a <CPU>", Kernels: "avx2", Cores: 2},
		Rounds: &Rounds{First: []Round{{
			Base: [3]Visit{{"kernel/mul": 1e-4}, {"kernel/mul": 1.1e-4}, {"kernel/mul": 1e-4}}, Head: [2]Visit{{"kernel/mul": 1.2e-4}, {"kernel/mul": 1.3e-4}},
		}}},
		Notes: []string{"a note | with a bar"},
	}
	r.Add(
		Finding{Subject: "fm", Tier: ByDigest, Verdict: Pass, N: 1},
		Finding{Subject: "a|b <c>\x01", Metric: "test.auc", Tier: BySeeds, Verdict: Changed, Base: 0.8, Head: 0.81, Change: 0.01, Interval: &[2]float64{0.005, 0.015}, Margin: 0.005, N: 5},
		Finding{Subject: "fm", Metric: "params", Tier: ByCount, Verdict: Improved, Base: 120, Head: 100, Change: -20},
		Finding{Subject: "kernel/mul", Metric: "seconds", Tier: ByRounds, Verdict: Regressed, Base: 1e-4, Head: 1.25e-4, Change: 0.2, Interval: &[2]float64{0.15, 0.25}, Margin: 0.05, N: 12, Note: "confirmed by a fresh run"},
		Finding{Subject: "train/fm", Metric: "seconds", Tier: ByRounds, Verdict: Inconclusive, Base: 1e-2, Head: 1e-2, Margin: 0.05, N: 40},
	)
	return r
}

func text(t *testing.T, r *Report, file string) string {
	t.Helper()
	var b strings.Builder
	for _, f := range Formats {
		if f.File == file {
			if err := f.Write(r, &b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

func TestText(t *testing.T) {
	want := `regressed    kernel/mul seconds: 125 µs, was 100 µs, +20.0 % (+15.0 % to +25.0 %), margin 5 %, 12 rounds; confirmed by a fresh run
changed      a|b <c>` + "\x01" + ` test.auc: 0.81, was 0.8, +0.01 (+0.005 to +0.015), margin 0.005, 5 seeds
inconclusive train/fm seconds: 10 ms, was 10 ms, +0.0 %, margin 5 %, 40 rounds
improved     fm params: 100, was 120
pass         1 by digest: final states the same to the bit
note         a note | with a bar

Regressed.
`
	if got := text(t, found(), "check.txt"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := new(Report).Sentence(); got != "Nothing was measured, which is no pass." {
		t.Error(got)
	}
}

func TestMarkdown(t *testing.T) {
	got := text(t, found(), "check.md")
	for _, want := range []string{"### ✗ ctrlab check of clicks, 0123456789ab+ against fedcba987654\n", `| a\|b &lt;c> test.auc |`, `- a note \| with a bar`, "avx2 kernels, a &lt;CPU>, 2 cores"} {
		if !strings.Contains(strings.ReplaceAll(got, "\x01", ""), want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	r := found()
	for i := range 5000 {
		r.Add(Finding{Subject: fmt.Sprint("variant ", i), Metric: "flops", Tier: ByCount, Verdict: Regressed, Note: strings.Repeat("x", 1000)})
	}
	if got := text(t, r, "check.md"); len(got) > 100_000 || !strings.Contains(got, "4904 more are in check.json.") {
		t.Errorf("%d bytes of Markdown", len(got))
	}
}

func TestJUnit(t *testing.T) {
	var s junitSuite
	if err := xml.Unmarshal([]byte(text(t, found(), "check.xml")), &s); err != nil {
		t.Fatal(err)
	}
	if s.Tests != 5 || s.Failures != 2 || s.Skipped != 1 || len(s.Cases) != 5 || s.Cases[3].Failure == nil || s.Cases[4].Skipped == nil || s.Cases[0].Failure != nil {
		t.Errorf("%+v", s)
	}
}

func TestJSON(t *testing.T) {
	var r Report
	if err := json.Unmarshal([]byte(text(t, found(), "check.json")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Regressed || len(r.Findings) != 5 || r.Rounds.First[0].Head[1]["kernel/mul"] != 1.3e-4 || r.Machine.Kernels != "avx2" {
		t.Errorf("%+v", r)
	}
}

// Origin: the format's description, golang.org/design/14313-benchmark-format: a name that begins with Benchmark and a capital, iterations, values with units.
func TestBenchmarks(t *testing.T) {
	want := "goos: linux\ngoarch: amd64\npkg: ctrlab\ncpu: a <CPU>\n" +
		"BenchmarkCheck/subject=kernel.mul/arm=base\t1\t1e+05 ns/op\nBenchmarkCheck/subject=kernel.mul/arm=base\t1\t1.1e+05 ns/op\n" +
		"BenchmarkCheck/subject=kernel.mul/arm=head\t1\t1.2e+05 ns/op\nBenchmarkCheck/subject=kernel.mul/arm=head\t1\t1.3e+05 ns/op\n" +
		"BenchmarkCount/subject=fm/arm=base\t1\t120 params\nBenchmarkCount/subject=fm/arm=head\t1\t100 params\n"
	if got := text(t, found(), "bench.txt"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Less is better in all of them.
func TestAction(t *testing.T) {
	var all []action
	if err := json.Unmarshal([]byte(text(t, found(), "action.json")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 4 || !strings.HasSuffix(all[0].Name, " 1 - test.auc") || all[0].Value < 0.18 || all[0].Value > 0.2 || all[1].Unit != "params" || all[2].Unit != "seconds" || all[2].Range != "± 5e-06" {
		t.Errorf("%+v", all)
	}
}
