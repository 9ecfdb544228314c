package bench

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
	"ctrlab/models"
)

// Config is a row of the table of configurations: a shape of data and the models that are measured on it.
type Config struct {
	Name, About string
	Batch       int
	Optimizer   string
	Models      []string // as JSON objects, like the [[model]] tables of an experiment

	schema  batch.Schema
	lookups int // of a bag, at most; one-hot fields have one
	batches int
	dim     int // of the models' vectors; 0 leaves them theirs
}

// Configs is the table of configurations.
var Configs = []Config{
	{
		Name: "dlrm-kaggle", About: "DLRM as for Criteo Kaggle: 13-512-256-64-16 and 512-256-1, 26 tables of 100k rows of 16",
		Batch: 2048, Optimizer: "sgd", schema: schema(13, repeat(26, 100_000)), batches: 8,
		Models: []string{`{"name": "dlrm", "embedding_dim": 16, "bottom": [512, 256, 64], "top": [512, 256]}`},
	},
	{
		Name: "dlrm-paper", About: "DLRM as timed in its paper: 512-512-64 and 1024-1024-1024-1, 8 tables of 1M rows of 64, bags of 1 to 100",
		Batch: 2048, Optimizer: "sgd", schema: bags(schema(512, repeat(8, 1_000_000))), lookups: 100, batches: 2,
		Models: []string{`{"name": "dlrm", "embedding_dim": 64, "bottom": [512], "top": [1024, 1024, 1024]}`},
	},
	{
		Name: "ctr39", About: "26 fields of 1M ids in all and 13 dense ones, all vectors of 16, perceptrons of 400-400-400",
		Batch: 4096, Optimizer: "adagrad", schema: schema(13, repeat(26, 1_000_000/26)), batches: 8,
		Models: []string{
			`{"name": "lr"}`,
			`{"name": "fm", "embedding_dim": 16, "dense": "scale"}`,
			`{"name": "deepfm", "embedding_dim": 16, "dense": "scale", "top": [400, 400, 400]}`,
			`{"name": "wide_deep", "embedding_dim": 16, "dense": "scale", "top": [400, 400, 400]}`,
			`{"name": "dcn", "embedding_dim": 16, "dense": "scale", "layers": 3, "structure": "parallel", "top": [400, 400, 400]}`,
			`{"name": "dcnv2", "embedding_dim": 16, "dense": "scale", "layers": 3, "structure": "parallel", "top": [400, 400, 400]}`,
			`{"name": "xdeepfm", "embedding_dim": 16, "dense": "scale", "cin": [100, 100], "cin_split_half": false, "cin_activation": "relu", "top": [400, 400, 400]}`,
			`{"name": "autoint", "embedding_dim": 16, "dense": "scale", "layers": 3, "heads": 2, "attention_dim": 16}`,
		},
	},
	{
		Name: "ncf", About: "user and item of 500k ids each",
		Batch: 4096, Optimizer: "adagrad", schema: schema(0, repeat(2, 500_000)), batches: 8,
		Models: []string{`{"name": "neumf", "embedding_dim": 16, "mlp_embedding_dim": 64, "mlp": [64, 32, 16]}`},
	},
	{
		Name: "zoo", About: "the data of ctr39 and the models after those, their networks as wide as the vectors laid end to end or of 400",
		Batch: 4096, Optimizer: "adagrad", schema: schema(13, repeat(26, 1_000_000/26)), batches: 8,
		Models: []string{
			`{"name": "dcn_mix", "embedding_dim": 16, "dense": "scale", "layers": 3, "experts": 4, "rank": 32, "top": [400, 400, 400]}`,
			`{"name": "gdcn", "embedding_dim": 16, "dense": "scale", "layers": 3, "top": [400, 400, 400]}`,
			`{"name": "nfm", "embedding_dim": 16, "dense": "scale", "top": [400, 400, 400]}`,
			`{"name": "afm", "embedding_dim": 16, "dense": "scale", "attention_dim": 16}`,
			`{"name": "fwfm", "embedding_dim": 16, "dense": "scale"}`,
			`{"name": "fmfm", "embedding_dim": 16, "dense": "scale"}`,
			`{"name": "ffm", "embedding_dim": 4, "dense": "scale"}`,
			`{"name": "ipnn", "embedding_dim": 16, "dense": "scale", "top": [400, 400, 400]}`,
			`{"name": "opnn", "embedding_dim": 16, "dense": "scale", "top": [400, 400, 400]}`,
			`{"name": "fibinet", "embedding_dim": 16, "dense": "scale", "top": [400, 400, 400]}`,
			`{"name": "hofm", "embedding_dim": 16, "dense": "scale"}`,
			`{"name": "autoint_plus", "embedding_dim": 16, "dense": "scale", "layers": 3, "heads": 2, "attention_dim": 16, "top": [400, 400, 400]}`,
			`{"name": "deepcrossing", "embedding_dim": 16, "dense": "scale", "hidden": [400, 400, 400]}`,
			`{"name": "afn", "embedding_dim": 16, "dense": "scale", "neurons": 100, "top": [400, 400, 400]}`,
			`{"name": "afn_plus", "embedding_dim": 16, "dense": "scale", "neurons": 100, "top": [400, 400, 400], "dnn": [400, 400, 400]}`,
			`{"name": "masknet", "embedding_dim": 16, "dense": "scale", "blocks": [400, 400, 400]}`,
			`{"name": "finalmlp", "embedding_dim": 16, "dense": "scale", "mlp1": [400, 400], "mlp2": [400, 400], "gate": [400]}`,
			`{"name": "finalnet", "embedding_dim": 16, "dense": "scale", "layers": [400, 400, 400]}`,
			`{"name": "eulernet", "embedding_dim": 16, "dense": "scale", "layers": [39]}`,
			`{"name": "wukong", "embedding_dim": 16, "dense": "scale", "layers": 2, "fm_fields": 16, "linear_fields": 16, "rank": 8, "hidden": [400], "top": [400, 400]}`,
			`{"name": "dcnv3", "embedding_dim": 16, "dense": "scale", "exponential_layers": 3, "linear_layers": 3}`,
			`{"name": "poly2"}`,
		},
	},
}

