package runner

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/internal/checkpoint"
	"ctrlab/internal/metric"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// trained trains a trial and returns its model's file, and what it came to.
func trained(t *testing.T, trial *Trial, header func(*Header)) (string, train.Result) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.ckpt")
	result, err := train.Run(t.Context(), train.Job{
		Spec: trial.Spec, Options: trial.Train, Seed: trial.Seed, Data: trial.Source, Workers: 1,
		Model: func(write func(*checkpoint.Writer)) {
			h := trial.header("b1", "go")
			header(&h)
			w, err := checkpoint.Create(path, h)
			must(t, err)
			write(w)
			must(t, w.Close())
		},
	})
	must(t, err)
	return path, result
}

// A stored model predicts what it was tested with.
func TestOpenStored(t *testing.T) {
	p := planOf(t, small)
	trial := &p.Trials[2]
	path, result := trained(t, trial, func(*Header) {})
	s, err := OpenStored(path, 2)
	must(t, err)
	want := trial.Trial
	want.Label = s.Trial.Label
	if !reflect.DeepEqual(s.Trial, want) || !reflect.DeepEqual(s.Schema, trial.Source.Schema()) || s.Header != trial.header("b1", "go") {
		t.Errorf("the file has %+v, %+v and %+v", s.Header, s.Trial, s.Schema)
	}
	if s.Output() != (models.Output{}) {
		t.Errorf("its predictions are %+v", s.Output())
	}
	predictor := train.NewPredictor(s.Model, 2)
	defer predictor.Close()
	var in metric.Eval
	in.Binary = true
	for b, err := range trial.Source.Batches(batch.Test, 100, 0) {
		must(t, err)
		z := make([]float32, b.N)
		predictor.Predict(z, b)
		in.Score, in.Label = append(in.Score, z...), append(in.Label, b.Label...)
	}
	values, err := metric.Evaluate(in)
	must(t, err)
	for _, name := range []string{"auc", "logloss"} {
		if values[name] != result.Metrics["test."+name] {
			t.Errorf("%s is %v, and was %v", name, values[name], result.Metrics["test."+name])
		}
	}
}

func TestOpenStoredRefuses(t *testing.T) {
	p := planOf(t, small)
	for want, change := range map[string]func(h *Header){
		"the model of its configuration has ": func(h *Header) { h.Config = strings.Replace(h.Config, `"embedding_dim":4`, `"embedding_dim":40000`, 1) },
		"its schema: ":                        func(h *Header) { h.Schema = "[]" },
		"embedding_dim is 0":                  func(h *Header) { h.Config = strings.Replace(h.Config, `"embedding_dim":4`, `"embedding_dim":0`, 1) },
		"is fitted and no network": func(h *Header) {
			h.Config, h.Schema = strings.Replace(h.Config, modelJSON(h.Config), `{"name":"bias"}`, 1), ratedSchema
		},
	} {
		path, _ := trained(t, &p.Trials[2], change)
		if _, err := OpenStored(path, 1); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

const ratedSchema = `{"Dense":null,"Sparse":[{"Name":"user","Rows":5},{"Name":"item","Rows":5}],"Rating":{"Min":1,"Max":5}}`

// modelJSON is the JSON of the model in a configuration.
func modelJSON(config string) string {
	_, rest, _ := strings.Cut(config, `"model":`)
	model, _, _ := strings.Cut(rest, `,"train":`)
	return model
}

func TestFits(t *testing.T) {
	s := Stored{Schema: batch.Schema{Dense: []string{"a"}, Sparse: []batch.Field{{Name: "u", Rows: 5}, {Name: "v", Rows: 6}}}}
	must(t, s.Fits(s.Schema))
	for want, data := range map[string]batch.Schema{
		"the data has 0 dense features, and the model was trained on 1":    {Sparse: s.Schema.Sparse},
		"dense feature 1 of the data is b, and that of the model a":        {Dense: []string{"b"}, Sparse: s.Schema.Sparse},
		"the data has 1 fields, and the model was trained on 2":            {Dense: s.Schema.Dense, Sparse: s.Schema.Sparse[:1]},
		"field 2 of the data is v of 7 rows, and that of the model v of 6": {Dense: s.Schema.Dense, Sparse: []batch.Field{{Name: "u", Rows: 5}, {Name: "v", Rows: 7}}},
		"field 1 of the data is w of 5 rows, and that of the model u of 5": {Dense: s.Schema.Dense, Sparse: []batch.Field{{Name: "w", Rows: 5}, {Name: "v", Rows: 6}}},
	} {
		if err := s.Fits(data); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A run is repeated from what the database has of it, to the bit, on any number of threads.
func TestAgain(t *testing.T) {
	p, s := planOf(t, small), newStore(t)
	_, err := Run(t.Context(), p, s, Options{Build: "b1", Workers: 2})
	must(t, err)
	all, err := s.Find("small/fm")
	must(t, err)
	if len(all) != 2 || all[1].Trial.Seed != 2 {
		t.Fatalf("found %+v", all)
	}
	again, err := NewAgain(t.Context(), datasets.Env{}, all[1], nil, "v1")
	must(t, err)
	if again.Trial.ID != all[1].Trial.ID || again.Trial.Source.Identity() != all[1].Dataset.ID || again.Environment.Version != "v1" {
		t.Errorf("it is trial %s of data %s", again.Trial.ID, again.Trial.Source.Identity())
	}
	result, err := again.Run(t.Context(), 1, func(metric.Progress) {})
	must(t, err)
	for name, v := range all[1].Trial.Results {
		if strings.HasPrefix(name, "test.") && result.Metrics[name] != v {
			t.Errorf("%s is %v, and was %v", name, result.Metrics[name], v)
		}
	}
	if _, err := NewAgain(t.Context(), datasets.Env{}, all[0], []string{"train.epochs=1,2"}, ""); err == nil || !strings.Contains(err.Error(), "run 3 (fm, seed 1) of small: --set makes 2 trials") {
		t.Errorf("got %v", err)
	}
}
