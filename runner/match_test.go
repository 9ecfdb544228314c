package runner

import (
	"strings"
	"testing"
)

const unequal = `
name = "unequal"
match = "params"
seeds = 2
[data]
source = "synthetic"
rows = 1000
fields = 3
rows_per_field = 10
[[model]]
name = "fm"
embedding_dim = 4
[[model]]
name = "dnn"
embedding_dim = 4
[[model]]
name = "deepfm"
embedding_dim = 4
top = [8]
[[model]]
name = "fmfm"
embedding_dim = 64
`

// The budget is that of the largest variant, fmfm's three matrices and its bias, 3·64·64 + 1 = 12289. From an input of 12 a top of n
// takes 12n + n + n + 1 parameters, one of n and n/2 in proportion.
func TestMatch(t *testing.T) {
	p := planOf(t, unequal)
	var got []string
	for _, trial := range p.Trials {
		if trial.Seed == 1 {
			got = append(got, trial.Label+": "+trial.Match.Widths)
			if trial.Match.Most != 12289 {
				t.Errorf("%s: the budget is %g", trial.Label, trial.Match.Most)
			}
		}
	}
	// 12·143 + 143 + 143·72 + 72 + 72 + 1 = 12300; deepfm: 14·878 + 1 + 1 = 12294
	want := "fm:  | dnn: top=[143,72] (was top=[64,32]) | deepfm: top=[878] (was top=[8]) | fmfm: "
	if strings.Join(got, " | ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " | "), want)
	}
	for _, trial := range p.Trials {
		has := float64(trial.Cost.Params - trial.Cost.Tables)
		if has != trial.Match.Has || !strings.Contains(trial.Config, `"name":"`+trial.Model.Name+`"`) {
			t.Errorf("%s has %g dense parameters, and its match says %g", trial.Label, has, trial.Match.Has)
		}
	}
}

// What a trial is follows from the sizes that it gets: with those in the file it is the same one.
func TestMatchedIsWritten(t *testing.T) {
	matched := planOf(t, unequal)
	written := planOf(t, strings.NewReplacer(`match = "params"`, "", `name = "dnn"`, "name = \"dnn\"\ntop = [143, 72]", "top = [8]", "top = [878]").Replace(unequal))
	for i, trial := range matched.Trials {
		if trial.ID != written.Trials[i].ID {
			t.Errorf("%s: another trial than the one with its sizes in the file", trial.Label)
		}
	}
	if matched.Digest == written.Digest {
		t.Error("a plan that matches is the same as one that does not")
	}
}
