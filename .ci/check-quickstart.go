//go:build ignore

// Check-quickstart reads what `ctrlab run experiments/quickstart.toml --json` printed, the first time and again, and says what
// is wrong: a trial that is not done, a metric that is missing, a model that beats the truth or fails to learn what it can.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
)

// trial is a line.
type trial struct {
	Experiment, Trial, Label, Model, State, Error string
	Seed                                          uint64
	Metrics                                       map[string]*float64
}

// value returns a metric, NaN where it is missing or null.
func (t trial) value(name string) float64 {
	if v := t.Metrics[name]; v != nil {
		return *v
	}
	return math.NaN()
}

// truth returns what the trial's data were made by: fm of the label "DCN truth=[fm]".
func (t trial) truth() string {
	_, after, _ := strings.Cut(t.Label, "truth=[")
	name, _, _ := strings.Cut(after, "]")
	return name
}

// expected is how much of the attainable models reach in each of the three worlds, as a mean over seeds.
var expected = []struct {
	model, truth string
	least, most  float64
}{
	{"lr", "linear", 0.95, 1 + noise},
	{"lr", "fm", -0.1, 0.1},
	{"lr", "parity", -0.1, 0.1},
	{"fm", "fm", 0.9, 1 + noise},
	{"fm", "parity", -0.1, 0.1}, // which no pair of fields says anything about
	{"dnn", "parity", 0.9, 1 + noise},
	{"dcnv2", "fm", 0.9, 1 + noise},
}

// needed are metrics that every trial has, all of them positive.
var needed = []string{
	"valid.auc", "valid.logloss", "test.auc", "test.logloss", "test.ne", "test.brier", "oracle.auc", "oracle.logloss",
	"train.examples_per_second", "infer.examples_per_second", "train.seconds", "params", "flops", "peak_rss",
}

// noise is how far a model may seem to score above the truth on a finite test split.
const noise = 0.005

func main() {
	var problems []error
	first, err := read(os.Args[1])
	problems = append(problems, err)
	again, err := read(os.Args[2])
	problems = append(problems, err, whole(first), same(first, again))
	for _, t := range first {
		problems = append(problems, sound(t))
	}
	problems = append(problems, learned(first))
	if err := errors.Join(problems...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d trials are sound\n", len(first))
}

func read(file string) ([]trial, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []trial
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var t trial
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return all, fmt.Errorf("%s: %w: %s", file, err, lines.Text())
		}
		all = append(all, t)
	}
	return all, lines.Err()
}

// whole checks that each of the three truths has eight variants, and each of these three seeds.
func whole(trials []trial) error {
	variants, seeds := map[string]int{}, map[string]int{}
	for _, t := range trials {
		if seeds[t.Label]++; seeds[t.Label] == 1 {
			variants[t.truth()]++
		}
	}
	var problems []error
	for _, truth := range []string{"linear", "fm", "parity"} {
		if n := variants[truth]; n != 8 {
			problems = append(problems, fmt.Errorf("truth %s has %d variants, want 8", truth, n))
		}
	}
	for label, n := range seeds {
		if n != 5 {
			problems = append(problems, fmt.Errorf("%s has %d seeds, want 5", label, n))
		}
	}
	return errors.Join(problems...)
}

// same checks that the second run found the trials of the first, done.
func same(first, again []trial) error {
	if len(first) != len(again) {
		return fmt.Errorf("%d trials, and %d again", len(first), len(again))
	}
	for i, t := range again {
		if t.Trial != first[i].Trial || t.State != "skipped" {
			return fmt.Errorf("trial %s (%s) is %s again as %s, want skipped", first[i].Trial, first[i].Label, t.State, t.Trial)
		}
	}
	return nil
}

// sound checks one trial for itself.
func sound(t trial) error {
	name := fmt.Sprintf("%s, seed %d", t.Label, t.Seed)
	if t.State != "done" || t.Error != "" {
		return fmt.Errorf("%s is %s: %s", name, t.State, t.Error)
	}
	for _, m := range needed {
		if v := t.value(m); !(v > 0) { // NaN neither
			return fmt.Errorf("%s has %s %v, want it above 0", name, m, v)
		}
	}
	if auc, best := t.value("test.auc"), t.value("oracle.auc"); auc > best+noise {
		return fmt.Errorf("%s has AUC %.4f on test, and the truth %.4f", name, auc, best)
	}
	if a := t.value("test.attained"); !(a > -1 && a < 1+noise) {
		return fmt.Errorf("%s attains %v of the attainable, want at most 1", name, a)
	}
	return nil
}

// learned checks what the experiment is there to show.
func learned(trials []trial) error {
	sum, n := map[string]float64{}, map[string]float64{}
	for _, t := range trials {
		key := t.Model + " on " + t.truth()
		sum[key] += t.value("test.attained")
		n[key]++
	}
	mean := func(model, truth string) float64 { // NaN where there is no such trial
		key := model + " on " + truth
		return sum[key] / n[key]
	}
	var problems []error
	for _, e := range expected {
		if a := mean(e.model, e.truth); !(a >= e.least && a <= e.most) {
			problems = append(problems, fmt.Errorf("%s on %s attains %.3f, want %v to %v", e.model, e.truth, a, e.least, e.most))
		}
	}
	// A cross with a vector has far less to say of pairs than one with a matrix.
	if v, m := mean("dcn", "fm"), mean("dcnv2", "fm"); !(v < m-0.2) {
		problems = append(problems, fmt.Errorf("dcn on fm attains %.3f and dcnv2 %.3f, want dcn at least 0.2 below", v, m))
	}
	return errors.Join(problems...)
}
