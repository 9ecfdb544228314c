package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/models"
)

// header is lines 1 to 3 of the tests' files.
const header = "seeds = 2\ndata = { source = 'synthetic', rows = 1000 }\ntrain.learning_rate = 0.1\n"

// lines is one a trial: its label and seed, and what keys print of its configuration.
func lines(e *Experiment, keys ...string) (out []string) {
	for _, t := range e.Trials {
		raw, _ := json.Marshal(map[string]any{"data": t.Data.Options, "train": t.Train, "model": t.Model})
		var all map[string]map[string]any
		json.Unmarshal(raw, &all)
		line := fmt.Sprintf("%s/%d", t.Label, t.Seed)
		for _, k := range keys {
			section, key, _ := strings.Cut(k, ".")
			line += fmt.Sprintf(" %v", all[section][key])
		}
		out = append(out, line)
	}
	return out
}

func TestTrials(t *testing.T) {
	for _, c := range []struct {
		name, src string
		sets      []string
		keys      []string
		want      []string
	}{
		{"a model, then seeds", `
			[[model]]
			name = "lr"
			[[model]]
			name = "fm"
			label = "FM"`, nil, nil,
			[]string{"lr/1", "lr/2", "FM/1", "FM/2"}},
		{"seeds as a list", `
			[[model]]
			name = "lr"`, []string{"seeds=7,5"}, nil,
			[]string{"lr/7", "lr/5"}},
		{"a matrix multiplies the models that have its keys", `
			[[model]]
			name = "lr"
			[[model]]
			name = "fm"
			[matrix]
			"model.embedding_dim" = [8, 16]
			"train.learning_rate" = [0.01, 0.05]`, []string{"seeds=1"}, []string{"model.embedding_dim", "train.learning_rate"},
			[]string{"lr learning_rate=0.01/1 <nil> 0.01", "lr learning_rate=0.05/1 <nil> 0.05",
				"fm embedding_dim=8 learning_rate=0.01/1 8 0.01", "fm embedding_dim=8 learning_rate=0.05/1 8 0.05",
				"fm embedding_dim=16 learning_rate=0.01/1 16 0.01", "fm embedding_dim=16 learning_rate=0.05/1 16 0.05"}},
		{"an exclude leaves out what has all its values", `
			[[model]]
			name = "lr"
			[[model]]
			name = "fm"
			[matrix]
			model.embedding_dim = [8, 16]
			train.learning_rate = [0.01, 0.05]
			[[matrix.exclude]]
			"model.embedding_dim" = 8
			train.learning_rate = 0.05`, []string{"seeds=1"}, nil,
			[]string{"lr learning_rate=0.01/1", "lr learning_rate=0.05/1", "fm embedding_dim=8 learning_rate=0.01/1",
				"fm embedding_dim=16 learning_rate=0.01/1", "fm embedding_dim=16 learning_rate=0.05/1"}},
		{"--set replaces in the models that have the key", `
			[[model]]
			name = "lr"
			[[model]]
			name = "fm"
			embedding_dim = 4`, []string{"model.embedding_dim=32", "seeds=1", "train.optimizer=adam"}, []string{"model.embedding_dim", "train.optimizer"},
			[]string{"lr/1 <nil> adam", "fm/1 32 adam"}},
		{"--set with several values is a matrix, also of lists", `
			[[model]]
			name = "lr"
			[[model]]
			name = "deepfm"`, []string{"model.top=[8],[16, 8]", "seeds=1"}, []string{"model.top"},
			[]string{"lr/1 <nil>", "deepfm top=[8]/1 [8]", "deepfm top=[16,8]/1 [16 8]"}},
		{"--set takes the place of a matrix key, whose excludes fall away", `
			[[model]]
			name = "fm"
			[matrix]
			"model.embedding_dim" = [8, 16]
			[[matrix.exclude]]
			"model.embedding_dim" = 8`, []string{"model.embedding_dim=32", "seeds=1"}, []string{"model.embedding_dim"},
			[]string{"fm/1 32"}},
		{"labels of one preset say what differs", `
			[[model]]
			name = "dlrm"
			interaction = "cin"
			[[model]]
			name = "dlrm"
			interaction = { name = "cross", layers = 2 }
			top = [8]`, []string{"seeds=1"}, nil,
			[]string{"dlrm interaction=cin/1", "dlrm interaction=cross top=[8]/1"}},
		{"tables are called by their kind where that tells them apart, or else in full", `
			[[model]]
			name = "lr"
			[matrix]
			data.truth = [[{ kind = "linear" }], [{ kind = "fm", strength = 2 }], [{ kind = "fm", strength = 3 }]]`, []string{"seeds=1"}, nil,
			[]string{"lr truth=[linear]/1", "lr truth=[{kind=fm,strength=2}]/1", "lr truth=[{kind=fm,strength=3}]/1"}},
		{"a model's own training, which the matrix goes before", `
			[[model]]
			name = "lr"
			train = { optimizer = "ftrl", epochs = 7 }
			[[model]]
			name = "lr"
			label = "LR"
			[matrix]
			"train.epochs" = [3]`, []string{"seeds=1"}, []string{"train.optimizer", "train.epochs", "train.learning_rate"},
			[]string{"lr/1 ftrl 3 0.1", "LR/1 adagrad 3 0.1"}},
		{"a loss that makes a model what it is", `
			train.loss = "brier"
			[[model]]
			name = "svm"
			[[model]]
			name = "lr"`, []string{"seeds=1"}, []string{"train.loss", "train.select"},
			[]string{"svm/1 hinge auc", "lr/1 brier logloss"}},
		{"data can be varied", `
			[[model]]
			name = "lr"`, []string{"seeds=1", "data.rows=500,600"}, []string{"data.rows"},
			[]string{"lr rows=500/1 500", "lr rows=600/1 600"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := Parse("x.toml", []byte(header+c.src), c.sets)
			if err != nil {
				t.Fatal(err)
			}
			if got := lines(e, c.keys...); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

// Lines count from the header, which has three; the sources below begin on line 4.
func TestErrors(t *testing.T) {
	const lr = "[[model]]\nname = 'lr'\n"                             // lines 4, 5
	const fm = lr + "[[model]]\nname = 'fm'\n"                        // lines 6, 7
	const matrix = fm + "[matrix]\n'model.embedding_dim' = [8, 16]\n" // lines 8, 9
	for _, c := range []struct {
		src  string
		sets []string
		want string
	}{
		{"", nil, "x.toml: has no [[model]] table, want one a variant"},
		{"[model]\nname = 'lr'", nil, "x.toml:4: model is a table, want a list of tables: [[model]]"},
		{"modle = 1\n" + lr, nil, "x.toml:4: modle is not a key here; did you mean model?"},
		{"name = 'a/b'\n" + lr, nil, `x.toml:4: name is "a/b", want letters, digits and . _ - that can name a folder`},
		{lr + "label = ''", nil, "x.toml:6: model[0].label is not a line of text"},
		{lr + `label = "a\u202eb"`, nil, "x.toml:6: model[0].label is not a line of text"}, // what follows would read from right to left
		{lr + "top = [1]", nil, "x.toml:6: model[0].top is not a key here; the keys are label, name, preset, train"},
		{"[[model]]\nname = 'fn'", nil, `x.toml:5: model[0].name is "fn", which is no model; did you mean fm?`},
		{"[[model]]\nlabel = 'x'", nil, `x.toml:4: model[0].name is missing; want the name of a model`},
		{fm + "embedding_dim = 0", nil, "x.toml:8: model[1].embedding_dim is 0, want at least 1"},
		{lr + "[[model]]\nname = 'lr'\nlabel = 'again'", nil, `x.toml:6: model[1] comes out the same as model[0]: "lr" and "again" are one configuration`},
		{fm + "train = 1", nil, "x.toml:8: model[1].train is 1, want a table"},
		{fm + "[model.train]\nepoch = 1", nil, "x.toml:9: train.epoch is not a key here; did you mean epochs?"},
		{lr + "[[model]]\nname = 'svm'\ntrain = { loss = 'bce' }", nil, "x.toml:8: model[1].train.loss is bce, and svm has a loss of its own, hinge"},
		{fm + "label = 'lr'", nil, `x.toml:8: model[1].label is "lr", which another variant is called too; give it one of its own`},
		{"match = 'size'\n" + lr, nil, `x.toml:4: match is "size", want params or flops`},
		{"budget = 9\n" + lr, nil, "x.toml:4: budget is 9, and match, which says of what, is missing: params or flops"},
		{"match = 'flops'\nbudget = -1\n" + lr, nil, "x.toml:5: budget is -1, want more than 0"},
		{"match = 'flops'\n" + lr, []string{"budget=1,2"}, "--set budget=1,2: budget is a list, want a number"},
		{fm, []string{"train.learning_rat=1"}, "--set train.learning_rat=1: train.learning_rat is not a key here; did you mean learning_rate?"},
		{fm, []string{"model.embedding_dim=0"}, "--set model.embedding_dim=0: model[1].embedding_dim is 0, want at least 1"},
		{fm, []string{"model.embeding_dim=8"}, "--set model.embeding_dim=8: model.embeding_dim is a key of no model here; did you mean model.embedding_dim?"},
		{lr, []string{"model.top=8"}, "--set model.top=8: model.top is a key of no model here"},
		{lr, []string{"seeds=0"}, "--set seeds=0: seeds is 0, want 1 to 10000, or a list of seeds"},
		{lr, []string{"seeds=1,1"}, "--set seeds=1,1: seeds has 1 twice"},
		{lr, []string{"seeds"}, "--set seeds: want key=value, like model.embedding_dim=16"},
		{lr, []string{"train.epochs=1,,2"}, "--set train.epochs=1,,2: a value is empty"},
		{lr, []string{"train.epochs=[1"}, "--set train.epochs=[1: [1 is no TOML value"},
		{lr, []string{"epochs=2"}, "--set epochs=2: epochs is no key to vary, want one of data, train or model, like model.embedding_dim"},
		{lr, []string{"data.source=criteo2"}, `--set data.source=criteo2: data.source is "criteo2", which there is not; did you mean criteo?`},
		{fm + "[matrix]\n'model.dim' = [1]", nil, `x.toml:9: matrix."model.dim" is a key of no model here; did you mean model.embedding_dim?`},
		{fm + "[matrix]\n'train.epochs' = 3", nil, `x.toml:9: matrix."train.epochs" is 3, want a list of values`},
		{fm + "[matrix]\n'train.epochs' = []", nil, `x.toml:9: matrix."train.epochs" is empty, want a list of values`},
		{fm + "[matrix]\n'train.epochs' = [1, 1.0]", nil, `x.toml:9: matrix."train.epochs" has 1 twice`},
		{fm + "[matrix]\n'train.batch_size' = [1, 0]", nil, `x.toml:9: train.batch_size is 0, want at least 1`},
		{matrix + "[[matrix.exclude]]\n'train.epochs' = 1", nil, `x.toml:11: matrix.exclude[0]."train.epochs" is no key of the matrix`},
		{matrix + "[[matrix.exclude]]\n'model.embedding_dim' = 9", nil, `x.toml:11: matrix.exclude[0]."model.embedding_dim" is 9, which is no value of that key in the matrix`},
		{matrix + "[[matrix.exclude]]", nil, "x.toml:10: matrix.exclude[0] is empty, want the values of a combination to leave out"},
		{fm + "[matrix]\ntrain.epochs = [1]\n[[matrix.exclude]]\ntrain.epochs = 1", nil, "x.toml:8: matrix excludes every combination"},
		{matrix + "'train.steps' = [" + numbers(900) + "]\n'train.eval_every' = [" + numbers(900) + "]", nil, "x.toml:8: matrix makes 4860000 trials, want at most 100000"},
	} {
		e, err := Parse("x.toml", []byte(header+c.src), c.sets)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s%q:\ngot  %v (%v)\nwant %s", c.src, c.sets, err, e, c.want)
		}
	}
}

func numbers(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprint(i + 1)
	}
	return strings.Join(words, ",")
}

func TestSections(t *testing.T) {
	for src, want := range map[string]string{
		"[[model]]\nname = 'lr'":                                           "x.toml: has no [data] table, which says what to train on",
		"data = 1\n[[model]]\nname = 'lr'":                                 "x.toml:1: data is 1, want a table",
		"data = {}\n[[model]]\nname = 'lr'":                                "x.toml:1: data has no source, want one of synthetic, criteo, avazu, csv, parquet, libsvm, libffm, movielens",
		"data = { source = 1 }\n[[model]]\nname = 'lr'":                    "x.toml:1: data.source is 1, want one of synthetic, criteo, avazu, csv, parquet, libsvm, libffm, movielens",
		"data = { source = 'synthetic', row = 1 }\n[[model]]\nname = 'lr'": "x.toml:1: data.row is not a key here; did you mean rows?",
	} {
		if _, err := Parse("x.toml", []byte(src), nil); err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", src, err, want)
		}
	}
}

// Nothing that the maker of a file leaves out may keep it from being read.
func TestSmallest(t *testing.T) {
	e, err := Parse("some/where/tiny.toml", []byte("data.source = 'synthetic'\n[[model]]\nname = 'lr'"), nil)
	if err != nil || e.Name != "tiny" || len(e.Trials) != 1 || e.Trials[0].Seed != 1 {
		t.Errorf("got %+v, %v", e, err)
	}
}

// Without a loss in the file the labels decide, clicks or ratings, and the metric that selects follows.
func TestLossOfTheData(t *testing.T) {
	for data, want := range map[string]string{
		"source = 'synthetic'":                                  "bce logloss",
		"source = 'criteo'\npath = 'a'":                         "bce logloss",
		"source = 'movielens'\npath = 'a'":                      "mse rmse",
		"source = 'movielens'\npath = 'a'\n[train]\nepochs = 2": "mse rmse",
		"source = 'synthetic'\n[train]\nloss = 'brier'":         "brier logloss",
	} {
		e, err := Parse("x.toml", []byte("[data]\n"+data+"\n[[model]]\nname = 'lr'"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if o := e.Trials[0].Train; o.Loss+" "+o.Select != want {
			t.Errorf("%s: loss and select are %s %s, want %s", data, o.Loss, o.Select, want)
		}
	}
}

func TestLoad(t *testing.T) {
	for file, want := range map[string]string{
		"nowhere/quickstart": "nowhere/quickstart: no such file or directory; want an experiment file, or one of ",
		"quickstrt":          "quickstrt: no such file or directory; did you mean quickstart?",
		".":                  ".: is a directory; want an experiment file, or one of ",
	} {
		if _, err := Load(file, nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s…", err, want)
		}
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("quickstart", 0o755); err != nil {
		t.Fatal(err)
	}
	if e, err := Load("quickstart", nil); err != nil || e.Name != "quickstart" {
		t.Errorf("beside a folder of its name: %v", err)
	}
}

// Every file of the program is one that can be run: where its data is made and not read, also on the data.
func TestFiles(t *testing.T) {
	for _, name := range Files() {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			e, err := Load(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if e.Name != name || e.Question == "" || !strings.HasPrefix(string(e.Source), "# ") {
				t.Errorf("name %q, question %q: want the file's name, a question, and a comment that opens the file", e.Name, e.Question)
			}
			sources := map[string]datasets.Source{}
			for _, trial := range e.Trials {
				if trial.Data.Source != "synthetic" {
					t.Skip("its data are files that are not part of the program")
				}
				planOn(t, trial, sources)
			}
		})
	}
}

// The files of known data, where they are: one row for each value seen in training and one for others. 5,379 values are
// those of Frappe's training rows; with 10 for unknown ones and a bias they are the 5,390 parameters of BARS's logs.
func TestFilesOnRealData(t *testing.T) {
	for name, c := range map[string]struct {
		files []string // train, test, valid
		rows  [batch.Splits]int
		ids   int
	}{
		"bars-frappe": {[]string{"frappe/train.csv", "frappe/test.csv", "frappe/valid.csv"}, [batch.Splits]int{202027, 57722, 28860}, 5389},
		"adult":       {[]string{"adult/adult.data", "adult/adult.test"}, [batch.Splits]int{29305, 3256, 16281}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var sets []string
			for i, file := range c.files {
				path := filepath.Join("..", "..", "shared", "data", file)
				if _, err := os.Stat(path + ".gz"); err != nil {
					t.Skipf("the real data is not here: %v", err)
				}
				sets = append(sets, "data."+[]string{"train", "test", "valid"}[i]+"="+path)
			}
			e, err := Load(name, sets)
			if err != nil {
				t.Fatal(err)
			}
			sources := map[string]datasets.Source{}
			for _, trial := range e.Trials {
				planOn(t, trial, sources)
			}
			for _, s := range sources {
				ids := 0
				for _, f := range s.Schema().Sparse {
					ids += f.Rows
				}
				if rows := [batch.Splits]int{s.Rows(batch.Train), s.Rows(batch.Valid), s.Rows(batch.Test)}; rows != c.rows || c.ids != 0 && ids != c.ids {
					t.Errorf("%v rows and %d ids, want %v and %d", rows, ids, c.rows, c.ids)
				}
			}
		})
	}
}

// planOn builds a trial's model for its data.
func planOn(t *testing.T, trial Trial, sources map[string]datasets.Source) {
	t.Helper()
	key, _ := json.Marshal(trial.Data)
	if sources[string(key)] == nil {
		s, err := trial.Data.Open(context.Background(), datasets.Env{})
		if err != nil {
			t.Fatal(err)
		}
		sources[string(key)] = s
	}
	if _, err := trial.Model.Spec(sources[string(key)].Schema()); err != nil {
		t.Errorf("%s: %v", trial.Label, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(header+"[[model]]\nname='fm'\n[matrix]\n'model.embedding_dim'=[1,2]\n[[matrix.exclude]]\nmodel.embedding_dim=1"), "model.init=1,2")
	f.Fuzz(func(t *testing.T, src []byte, set string) {
		_, _ = Parse("x.toml", src, []string{set})
		_, _ = Parse("x.toml", src, nil)
	})
}

// A model that has a matrix key and no use for it is left alone: fm's dense features do not go through a bottom MLP.
func TestMatrixLeavesUnusedKeysAlone(t *testing.T) {
	e, err := Parse("x.toml", []byte("[data]\nsource = \"synthetic\"\ndense = 2\n[[model]]\nname = \"fm\"\n[[model]]\nname = \"dlrm\"\n"), []string{"model.bottom=[8],[16]"})
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, trial := range e.Trials {
		labels = append(labels, trial.Label)
	}
	if want := []string{"fm", "dlrm bottom=[8]", "dlrm bottom=[16]"}; !slices.Equal(labels, want) {
		t.Errorf("trials are %q, want %q", labels, want)
	}
	_, err = Parse("x.toml", []byte("[data]\nsource = \"synthetic\"\n[[model]]\nname = \"fm\"\n"), []string{"model.bottom=[8]"})
	if err == nil {
		t.Error("a key that no model has a use for was accepted")
	}
}

// The zoo has every model that is trained by gradient on log loss, but for those put together by hand.
func TestZooIsWhole(t *testing.T) {
	e, err := Load("zoo", nil)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{"custom": true}
	for _, trial := range e.Trials {
		has[trial.Model.Name] = true
	}
	every := batch.Schema{Sparse: []batch.Field{{Name: "f0", Rows: 2}, {Name: "f1", Rows: 2}, {Name: "f2", Rows: 2}}, Rating: &batch.Range{Min: 1, Max: 5}, Lists: true}
	for _, p := range models.Presets {
		s, err := models.Config{Name: p.Name, Options: p.Options}.Spec(every)
		if err != nil {
			t.Fatal(err)
		}
		if !has[p.Name] && s.Baseline == nil && p.Loss == "" {
			t.Errorf("%s is not in zoo.toml", p.Name)
		}
	}
}
