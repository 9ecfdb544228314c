package runner

import (
	"math"
	"slices"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/models"
)

// inspect asks a trained model how strongly its fields act together, and where the truth is planted, how well strengths and
// embeddings agree with that. It looks at rows of valid, or of train where valid has lists or nothing.
func (t *Trial) inspect(m *models.Model, results map[string]float64) error {
	split := batch.Valid
	if t.Source.Rows(split) == 0 || t.Source.Schema().Lists {
		split = batch.Train
	}
	for b, err := range t.Source.Batches(split, m.SampleRows(), 0) {
		if err != nil {
			return err
		}
		of := planted(t.Source)
		t.pairs = strengths(m, b, of, results)
		if of != nil {
			latents(m, b, of, results)
		}
		break
	}
	return nil
}

// planted is a source whose truth is known, nil for others.
func planted(s datasets.Source) datasets.Planted {
	for {
		switch of := s.(type) {
		case datasets.Planted:
			return of
		case *Source:
			s = of.Source
		case counted:
			s = of.Source
		default:
			return nil
		}
	}
}

// strengths are those of the model's pairs of fields, those of more fields than a figure can show left out.
func strengths(m *models.Model, b *batch.Batch, of datasets.Planted, results map[string]float64) []metric.Pair {
	const most = 64
	found, ok := m.Pairs(b)
	if !ok || len(found.Fields) > most {
		return nil
	}
	var truth []float64
	if of != nil {
		truth = of.Strengths(found.Fields)
	}
	var pairs []metric.Pair
	for i, first := range found.Fields {
		for _, second := range found.Fields[i+1:] {
			p := metric.Pair{Fields: [2]string{first, second}, Learned: found.Strength[len(pairs)], Planted: math.NaN()}
			if truth != nil {
				p.Planted = truth[len(pairs)]
			}
			pairs = append(pairs, p)
		}
	}
	if truth != nil {
		if d := metric.Agreement(found.Strength, truth); !math.IsNaN(d) {
			results["pairs.agreement"] = d
		}
	}
	return pairs
}

// latents says how much of the planted vectors the embeddings have. Each is less its field's mean, which says nothing of two fields;
// all fields turn as one, since products between them are all that a model can know of them.
func latents(m *models.Model, b *batch.Batch, s datasets.Planted, results map[string]float64) {
	names, x, ok := m.Embedded(b)
	if !ok {
		return
	}
	x = x.Centred()
	var have, want []float64
	rows := 0
	for f, name := range names {
		i := slices.IndexFunc(s.Schema().Sparse, func(c batch.Field) bool { return c.Name == name && !c.MultiHot })
		if i < 0 {
			continue
		}
		v, _ := s.Latents(name, b.Sparse[i].IDs)
		if v == nil {
			continue
		}
		rows += b.N
		for n := range b.N {
			have = appended(have, x.Of(n, f))
		}
		want = appended(want, v)
	}
	if rows == 0 {
		return
	}
	if share := metric.Procrustes(have, want, rows); !math.IsNaN(share) {
		results["latents.recovered"] = share
	}
}

func appended(to []float64, v []float32) []float64 {
	for _, x := range v {
		to = append(to, float64(x))
	}
	return to
}
