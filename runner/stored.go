package runner

import (
	"encoding/json"
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/experiments"
	"ctrlab/internal/checkpoint"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// Stored is a trained model with what made it, as a model file or a checkpoint has it.
type Stored struct {
	Header
	Path   string
	Trial  experiments.Trial // resolved
	Schema batch.Schema
	Model  *models.Model // with the values of the file; it only predicts
}

// predictShard is how many rows a lane predicts at a time.
const predictShard = 256

// OpenStored reads a model from its file, for prediction on some threads.
func OpenStored(path string, lanes int) (*Stored, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &Stored{Path: path}
	if err := f.Header(&s.Header); err != nil {
		return nil, err
	}
	if s.Trial, err = experiments.Resolved(path, s.Config, s.Seed, nil); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(s.Header.Schema), &s.Schema); err != nil {
		return nil, fmt.Errorf("%s: its schema: %w", path, err)
	}
	spec, err := s.Trial.Model.Spec(s.Schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if spec.Baseline != nil {
		return nil, fmt.Errorf("%s: %s is fitted and no network: it is not kept in files", path, s.Trial.Model.Name)
	}
	if err := within(spec, f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.Model = models.Infer(spec, predictShard, lanes, s.Seed)
	return s, train.Load(s.Model, f)
}

// within refuses a model that is larger than the file, before it takes memory.
func within(spec models.Spec, f *checkpoint.File) error {
	have := 0
	for _, s := range f.Sections() {
		have += s.Len()
	}
	if c := spec.Cost(); float64(c.Params) > float64(have) {
		return fmt.Errorf("the model of its configuration has %d parameters, and there are %d numbers in it", c.Params, have)
	}
	return nil
}

// Fits refuses data that are not of the schema that the model was trained on, and says where they differ.
func (s *Stored) Fits(data batch.Schema) error {
	if len(data.Dense) != len(s.Schema.Dense) {
		return fmt.Errorf("the data has %d dense features, and the model was trained on %d", len(data.Dense), len(s.Schema.Dense))
	}
	for i, name := range s.Schema.Dense {
		if data.Dense[i] != name {
			return fmt.Errorf("dense feature %d of the data is %s, and that of the model %s", i+1, data.Dense[i], name)
		}
	}
	if len(data.Sparse) != len(s.Schema.Sparse) {
		return fmt.Errorf("the data has %d fields, and the model was trained on %d", len(data.Sparse), len(s.Schema.Sparse))
	}
	for i, want := range s.Schema.Sparse {
		if have := data.Sparse[i]; have != want {
			return fmt.Errorf("field %d of the data is %s of %d rows, and that of the model %s of %d", i+1, have.Name, have.Rows, want.Name, want.Rows)
		}
	}
	return nil
}

// Output says what its predictions are: ratings are clipped where its evaluation clipped them.
func (s *Stored) Output() models.Output {
	o := models.Output{Rating: s.Trial.Train.Rating(), Margin: s.Trial.Train.Margin()}
	if s.Trial.Train.ClipRatings {
		o.Clip = s.Schema.Rating
	}
	return o
}
