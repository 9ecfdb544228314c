package store

import (
	"fmt"
	"strings"
	"time"

	"ctrlab/internal/metric"
)

// Experiment is a row of experiments with the plan's figures: what a report is about.
type Experiment struct {
	ID         int64
	Name       string
	Question   string
	File       string // the experiment file's text
	Overrides  []string
	PlanDigest string
	Match      string // what variants were sized to have the same of, params or flops; "" where they were not
	Compare    string // JSON of [compare]; "{}" where the file has none
	Reference  string // JSON list of [[reference]]; "[]" where it has none
	Created    time.Time
	Tuned      bool // searches choose what its trials are
}

// Trial is one trial of an experiment with the result of its winning run, if it has one.
type Trial struct {
	ID       string // SHA-256 of the resolved configuration, data identity and seed
	Ordinal  int    // place in the plan
	Label    string
	Model    string // preset
	Variant  string // digest of the configuration without the seed: groups a variant's seeds
	Seed     uint64
	Config   string // resolved, canonical JSON: {"data": …, "model": …, "train": …}
	Dataset  string // data identity
	State    string // pending, running, done, failed, cancelled
	Error    string
	Log      string             // last lines of the run that failed
	Run      int64              // id of the winning run, 0 without one
	Shared   bool               // ran beside other trials: throughput does not count
	Results  map[string]float64 // metric name → value of the winning run; not-finite values are NaN
	Budget   float64            // what the plan sized its model to, of the experiment's Match; 0 without
	Widths   string             // the sizes that it got, as the plan shows them; "" where the model has nothing to size
	Pairs    []metric.Pair      // of the winning run; nil where the model says nothing of pairs
	Slices   []metric.Slice     // of the winning run's test; nil while that is sealed
	TestRead int                // how often the test split was read for this trial
	Repeat   int                // of the search that chose its configuration; 0 where nothing is tuned
}

// Dataset is a row of datasets: one resolved data source.
type Dataset struct {
	ID       string // data identity
	Source   string
	Options  string // canonical JSON
	Schema   string // JSON
	Rows     [3]int // train, valid, test
	BadRows  int
	Warnings []string
	Digests  [3]string // of each split's rows; "" where there are none
}

// Environment is a row of environments: one machine with one build.
type Environment struct {
	ID, Build, Version, Go, OS, Arch, CPU, Features, Kernels string
	Cores                                                    int
	Memory                                                   int64 // bytes
}

// Series is the points of one metric of one run, by step.
type Series struct {
	Trial    string
	Name     string
	Step     []int
	Examples []int64
	Seconds  []float64
	Value    []float64
}

// Report is all that a report of one experiment is made from.
type Report struct {
	Experiment   Experiment
	Trials       []Trial // in plan order
	Datasets     []Dataset
	Environments []Environment     // of the winning runs
	Series       []Series          // of the winning runs, valid.* and train.loss
	Searches     []Search          // by variant, then by repeat; none where nothing is tuned
	Unseals      []Unseal          // none: results on test are sealed, and not here
	Scored       map[string]Scored // by data set
	Drawn        []Drawn           // not stored: report.Draw adds it
}

// Drawn is the standard error that the drawing of test's examples gives a difference of two variants in what they are ranked by.
type Drawn struct {
	Dataset string
	A, B    string // labels
	SE      float64
	Units   int    // examples, or clusters of them
	By      string // the field that these are ids of; "" where each example stands alone
	Problem string // nothing is known of the data set's pairs that are not here, and why
}

// RunInfo is a row of runs, with what its trial is called in the latest plan that has it.
type RunInfo struct {
	ID             int64
	Trial          string
	Experiment     string
	Label, Model   string
	Seed           uint64
	State          string // running, done, failed, cancelled, lost; lost also where the process of a running one is gone
	Counts         bool   // its results are the trial's
	Attempt        int    // 1 for the first run of the trial by its build
	Retry          bool   // that it failed settles nothing
	Error, Stack   string
	Log            string    // last lines
	Started, Ended time.Time // Ended is zero while running, and when lost
	Heartbeat      time.Time
	Workers        int
	Shared         bool
	Memory         int64 // bytes that it was planned to take
	TestReads      int
	ResumedFrom    int // step; -1: began at the beginning
	FinalDigest    string
	Owner          string // host, process id, number
	Build          string
}

// Process names the process that runs it, or ran it.
func (r RunInfo) Process() string {
	words := strings.Fields(r.Owner)
	if len(words) != 3 {
		return ""
	}
	return fmt.Sprintf("process %s on %s", words[1], words[0])
}

// RunDetail is all that is known of a run.
type RunDetail struct {
	RunInfo
	Config      string // of the trial
	Environment Environment
	Points      int
	Results     map[string]float64
	Artifacts   []Artifact
}

// Artifact is a row of artifacts: a file that a run left.
type Artifact struct {
	Kind, Path string // Path from the folder of artifacts on
	Digest     string
	Bytes      int64
}
