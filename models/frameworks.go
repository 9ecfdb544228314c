package models

import (
	"fmt"
	"slices"

	"ctrlab/internal/strict"
)

// Framework is a row of the table of other implementations: what they choose where implementations and papers differ. The key preset
// of a [[model]] or of [train] names one; a key that is given wins.
type Framework struct {
	Name, Source string
	Train        string            // keys of [train], in TOML
	Model        map[string]string // keys of models, in TOML; those of "" are every model's that has them
}

// Frameworks is the table of other implementations.
var Frameworks = []Framework{
	{
		"dlrm_repo", "facebookresearch/dlrm, its script for Criteo Kaggle",
		"optimizer = 'sgd'\nlearning_rate = 0.1\nbatch_size = 128",
		map[string]string{"": "init = { embedding = { kind = 'row_uniform', scale = 1 }, weight = { kind = 'xavier_normal' }, bias = { kind = 'out_normal' } }"},
	},
	{
		"fuxictr", "reczoo/FuxiCTR, as BARS runs it",
		"optimizer = 'dense_adam'\nlearning_rate = 0.001\nbatch_size = 4096\npenalty = 'table'\nclip_norm = 10\nselect = 'auc'\npatience = 2\nschedule = 'plateau'\nmin_learning_rate = 1e-6",
		map[string]string{
			"":    "init = { embedding = { kind = 'normal', scale = 1e-4 }, weight = { kind = 'xavier_normal' } }",
			"dnn": valueFields, "wide_deep": valueFields, "deepcrossing": valueFields,
			"dcn": valueFields, "dcnv2": valueFields, "dcn_mix": valueFields, "gdcn": valueFields,
			"dlrm":         "interaction = 'inner_product'",
			"xdeepfm":      "cin_split_half = false\ncin_activation = 'identity'",
			"autoint":      "attention_total = true",
			"autoint_plus": "attention_total = true",
			"fibinet":      "shared = false\nlinear = true",
			"afn":          "least = 1e-5",
			"afn_plus":     "least = 1e-5",
			"finalnet":     "blocks = 2\nnorm = 'batch'\nresidual = 'concat'",
			"wukong":       "fm_relu = true",
		},
	},
	{
		"deepctr", "shenweichen/DeepCTR and DeepCTR-Torch",
		"batch_size = 256\npenalty = 'deepctr'\nembedding_l2 = 1e-5",
		map[string]string{
			"":   "init = { embedding = { kind = 'normal', scale = 1e-4 }, weight = { kind = 'xavier_normal' } }",
			"fm": deepDense, "fwfm": deepDense, "afm": deepDense, "nfm": deepDense, "deepfm": deepDense, "ipnn": deepDense, "opnn": deepDense,
			"dcn": withLinear, "dcn_mix": withLinear,
			"autoint": deepDense + withLinear, "autoint_plus": deepDense + withLinear, "afn": deepDense + withLinear, "afn_plus": deepDense + withLinear,
			"fibinet": deepDense + withLinear,
			"xdeepfm": deepDense + "cin_activation = 'relu'",
		},
	},
	{
		"recbole", "RUCAIBox/RecBole",
		"optimizer = 'dense_adam'\nlearning_rate = 0.001\nbatch_size = 2048\npatience = 10\npenalty = 'recbole'",
		map[string]string{
			"":             "init = { embedding = { kind = 'xavier_normal', scale = 1 }, weight = { kind = 'xavier_normal' } }",
			"dnn":          valueFields,
			"wide_deep":    valueFields,
			"dcn":          valueFields + "\nnorm = 'batch'\n" + unitCross,
			"dcnv2":        valueFields + "\nnorm = 'batch'\n" + unitCross,
			"dcn_mix":      valueFields + "\nnorm = 'batch'\ngate_bias = true",
			"xdeepfm":      "cin_activation = 'relu'",
			"autoint":      "attention_total = true\nscaled = true\nlinear = true",
			"autoint_plus": "attention_total = true\nscaled = true\nlinear = true",
		},
	},
}

const (
	deepDense   = "dense = 'deep'\n" // dense features enter the linear term and the MLP alone
	withLinear  = "linear = true\n"
	valueFields = "dense = 'scale'" // a dense feature is its value times a vector everywhere
	unitCross   = "cross_init = { weight = { kind = 'normal', scale = 1 }, bias = { kind = 'zero' } }"
)

// FindFramework returns the row with a name.
func FindFramework(name string) (Framework, bool) {
	i := slices.IndexFunc(Frameworks, func(f Framework) bool { return f.Name == name })
	if i < 0 {
		return Framework{}, false
	}
	return Frameworks[i], true
}

// PresetOf returns the framework that a table's key preset names; nil without one.
func PresetOf(t *strict.Table) (*Framework, error) {
	v, ok := t.Get("preset")
	if !ok || v == "" { // which stands in resolved configurations
		return nil, nil
	}
	name, _ := v.(string)
	if f, ok := FindFramework(name); ok {
		return &f, nil
	}
	var names []string
	for _, f := range Frameworks {
		names = append(names, f.Name)
	}
	return nil, t.Errorf("preset", "%s", unknown("framework", fmt.Sprint(v), names))
}

// FillTrain gives a [train] table the framework's choices in the keys that it lacks.
func (f *Framework) FillTrain(t *strict.Table) error {
	return f.fill(t, f.Train, func(string) bool { return true })
}

// fillModel does that for a [[model]] table.
func (f *Framework) fillModel(t *strict.Table) error {
	v, _ := t.Get("name")
	name, _ := v.(string)
	p, _ := Find(name)
	if err := f.fill(t, f.Model[name], func(string) bool { return true }); err != nil {
		return err
	}
	return f.fill(t, f.Model[""], func(key string) bool { return p.Options != nil && strict.HasKey(p.Options, key) })
}

func (f *Framework) fill(t *strict.Table, text string, has func(key string) bool) error {
	from, err := strict.TOML("preset "+f.Name, []byte(text))
	if err != nil {
		panic("models: a framework's keys are no TOML")
	}
	return t.Fill(from, has)
}
