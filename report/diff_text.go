package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Section is a part of a text: a table, its heads in front, or a sentence where there is nothing to show.
type Section struct {
	Table    [][]string
	Sentence string
}

// Sections is the difference in words.
func (d *Diff) Sections() []Section {
	return []Section{
		{Differences([]string{"configuration", "A", "B"}, d.Configuration), "The configurations are the same."},
		{Differences([]string{"data", "A", "B"}, d.Data), "The data are the same."},
		{Differences([]string{"build and machine", "A", "B"}, d.Machine), "Build and machine are the same."},
		{Results([]string{"results", "A", "B", "B − A"}, d.Results), "There are no results."},
		{nil, d.verdict()},
	}
}

// Differences is a table of keys and what either side has; nil without any.
func Differences(heads []string, list []Difference) [][]string {
	if len(list) == 0 {
		return nil
	}
	rows := [][]string{heads}
	for _, x := range list {
		rows = append(rows, []string{x.Key, fact(x.A), fact(x.B)})
	}
	return rows
}

// Results is a table of metrics of either side, and by how much they differ; nil without any.
func Results(heads []string, list []Result) [][]string {
	if len(list) == 0 {
		return nil
	}
	rows := [][]string{heads}
	for _, r := range list {
		rows = append(rows, []string{r.Name, sixDigits(r.A), sixDigits(r.B), change(r.B - r.A)})
	}
	return rows
}

func (d *Diff) verdict() string {
	switch {
	case d.Seeds == 0:
		return "No seed is on both sides, so final states are not compared."
	case d.Digest == "":
		return "A run has no digest of its final state, so these are not compared."
	case d.Digest == "same":
		return fmt.Sprintf("Final states are the same bit for bit, over %s.", plural(d.Seeds, "seed"))
	}
	return fmt.Sprintf("Final states differ, over %s.", plural(d.Seeds, "seed"))
}

var digestText = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// fact spells a value: of a digest its first digits.
func fact(v any) string {
	switch v := v.(type) {
	case nil:
		return missing
	case string:
		if digestText.MatchString(v) {
			return v[:12]
		}
	}
	return literal(v)
}

func sixDigits(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return missing
	}
	if math.Abs(x) < 1e15 && x == math.Trunc(x) {
		return minus(strconv.FormatFloat(x, 'f', 0, 64))
	}
	return minus(strconv.FormatFloat(x, 'g', 6, 64))
}

func change(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return missing
	case x > 0:
		return "+" + minus(strconv.FormatFloat(x, 'g', 3, 64))
	}
	return minus(strconv.FormatFloat(x, 'g', 3, 64))
}
