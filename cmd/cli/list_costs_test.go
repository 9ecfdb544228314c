package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ctrlab/models"
)

// Costs of 39 fields with vectors of 16 numbers: 624 numbers, 741 pairs. An operation is an addition or a multiplication.
func TestListedCosts(t *testing.T) {
	l, err := listInteractions(listFlags{fields: 39, dim: 16})
	if err != nil {
		t.Fatal(err)
	}
	costs := map[string][3]any{}
	for _, row := range l.rows {
		costs[row[0].(string)] = [3]any(row[1:4])
	}
	for name, want := range map[string][3]any{
		"dot":  {0.0, 2.0 * 16 * 741, 741.0},
		"ffm":  {0.0, 2.0 * 16 * 741, 1.0},
		"fwfm": {741.0, 741 * (2.0*16 + 2), 1.0},
		// a matrix product and an inner product a pair, and the 16 sums added up
		"fmfm":        {741.0 * 256, 741*(2.0*256+2*16) + 16, 1.0},
		"cross":       {3 * (624.0*624 + 624), 3 * (2.0*624*624 + 3*624), 624.0},
		"gated_cross": {3 * (2*624.0*624 + 624), costs["gated_cross"][1], 624.0},
	} {
		if costs[name] != want {
			t.Errorf("%s costs %v, want %v", name, costs[name], want)
		}
	}
}

// docs/variants.md has what the tables have; with -update it is written anew.
func TestVariantsFile(t *testing.T) {
	const file = "../../docs/variants.md"
	want := variantsFile(t)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/variants.md is not what the tables say: go test ./cmd/cli -run VariantsFile -update")
	}
}

func variantsFile(t *testing.T) string {
	o := listFlags{fields: 39, dim: 16}
	interactions, err := listInteractions(o)
	if err != nil {
		t.Fatal(err)
	}
	all, err := listModels(o)
	if err != nil {
		t.Fatal(err)
	}
	trained, baselines := all, all
	trained.rows, trained.options, baselines.rows, baselines.options = nil, nil, nil, nil
	for i, p := range models.Presets {
		to := &trained
		if s, err := preset(p, 3, 4); err != nil {
			t.Fatal(err)
		} else if s.Baseline != nil {
			to = &baselines
		}
		to.add(all.options[i], all.rows[i]...)
	}
	return fmt.Sprintf(variantsText, o.fields, o.dim, markdown(interactions), markdown(trained), markdown(baselines))
}

const variantsText = `# Variants

Made from the tables of the program by ` + "`go test ./cmd/cli -run VariantsFile -update`" + `; ` + "`ctrlab list interactions`, `ctrlab list models`" + `
show the same for any sizes (` + "`--fields`, `--dim`" + `). Costs are those of an example of %d one-hot fields with vectors of %d numbers and of the
keys' defaults: parameters outside of embedding and linear tables, operations of a forward pass (a multiply-add is two), columns of the
output. README says how each model reads, [experiments.md](experiments.md) what the keys mean.

## Interactions

%s
## Models

%s
## Baselines

Not trained by gradient.

%s`

// markdown is a listing as a table, a column of keys at its end.
func markdown(l listing) string {
	var b strings.Builder
	line := func(words []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(words, " | ")) }
	line(append(l.columns[:len(l.columns):len(l.columns)], "keys"))
	line(strings.Fields(strings.Repeat("--- ", len(l.columns)+1)))
	for i, row := range l.rows {
		words := texts(row)
		for k, w := range words {
			words[k] = strings.ReplaceAll(w, "|", `\|`)
		}
		words[0] = "`" + words[0] + "`"
		line(append(words, keys(l.options[i])))
	}
	return b.String()
}

// keys are those of options, with their defaults.
func keys(options any) string {
	var b strings.Builder
	settings(&b, options)
	if b.Len() == 0 {
		return "–"
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		words[i] = "`" + w + "`"
	}
	return strings.Join(words, " ")
}
