package cli

import (
	"errors"
	"io/fs"

	"ctrlab/internal/metric"
	kept "ctrlab/internal/scores"
	"ctrlab/internal/store"
	"ctrlab/report"
	"ctrlab/runner"
)

// scoresBeside reads what models said of test from beside a database. A report without results on test asks for none.
func scoresBeside(db string) report.Scores {
	folder := runner.Artifacts(db)
	return func(t store.Trial) (*report.Said, error) {
		s, err := kept.Open(folder, t.ID)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New("no scores are kept")
		}
		if err != nil {
			return nil, err
		}
		margin := s.Output == kept.Margin
		return &report.Said{
			Eval:     metric.Eval{Score: s.Score, Label: s.Label, Binary: margin || s.Output == kept.Logit, Margin: margin},
			Examples: s.Labels, Cluster: s.Cluster, By: s.Header.Cluster,
		}, nil
	}
}