// FindConfig returns the row with a name.
func FindConfig(name string) (Config, bool) {
	i := slices.IndexFunc(Configs, func(c Config) bool { return c.Name == name })
	if i < 0 {
		return Config{}, false
	}
	return Configs[i], true
}

// Variant is a model of a configuration.
type Variant struct {
	Name string
	Spec models.Spec
}

// Variants puts together the configuration's models, or those of some names, with commas.
func (c Config) Variants(wanted string) ([]Variant, error) {
	var all []Variant
	var names []string
	missing := map[string]bool{}
	for name := range strings.SplitSeq(wanted, ",") {
		missing[name] = true
	}
	for _, text := range c.Models {
		t, err := strict.JSON(c.Name, []byte(text))
		if err != nil {
			return nil, err
		}
		if err := c.resize(t); err != nil {
			return nil, err
		}
		m, err := models.Decode(t)
		if err != nil {
			return nil, err
		}
		names = append(names, m.Name)
		if wanted != "" && !missing[m.Name] {
			continue
		}
		delete(missing, m.Name)
		s, err := m.Spec(c.schema)
		if err != nil {
			return nil, err
		}
		all = append(all, Variant{m.Name, s})
	}
	for name := range missing {
		if wanted != "" {
			return nil, fmt.Errorf("%s has no model %q; want some of %s", c.Name, name, strings.Join(names, ", "))
		}
	}
	return all, nil
}

func schema(dense int, rows []int) batch.Schema {
	var s batch.Schema
	for i := range dense {
		s.Dense = append(s.Dense, "d"+strconv.Itoa(i))
	}
	for i, n := range rows {
		s.Sparse = append(s.Sparse, batch.Field{Name: "c" + strconv.Itoa(i), Rows: n})
	}
	return s
}

func repeat(n, rows int) []int { return slices.Repeat([]int{rows}, n) }

func bags(s batch.Schema) batch.Schema {
	for i := range s.Sparse {
		s.Sparse[i].MultiHot = true
	}
	return s
}
