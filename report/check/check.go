// Package check decides whether a build is as good as another: the gate of continuous integration.
//
// A Baseline is what a build was like, kept in a file; Accuracy holds the models of a build against it; Timing holds the speed of two builds
// against each other, of rounds in which both were measured in turn. Each asks for more values until it has decided or its last look
// is over, and leaves Findings in a Report, which is written as text, Markdown, JUnit's XML, JSON, Go benchmarks, and what
// github-action-benchmark reads.
//
// Nothing here trains, measures or reads a clock: it is fed by ctrlab check, and by tests with values that were recorded.
package check

import (
	"ctrlab/internal/stat"
)

// Verdict is what a finding, or a report, comes to.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Improved     Verdict = "improved"     // by more than the margin: of accuracy, look for a leak first
	Changed      Verdict = "changed"      // no worse, but training follows another rule than the baseline's
	Inconclusive Verdict = "inconclusive" // the last look is over, and neither is shown
	Regressed    Verdict = "regressed"    // by more than the margin
)

// order is of verdicts from the least grave: a report's is the gravest of its findings.
var order = []Verdict{Pass, Improved, Inconclusive, Changed, Regressed}

// Level is the chance of each kind of error, over all looks.
const Level = 1 - stat.Level

// Tiers, by which a finding was decided.
const (
	ByDigest     = "digest"     // the final state is the same to the bit
	ByTrajectory = "trajectory" // the first steps are the same but for rounding
	BySeeds      = "seeds"      // paired by seed
	ByCount      = "count"      // a number that is the same in every run
	ByBinary     = "binary"     // both programs are the same file
	ByRounds     = "rounds"     // interleaved
)

// Finding is what a check found of one metric of one subject.
type Finding struct {
	Subject string  `json:"subject"` // label of a variant, name of a kernel, or of a model whose step is timed
	Metric  string  `json:"metric"`  // test.auc, flops, seconds …; "" where all of them are the same
	Tier    string  `json:"tier"`
	Verdict Verdict `json:"verdict"`
	Base    float64 `json:"base"`
	Head    float64 `json:"head"`
	// Change is head − base, of seconds (head − base)/base: the mean of pairs of seeds, the median of rounds.
	Change   float64     `json:"change"`
	Interval *[2]float64 `json:"interval,omitempty"` // of Change, at stat.Level for this finding alone; nil where there is none
	Margin   float64     `json:"margin"`             // that a regression exceeds
	N        int         `json:"n,omitempty"`        // seeds, or rounds
	Note     string      `json:"note,omitempty"`
}

// Report is all that one check found.
type Report struct {
	Revision string    `json:"revision"`           // that is checked
	Against  string    `json:"against,omitempty"`  // the other revision, of a check of speed
	Baseline string    `json:"baseline,omitempty"` // names, with commas
	Machine  Machine   `json:"machine"`
	Verdict  Verdict   `json:"verdict"`
	Findings []Finding `json:"findings"`
	Rounds   *Rounds   `json:"rounds,omitempty"` // as they were measured
	Notes    []string  `json:"notes,omitempty"`
}

// Machine is what digests and times depend on.
type Machine struct {
	Build   string `json:"build"` // digest of the executable
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	CPU     string `json:"cpu"`
	Kernels string `json:"kernels"` // set in use: digests are the same within one, and may differ between two
	Cores   int    `json:"cores"`
}

// Add puts findings into the report, and its verdict where they have it.
func (r *Report) Add(all ...Finding) {
	r.Findings = append(r.Findings, all...)
	r.Verdict = Pass
	for _, f := range r.Findings {
		if place(f.Verdict) > place(r.Verdict) {
			r.Verdict = f.Verdict
		}
	}
}

// Count is how many findings have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for _, f := range r.Findings {
		if f.Verdict == v {
			n++
		}
	}
	return n
}

func place(v Verdict) int {
	for i, o := range order {
		if o == v {
			return i
		}
	}
	panic("check: no such verdict")
}

// Changed says whether training follows another rule than the baseline's without being worse: no finding by seeds stands for a pass then, not
// even an improvement, which a leak would look like.
func (r *Report) Changed() bool {
	for _, f := range r.Findings {
		if f.Verdict == Changed || f.Verdict == Improved && f.Tier == BySeeds {
			return true
		}
	}
	return false
}
