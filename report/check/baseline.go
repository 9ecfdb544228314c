package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// Baseline is what a build was like: of each variant of an experiment a sample of seeds, how its training begins, and what it counts.
type Baseline struct {
	Name       string `json:"name"`
	Reason     string `json:"reason"` // why it was set
	At         string `json:"at"`     // day
	Revision   string `json:"revision"`
	Experiment string `json:"experiment"` // file, or name of one that is part of the program
	Machine
	Variants []Variant `json:"variants"`
}

// Variant is one configuration in a baseline.
type Variant struct {
	Label   string             `json:"label"`
	Config  string             `json:"config"`           // digest of the resolved configuration and the data
	Counts  map[string]float64 `json:"counts"`           // numbers that every run has: parameters, FLOPs, …
	Margins map[string]float64 `json:"margins"`          // of metrics, by their names in results: what may be lost
	Losses  []float64          `json:"losses,omitempty"` // of the first seed's first steps
	Logits  []float64          `json:"logits,omitempty"` // after them
	Samples []Sample           `json:"samples"`          // by seed
}

// Sample is what one seed came to.
type Sample struct {
	Seed    uint64             `json:"seed"`
	Digest  string             `json:"digest"`
	Metrics map[string]float64 `json:"metrics"`
}

// Encode returns the file of a baseline: JSON with a line a fact, so that a diff shows what moved. Losses and logits are rounded to the seven digits
// that a float32 has.
func (b *Baseline) Encode() []byte {
	var out bytes.Buffer
	variants := b.Variants
	head := *b
	head.Variants = []Variant{}
	text, err := json.MarshalIndent(head, "", "\t")
	if err != nil {
		panic("check: a baseline that JSON cannot hold")
	}
	out.WriteString(strings.TrimSuffix(string(text), "[]\n}"))
	out.WriteString("[")
	for i, v := range variants {
		out.WriteString(separator(i) + "\n\t\t{")
		fmt.Fprintf(&out, "\n\t\t\t%q: %s,\n\t\t\t%q: %s,", "label", line(v.Label), "config", line(v.Config))
		fmt.Fprintf(&out, "\n\t\t\t%q: %s,\n\t\t\t%q: %s,", "counts", line(v.Counts), "margins", line(v.Margins))
		if len(v.Losses) > 0 {
			fmt.Fprintf(&out, "\n\t\t\t%q: %s,\n\t\t\t%q: %s,", "losses", digits(v.Losses), "logits", digits(v.Logits))
		}
		fmt.Fprintf(&out, "\n\t\t\t%q: [", "samples")
		for i, s := range v.Samples {
			out.WriteString(separator(i) + "\n\t\t\t\t" + line(s))
		}
		out.WriteString("\n\t\t\t]\n\t\t}")
	}
	out.WriteString("\n\t]\n}\n")
	return out.Bytes()
}

func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// line is JSON on one line.
func line(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("check: a baseline that JSON cannot hold")
	}
	return strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(string(text))
}

func digits(x []float64) string {
	words := make([]string, len(x))
	for i, v := range x {
		words[i] = strconv.FormatFloat(v, 'g', 7, 64)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// Decode reads the file of a baseline.
func Decode(file string, text []byte) (*Baseline, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	b := new(Baseline)
	err := d.Decode(b)
	if err == nil && d.More() {
		err = errors.New("goes on behind its end")
	}
	if err == nil {
		err = b.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; want what ctrlab baseline set writes", file, err)
	}
	return b, nil
}

func (b *Baseline) check() error {
	if b.Name == "" || b.Experiment == "" || len(b.Variants) == 0 {
		return errors.New("name, experiment or variants are missing")
	}
	for _, v := range b.Variants {
		if len(v.Samples) == 0 || len(v.Margins) == 0 {
			return fmt.Errorf("variant %s has no samples, or no margins", v.Label)
		}
		for _, name := range slices.Sorted(maps.Keys(v.Margins)) {
			if err := CheckMargin(name, v.Margins[name]); err != nil {
				return fmt.Errorf("variant %s: %w", v.Label, err)
			}
		}
		for i, s := range v.Samples {
			if i > 0 && s.Seed <= v.Samples[i-1].Seed {
				return fmt.Errorf("variant %s: seed %d stands behind seed %d", v.Label, s.Seed, v.Samples[i-1].Seed)
			}
			for name := range v.Margins {
				if _, ok := s.Metrics[name]; !ok {
					return fmt.Errorf("variant %s: seed %d has no %s", v.Label, s.Seed, name)
				}
			}
		}
	}
	return nil
}

// CheckMargin refuses a margin of what has no better and worse on valid or test, and one that is none.
func CheckMargin(name string, margin float64) error {
	m, ok := metric.Find(name)
	if !ok || m.Kind != metric.Quality || m.Better == metric.Neither || m.Name == name {
		return fmt.Errorf("margin of %q, want a metric of quality with its split, as test.auc", name)
	}
	if !(margin > 0) || math.IsInf(margin, 0) {
		return fmt.Errorf("margin of %s is %v, want more than 0", name, margin)
	}
	return nil
}

// spread is how many standard deviations of seeds a margin has, and least what it has at least.
//
// Rounding can make a model's pairs of seeds as unalike as any two seeds. The last look, at ten of them and 1 %, then still passes a build that is no
// worse with 99 %: 2.5/√(2/10) = 5.6 standard errors are that far above Student's 2.8.
const (
	spread = 2.5
	least  = 0.001
)

// Margin is what a metric may lose where nobody said: the least that the last look decides, on two digits.
func (v *Variant) Margin(name string) float64 {
	var values []float64
	for _, s := range v.Samples {
		values = append(values, s.Metrics[name])
	}
	sd := 0.0
	if len(values) > 1 {
		sd = stat.SD(values)
	}
	margin, _ := strconv.ParseFloat(strconv.FormatFloat(max(least, spread*sd), 'g', 2, 64), 64)
	return margin
}

// Seeds is how many seeds every variant has at least.
func (b *Baseline) Seeds() int {
	n := math.MaxInt
	for _, v := range b.Variants {
		n = min(n, len(v.Samples))
	}
	return n
}
