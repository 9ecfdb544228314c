package experiments

import (
	"fmt"
	"slices"
	"testing"

	"ctrlab/runner/tune"
)

const tuned = `[[model]]
name = "lr"
[[model]]
name = "dcnv2"
[tune]
method = "random"
budget = { trials = 4 }
[tune.space]
"train.learning_rate" = { log = [1e-3, 1e-1] }
"model.layers" = { int = [1, 3] }
`

func TestTuning(t *testing.T) {
	e, err := Parse("x.toml", []byte(header+tuned+"[matrix]\n'model.embedding_dim' = [4, 8]"), []string{"tune.repeats=2", "tune.budget={trials=7}"})
	if err != nil {
		t.Fatal(err)
	}
	if e.Trials != nil || e.Tuning.Repeats != 2 || e.Tuning.Budget != (tune.Budget{Trials: 7}) {
		t.Errorf("%d trials, %+v", len(e.Trials), e.Tuning.Options)
	}
	var got []string
	for _, v := range e.Tuning.Variants {
		keys := ""
		for _, d := range v.Space {
			keys += " " + d.Key
		}
		got = append(got, v.Label+":"+keys)
	}
	want := []string{"lr: train.learning_rate", "dcnv2 embedding_dim=4: train.learning_rate model.layers", "dcnv2 embedding_dim=8: train.learning_rate model.layers"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	x, err := e.Tuning.Variants[2].At(tune.Point{0.02, 3})
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(x.Label, " ", x.Train.LearningRate); s != "dcnv2 embedding_dim=8 learning_rate=0.02 layers=3 0.02" {
		t.Error(s)
	}
}

func TestTuningErrors(t *testing.T) {
	const head = header + "[[model]]\nname = 'fm'\n[tune]\nmethod = 'random'\nbudget = { trials = 4 }\n[tune.space]\n" // to line 9
	for _, c := range []struct{ src, want string }{
		{head + "'train.learnin_rate' = [0.1]", "x.toml:10: train.learnin_rate is not a key here; did you mean learning_rate?"},
		{head + "'train.learning_rate' = { range = [0, 1] }", "x.toml:10: train.learning_rate is 0, want more than 0, and what float32 can hold"},
		{head + "'model.layers' = { int = [1, 3] }", `x.toml:10: tune.space."model.layers" is a key of no model here`},
		{head + "'model.embedding_dims' = { int = [1, 3] }", `x.toml:10: tune.space."model.embedding_dims" is a key of no model here; did you mean model.embedding_dim?`},
		{head + "'model.embedding_dim' = { range = [1, 3.5] }", "x.toml:10: model[0].embedding_dim is 1.0, want an integer"},
		{head + "'data.rows' = { int = [1, 3] }", `x.toml:10: tune.space."data.rows" is no key to tune, want one of train or model, like train.learning_rate`},
		{head + "'train.select' = ['auc', 'logloss']", `x.toml:10: tune.space."train.select" is what configurations are chosen by, and is not tuned`},
		{head + "'model.embedding_dim' = [4, 8]\n[matrix]\n'model.embedding_dim' = [4]", `x.toml:10: tune.space."model.embedding_dim" is a key of the matrix too; want it in one of them`},
		{"seeds = [0, 5]\n" + head[len("seeds = 2\n"):] + "'train.learning_rate' = [0.1]", "x.toml:1: seeds has 0, want 1 to 999999 where something is tuned: every search has a million of its own"},
	} {
		if _, err := Parse("x.toml", []byte(c.src), nil); err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.src, err, c.want)
		}
	}
}
