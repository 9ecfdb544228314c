package models

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
	"ctrlab/nn"
)

var ctr = batch.Schema{
	Dense:  []string{"I1", "I2", "I3"},
	Sparse: []batch.Field{{Name: "C1", Rows: 10}, {Name: "C2", Rows: 20}, {Name: "C3", Rows: 30}, {Name: "C4", Rows: 40}},
}

var ratings = batch.Schema{
	Sparse: []batch.Field{{Name: "user", Rows: 100}, {Name: "item", Rows: 50}},
	Rating: &batch.Range{Min: 1, Max: 5},
}

func decode(t *testing.T, text string) (Config, error) {
	t.Helper()
	table, err := strict.TOML("m.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Decode(table)
}

// Every preset with its defaults, on click and on rating data.
func TestPresetsBuild(t *testing.T) {
	for _, p := range Presets {
		c := Config{Name: p.Name, Options: p.Options}
		if _, baseline := baselineParams[p.Name]; baseline {
			continue // TestBaselines
		}
		for name, schema := range map[string]batch.Schema{"ctr": ctr, "ratings": ratings} {
			s, err := c.Spec(schema)
			if err != nil {
				t.Errorf("%s on %s: %v", p.Name, name, err)
				continue
			}
			m := New(s, 8, 4, 2, 1)
			count := int64(0)
			for _, v := range m.Values() {
				count += int64(len(v))
			}
			for _, r := range m.Runnings() {
				count -= int64(len(r.Value))
			}
			if c := s.Cost(); c.Params != count || c.Params <= 0 || c.Tables > c.Params {
				t.Errorf("%s on %s: cost says %d parameters, %d of them in tables; there are %d", p.Name, name, c.Params, c.Tables, count)
			}
		}
	}
}

// baselineParams are what presets that are not trained by gradient learn on the schema ratings: 100 users and 50 items, a number
// each and the mean, a likeness for every pair, factors of 16, of 7 genres a weight and a number for each user beside bias and a slope.
var baselineParams = map[string]int64{
	"popularity": 50, "bias": 151, "item_knn": 50*50 + 151, "user_knn": 100*100 + 151, "als": 150*16 + 151, "mean": 1, "content": 100*7 + 7 + 152,
	"external": 0, // nobody knows
}

// A baseline is refused where its scores would mean nothing, and costs what it learns.
func TestBaselines(t *testing.T) {
	ratings := ratings
	ratings.Sparse = append(ratings.Sparse[:2:2], batch.Field{Name: "genres", Rows: 7, MultiHot: true})
	lists := batch.Schema{Sparse: ratings.Sparse, Lists: true}
	for name, params := range baselineParams {
		good, bad, refusal := ratings, lists, "it predicts ratings"
		switch name {
		case "external": // takes whatever there is
			continue
		case "popularity":
			good, bad, refusal = lists, ratings, "no lists to rank"
		case "item_knn", "user_knn", "content":
			bad, refusal = ctr, "neither ratings nor lists"
		}
		c, err := decode(t, "name = \""+name+"\"")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Spec(bad); err == nil || !strings.Contains(err.Error(), refusal) {
			t.Errorf("%s where its scores mean nothing: %v", name, err)
		}
		s, err := c.Spec(good)
		if err != nil || s.Baseline == nil || s.Cost() != (Cost{Cost: nn.Cost{Params: params}}) {
			t.Errorf("%s is %+v (%v), want a baseline of %d parameters", name, s.Cost(), err, params)
		}
		good.Sparse = good.Sparse[:1]
		if _, err := c.Spec(good); err == nil {
			t.Errorf("%s takes data without items", name)
		}
	}
}

// Widths and parameters worked out from the formulas of the table, d = 16: DLRM's T has 5 fields, 10 products beside z.
func TestCost(t *testing.T) {
	for _, c := range []struct {
		text           string
		params, tables int64
		width, top     int
	}{
		{`name = "lr"`, 100 + 3 + 1, 100, 0, 0},
		{`name = "fm"`, 17*100 + 3*17 + 1, 1700, 1, 0},
		{"name = \"dlrm\"\nbottom = []\ntop = [8]", 1600 + (3*16 + 16) + (26*8 + 8) + 9, 1600, 26, 26},
		{"name = \"dcn\"\ntop = []\nlayers = 2", 1600 + 2*2*67 + 68, 1600, 67, 67},
		{"name = \"dnn\"\ntop = [8]", 1600 + 67*8 + 8 + 9, 1600, 67, 67},
		{"name = \"xdeepfm\"\ntop = [8]\ncin = [6, 4]", 17*100 + 17*3 + 1 + (6*7*7 + 6) + (4*7*3 + 4) + 8 + (112*8 + 8) + 9, 1700, 7 + 112, 112},
		{"name = \"poly2\"\nhash_rows = 50", 100 + 3 + 1 + 50, 150, 0, 0},
		{"name = \"hofm\"\norder = 4", 100 + 3 + 1 + 3*16*103, 100 + 3*1600, 3, 0},
		{"name = \"dcnv3\"", 1600 + 3*16 + 6*(56*112+112+112) + 2*113, 1600, 224, 112},
		{"name = \"autoint\"\nlayers = 2\nattention_dim = 5", 1600 + 3*16 + 4*10*(16+10) + 71, 1600, 70, 70},
	} {
		config, err := decode(t, c.text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := config.Spec(ctr)
		if err != nil {
			t.Fatal(err)
		}
		got := s.Cost()
		if got.Params != c.params || got.Tables != c.tables || got.InteractionWidth != c.width || got.TopWidth != c.top {
			t.Errorf("%s costs %+v, want %d parameters (%d in tables), width %d, top %d", c.text, got, c.params, c.tables, c.width, c.top)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		text, want string
		schema     batch.Schema
	}{
		{`embedding_dim = 4`, "name is missing", ctr},
		{`name = "deepfn"`, `is "deepfn", which is no model; did you mean deepfm?`, ctr},
		{"name = \"lr\"\nembedding_dim = 4", "embedding_dim is not a key here", ctr},
		{"name = \"fm\"\nembedding_dim = 0", "m.toml:2: embedding_dim is 0, want at least 1", ctr},
		{"name = \"fm\"\nembedding_dim = \"wide\"", "m.toml:2: embedding_dim", ctr},
		{"name = \"fm\"\ndense = \"raw\"", `m.toml:2: dense is "raw", want scale, concat, deep or mlp`, ctr},
		{"name = \"fm\"\nbottom = [3]", "m.toml:2: bottom is the perceptron of", ctr},
		{"name = \"fm\"\ndense = \"concat\"", "interaction fm needs fields of one width", ctr},
		{"name = \"deepfm\"\ndense = \"concat\"", "interaction fm needs fields of one width", ctr},
		{"name = \"dlrm\"\ndense = \"concat\"", "interaction dot needs fields of one width", ctr},
		{"name = \"dlrm\"\ninteraction = \"dott\"", `is "dott", which is no interaction; did you mean dot?`, ctr},
		{"name = \"dlrm\"\ninteraction = { name = \"cin\", layers = [] }", "layers is empty", ctr},
		{"name = \"dlrm\"\ninteraction = { name = \"cin\", layer = [2] }", "did you mean layers?", ctr},
		{"name = \"dlrm\"\nself_interaction = true\ninteraction = \"sum\"", "self_interaction is for the interaction dot", ctr},
		{"name = \"dcn\"\nlayers = 0", "m.toml:2: layers is 0, want at least 1", ctr},
		{"name = \"dcn\"\nstructure = \"serial\"", `structure is "serial"`, ctr},
		{"name = \"dnn\"\ntop = [4, 0]", "m.toml:2: top has 0 at place 1", ctr},
		{"name = \"xdeepfm\"\ncin = [1, 4]", "1 feature maps at place 0, want at least 2", ctr},
		{"name = \"autoint\"\nheads = 0", "m.toml:2: heads is 0, want at least 1", ctr},
		{"name = \"autoint\"\ndense = \"concat\"", "interaction autoint needs fields of one width", ctr},
		{"name = \"custom\"\nlinear = false", "the model is empty", ctr},
		{"name = \"custom\"\n[[branch]]\ninteractions = [\"fm\", \"fm\"]", "fm stands twice", ctr},
		{"name = \"custom\"\n[[branch]]\ntop = [3]", "interactions is empty", ctr},
		{`name = "mf"`, "it needs two categorical fields, and the data has 1", batch.Schema{Sparse: ctr.Sparse[:1]}},
		{`name = "fm"`, "interaction fm needs at least 2 fields", batch.Schema{Sparse: ctr.Sparse[:1]}},
		{"name = \"hofm\"\norder = 1", "m.toml:2: order is 1, want 2 to 16", ctr},
		{"name = \"fwfm\"\nlinear = \"flv\"", `m.toml:2: linear is "flv", want lw, felv or filv`, ctr},
		{"name = \"masknet\"\nembedding_dim = 1", "interaction masknet refuses: a field's vector has 1 numbers, want at least 2", ctr},
		{"name = \"masknet\"\nstructure = \"stacked\"", `m.toml:2: structure is "stacked", want serial or parallel`, ctr},
		{"name = \"dcnv3\"\nembedding_dim = 3", "interaction exponential_cross refuses: a field's vector has 3 numbers, want an even number", ctr},
		{"name = \"finalmlp\"\nheads = 3", "mlp1 ends in 32, want a multiple of the 3 heads", ctr},
		{"name = \"finalmlp\"\ncontext2 = [\"C9\"]", `context2 has "C9", which is no categorical field of the data`, ctr},
		{"name = \"finalmlp\"\ndense = \"concat\"\ncontext1 = [\"C1\"]", "context1 needs fields", ctr},
		{"name = \"finalnet\"\nresidual = \"concat\"\nlayers = [3]", "m.toml:3: layers has 3 at place 0, want an even number", ctr},
		{"name = \"custom\"\n[[branch]]\ninteractions = [{ name = \"finalmlp\", context1 = [7] }]", "context1 has field 7, want 0 to 6", ctr},
		{"name = \"custom\"\n[[branch]]\ninteractions = [{ name = \"dhen\", modules = [\"dhen\"] }]", `modules has "dhen" at place 0`, ctr},
		{"name = \"custom\"\n[[branch]]\ninteractions = [{ name = \"dhen\", modules = [\"ffm\"] }]", "interaction dhen refuses: its module ffm", ctr},
		{"name = \"poly2\"\nhash_rows = 0", "m.toml:2: hash_rows is 0, want 1 to 1073741824", ctr},
		{`name = "poly2"`, "it needs two features for a pair, and the data has 1", batch.Schema{Sparse: ctr.Sparse[:1]}},
		{"name = \"mean\"\nby = \"genre\"", `m.toml:2: by is "genre", want global, user or item`, ratings},
		{`name = "content"`, "it predicts ratings or ranks items", ctr},
		{`name = "content"`, "the data has no field behind user and item", ratings},
		{"name = \"fm\"\ninit = { embedding = { kind = \"norm\" } }", `kind is "norm"`, ctr},
	} {
		config, err := decode(t, c.text)
		if err == nil {
			_, err = config.Spec(c.schema)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngives %v, want %q", c.text, err, c.want)
		}
	}
}

// A resolved model as JSON has every option and its name, and reads back as itself.
func TestConfigJSON(t *testing.T) {
	c, err := decode(t, "name = \"dlrm\"\nbottom = [8]\ninteraction = { name = \"cin\", layers = [4] }")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"name":"dlrm"`, `"embedding_dim":16`, `"top":[64,32]`, `"interaction":{"activation":"identity","layers":[4],"name":"cin","split_half":true}`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s misses %s", text, want)
		}
	}
	table, err := strict.JSON("again", text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(table)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(again) != fmt.Sprint(c) {
		t.Errorf("%v reads back as %v", c, again)
	}
}

// Variants that share tables start from the same embeddings.
func TestSameEmbeddings(t *testing.T) {
	first := func(text string) float32 {
		c, err := decode(t, text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Spec(ctr)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range New(s, 1, 1, 1, 9).Tables() {
			if table.Name == "embedding.C3" {
				return table.Value[7]
			}
		}
		t.Fatal("no embedding.C3 in " + text)
		return 0
	}
	if a, b := first(`name = "fm"`), first(`name = "xdeepfm"`); a != b || a == 0 {
		t.Errorf("fm starts from %v and xdeepfm from %v", a, b)
	}
}

// Parameters behind hidden layers are called and counted as their formulas have them; keys that nothing uses are no axis of a matrix.
func TestHiddenLayers(t *testing.T) {
	for _, c := range []struct {
		text   string
		names  []string // beside those of the plain model
		params int64
	}{
		{"name = \"dnn\"\ntop = [8, 4]\nnorm = \"batch\"", []string{"top.0.norm.weight", "top.0.norm.bias", "top.1.norm.weight", "top.1.norm.bias"}, 2*8 + 2*4},
		{"name = \"dnn\"\ntop = [8]\nactivation = \"prelu\"\ndropout = 0.5", []string{"top.0.activation.weight"}, 1},
		{"name = \"dlrm\"\nbottom = [5]\ntop = [8]\nnorm = \"layer\"",
			[]string{"bottom.0.norm.weight", "bottom.0.norm.bias", "bottom.1.norm.weight", "bottom.1.norm.bias", "top.0.norm.weight", "top.0.norm.bias"}, 2 * (5 + 16 + 8)},
		{"name = \"neumf\"\nmlp = [6]\nactivation = \"dice\"", []string{"mlp.0.activation.alpha"}, 6},
		{"name = \"custom\"\nnorm = \"batch\"\n[[branch]]\ninteractions = [\"fm\"]\n[[branch]]\ninteractions = [\"concat\"]\ntop = [7]",
			[]string{"branch.1.top.0.norm.weight", "branch.1.top.0.norm.bias"}, 14},
	} {
		text := c.text
		spec := func(text string) Spec {
			config, err := decode(t, text)
			if err != nil {
				t.Fatal(err)
			}
			s, err := config.Spec(ctr)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		var plain []string
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "norm") && !strings.HasPrefix(line, "activation") && !strings.HasPrefix(line, "dropout") {
				plain = append(plain, line)
			}
		}
		got, want := spec(text), spec(strings.Join(plain, "\n"))
		shapes, _ := got.Shapes()
		less, _ := want.Shapes()
		for _, name := range c.names {
			if shapes[name] == nil {
				t.Errorf("%s has no %s", text, name)
			}
		}
		if len(shapes) != len(less)+len(c.names) || got.Cost().Params != want.Cost().Params+c.params {
			t.Errorf("%s has %d parameters in %d tensors, the plain model %d in %d, want %d more", text, got.Cost().Params, len(shapes), want.Cost().Params, len(less), c.params)
		}
		if reduces := strings.Contains(text, "batch") || strings.Contains(text, "dice"); got.Reduces() != reduces {
			t.Errorf("%s: reduces is %v", text, got.Reduces())
		}
	}
	for text, uses := range map[string]bool{"name = \"dcn\"\ntop = []": false, "name = \"dcn\"": true, "name = \"dlrm\"\ntop = []": true} {
		c, err := decode(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if c.Uses("norm") != uses || c.Uses("dropout") != uses {
			t.Errorf("%s: norm and dropout are of use is %v, want %v", text, c.Uses("norm"), uses)
		}
	}
}

func TestHiddenRefused(t *testing.T) {
	for text, want := range map[string]string{
		"norm = \"group\"":     `norm is "group", want one of none, batch, layer`,
		"activation = \"elu\"": `activation is "elu", want one of relu, prelu, gelu, silu, tanh, sigmoid, dice`,
		"dropout = 1":          "dropout is 1, want at least 0 and less than 1",
		"dropout = -0.1":       "dropout is -0.1, want",
		"batch_norm = true":    "batch_norm is not a key here",
	} {
		if _, err := decode(t, "name = \"dnn\"\n"+text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
