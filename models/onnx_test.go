package models

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/nn"
	"ctrlab/nn/onnx/onnxtest"
)

// mixed has every kind of field.
var mixed = batch.Schema{
	Dense: []string{"I1", "I2", "I3"},
	Sparse: []batch.Field{
		{Name: "user", Rows: 11}, {Name: "tags", Rows: 7, MultiHot: true},
		{Name: "item", Rows: 13}, {Name: "genres", Rows: 5, MultiHot: true, Pool: batch.Mean},
	},
}

// exported are models as files spell them: what the defaults of the presets leave out.
func exported() []string {
	var all []string
	for _, p := range Presets {
		if _, baseline := baselineParams[p.Name]; !baseline && p.Name != "custom" && !strings.HasPrefix(p.Name, "poly2") { // TestONNXWithout
			all = append(all, fmt.Sprintf("name = %q", p.Name))
		}
	}
	for _, v := range interactions.Table() {
		if v.Name != "ffm" { // which needs an embedding_dim of a multiple of the fields
			all = append(all, fmt.Sprintf("name = \"custom\"\nembedding_dim = 4\n[[branch]]\ninteractions = [%q]", v.Name))
		}
	}
	for _, a := range nn.Activations {
		for _, n := range nn.Norms {
			all = append(all, fmt.Sprintf("name = \"dlrm\"\nbottom = [6]\ntop = [5, 4]\nnorm = %q\nactivation = %q\ndropout = 0.5", n.Name, a.Name))
		}
	}
	for _, table := range []string{
		`"mixed"`, `"quantized"`, `{ kind = "quantized", bits = 4 }`, `{ kind = "hashed", rows = 4 }`, `{ kind = "double_hashed", rows = 4, operation = "concat" }`,
		`{ kind = "qr", collisions = 3, threshold = 6 }`, `{ kind = "qr", collisions = 3, threshold = 0, operation = "sum" }`, `{ kind = "capped", rows = 4 }`, `{ kind = "hybrid", frequent = 2, rows = 2 }`, `{ kind = "shared", rows = 9 }`,
	} {
		all = append(all, "name = \"deepfm\"\nembeddings = "+table)
	}
	return append(all,
		"name = \"custom\"\nembedding_dim = 14\n[[branch]]\ninteractions = [\"ffm\"]",
		"name = \"custom\"\nlinear = false\n[[branch]]\ninteractions = [\"fm\", \"bi\"]\ntop = [3]\n[[branch]]\ninteractions = [\"sum\"]\nembedding = { dim = 3 }",
		"name = \"mf\"\nbiases = false", "name = \"dnn\"\ndense = \"mlp\"\ntop = []", "name = \"deepfm\"\ndense = \"mlp\"\nbottom = [4]",
		"name = \"dcn\"\nstructure = \"stacked\"\ndense = \"scale\"", "name = \"dcnv2\"\ntop = []",
		"name = \"dlrm\"\nself_interaction = true", "name = \"dlrm\"\ninteraction = \"sum\"",
		"name = \"xdeepfm\"\ncin = [5, 4, 3]\ncin_activation = \"relu\"", "name = \"xdeepfm\"\ncin = [3, 2]\ncin_split_half = false",
		"name = \"autoint\"\nscaled = true\nheads = 3\nattention_dim = 5", "name = \"fwfm\"\nlinear = \"filv\"", "name = \"fmfm\"\nkernel = \"diagonal\"",
		"name = \"fibinet\"\nbilinear = \"each\"\nshared = false", "name = \"fibinet\"\nbilinear = \"all\"",
		"name = \"fwfm\"\nlinear = \"felv\"", "name = \"wukong\"\nattentive = true", "name = \"dcn_mix\"\ngate_bias = true",
		"name = \"autoint\"\nattention_total = true", "name = \"afn\"\nlog_norm = \"layer\"", "name = \"afn\"\nlog_norm = \"none\"",
		"name = \"deepcrossing\"\nnorm = \"batch\"\nactivation = \"gelu\"", "name = \"finalnet\"\nnorm = \"batch\"\nactivation = \"relu\"",
		"name = \"finalmlp\"\nnorm = \"batch\"\nactivation = \"dice\"",
		"name = \"deepfm\"\ndense = \"deep\"", "name = \"nfm\"\ndense = \"deep\"", "name = \"dcn\"\nlinear = true", "name = \"ffm\"\nnormalized = true", "name = \"ffm\"\nnormalized = true\ndense = \"mlp\"",
		"name = \"hofm\"\norder = 5\nshared = true", "name = \"hofm\"\norder = 9",
		"name = \"masknet\"\nstructure = \"parallel\"\nfield_norm = false", "name = \"finalmlp\"\nheads = 4\ncontext1 = [\"item\"]\ncontext2 = [\"user\", \"tags\"]",
		"name = \"finalmlp\"\ngated = false", "name = \"finalnet\"\nresidual = \"concat\"\nblocks = 3", "name = \"eulernet\"\nlayer_norm = true\nlayers = [4, 3]",
		"name = \"wukong\"\nfm_relu = true\nfm_fields = 3\nlinear_fields = 4", // 7 vectors from 7
	)
}

// exampleOf is a model of drawn values, some rows, and what it predicts for them.
type exampleOf struct {
	text   string
	rating bool
	file   []byte
	inputs map[string]onnxtest.Tensor
	want   []float32
}

func newExample(t *testing.T, text string, rows int) exampleOf {
	t.Helper()
	c, err := decode(t, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s, err := c.Spec(mixed)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	m := Infer(s, rows, 1, 1)
	r := rand.New(rand.NewPCG(3, uint64(rows)))
	drawValues(m, r)
	b := drawBatch(r, rows)
	e := exampleOf{text: text, rating: rows == 1, inputs: tensors(b), want: slices.Clone(m.Lanes[0].Forward(&nn.Step{}, b, 0, rows))}
	g, err := m.ONNX(Output{Rating: e.rating})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var file bytes.Buffer
	if err := g.Write(&file); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	e.file = file.Bytes()
	return e
}

// drawValues sets what trained values could be, signs of all kinds; variances are above 0.
func drawValues(m *Model, r *rand.Rand) {
	for _, v := range m.Values() {
		for i := range v {
			v[i] = float32(0.4 * r.NormFloat64())
		}
	}
	for _, n := range m.Runnings() {
		for i, v := range n.Value {
			n.Value[i] = 0.5 + max(v, -v)
		}
	}
	m.Repack()
}

// drawBatch has bags of 0 to 3.
func drawBatch(r *rand.Rand, rows int) *batch.Batch {
	b := &batch.Batch{N: rows}
	for range rows * len(mixed.Dense) {
		b.Dense = append(b.Dense, float32(r.NormFloat64()))
	}
	for _, f := range mixed.Sparse {
		var bags batch.Bags
		if f.MultiHot {
			bags.Offsets = []int32{0}
		}
		for n := range rows {
			size := 1
			if f.MultiHot {
				size = (n + 3) % 4
			}
			for range size {
				bags.IDs = append(bags.IDs, int32(r.IntN(f.Rows)))
			}
			if f.MultiHot {
				bags.Offsets = append(bags.Offsets, int32(len(bags.IDs)))
			}
		}
		b.Sparse = append(b.Sparse, bags)
	}
	return b
}

// tensors are a batch as ONNX takes it.
func tensors(b *batch.Batch) map[string]onnxtest.Tensor {
	all := map[string]onnxtest.Tensor{}
	dense := onnxtest.Tensor{Dims: []int{b.N, len(mixed.Dense)}}
	for _, v := range b.Dense {
		dense.Data = append(dense.Data, float64(v))
	}
	all["dense"] = dense
	for i, f := range mixed.Sparse {
		ids, length := onnxtest.Tensor{Dims: []int{b.N}}, 1
		if f.MultiHot {
			length = 4 // one more than any bag has
			ids.Dims = append(ids.Dims, length)
		}
		for n := range b.N {
			bag := b.Sparse[i].Bag(n)
			for at := range length {
				id := -1.0
				if at < len(bag) {
					id = float64(bag[at])
				}
				ids.Data = append(ids.Data, id)
			}
		}
		all[f.Name] = ids
	}
	return all
}

// check holds what came out against the model's prediction. Both add in float32, or one in float64: what is left are some units
// in the last place of the largest numbers on the way.
func (e exampleOf) check(t *testing.T, got map[string]onnxtest.Tensor) {
	t.Helper()
	const tolerance = 2e-5
	name := "logit"
	if e.rating {
		name = "rating"
	}
	z := got[name]
	if len(z.Dims) != 1 || z.Dims[0] != len(e.want) || e.rating != (len(got) == 1) {
		t.Fatalf("%s: gives %d outputs, and %s of %v; want %d rows", e.text, len(got), name, z.Dims, len(e.want))
	}
	for n, want := range e.want {
		want := float64(want)
		if !(math.Abs(z.Data[n]-want) <= tolerance*max(1, math.Abs(want))) {
			t.Errorf("%s: row %d is %v, and the model says %v", e.text, n, z.Data[n], want)
		}
		if p := got["probability"]; !e.rating && !(math.Abs(p.Data[n]-nn.Sigmoid(want)) <= tolerance) {
			t.Errorf("%s: row %d has probability %v, and the model says %v", e.text, n, p.Data[n], nn.Sigmoid(want))
		}
	}
}

// Every preset, interaction, activation and normalization, written as ONNX and computed by the operators' definitions.
func TestONNX(t *testing.T) {
	for _, text := range exported() {
		for _, rows := range []int{6, 1} {
			e := newExample(t, text, rows)
			m, err := onnxtest.Read(e.file)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			got, err := m.Run(e.inputs)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			e.check(t, got)
		}
	}
}

// The same, computed by ONNX Runtime.
func TestONNXRuntime(t *testing.T) {
	var all []exampleOf
	var cases []onnxtest.Case
	for _, text := range exported() {
		e := newExample(t, text, 6)
		all, cases = append(all, e), append(cases, onnxtest.Case{File: e.file, Inputs: e.inputs})
	}
	for i, got := range onnxtest.Runtime(t, cases) {
		all[i].check(t, got)
	}
}

// An interaction from outside may have no form in ONNX.
// A hinge loss makes no probabilities, and its model exports none.
func TestONNXMargin(t *testing.T) {
	c, err := decode(t, `name = "svm"`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Spec(mixed)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Infer(s, 1, 1, 1).ONNX(Output{Margin: true})
	var file bytes.Buffer
	if err != nil || g.Write(&file) != nil || !bytes.Contains(file.Bytes(), []byte("margin")) || bytes.Contains(file.Bytes(), []byte("probability")) {
		t.Errorf("%v; want the output margin alone", err)
	}
}

// docs/models.md names the presets that cannot be exported, all of them.
func TestONNXPresetsWithout(t *testing.T) {
	doc, err := os.ReadFile("../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	_, said, _ := strings.Cut(string(doc), "Every preset can be exported but these:")
	said, _, _ = strings.Cut(said, "(npz has them)")
	all := strings.Join(exported(), "\n")
	for _, p := range Presets {
		if has := strings.Contains(all, fmt.Sprintf("name = %q", p.Name)); has == strings.Contains(said, "`"+p.Name+"`") {
			t.Errorf("%s is exported: %v, and docs/models.md has it otherwise", p.Name, has)
		}
	}
}

func TestONNXWithout(t *testing.T) {
	type bare struct{ interactions.Interaction }
	v, _ := interactions.Find("fm")
	build := v.New
	v.Name = "bare"
	v.New = func(b *nn.Builder, f, d int, o any) interactions.Interaction { return bare{build(b, f, d, o)} }
	if err := interactions.SetExtra(v); err != nil {
		t.Fatal(err)
	}
	defer interactions.SetExtra()
	c, err := decode(t, "name = \"custom\"\n[[branch]]\ninteractions = [\"bare\"]")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Spec(mixed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Infer(s, 1, 1, 1).ONNX(Output{}); err == nil || err.Error() != "interaction bare has no form in ONNX" {
		t.Errorf("got %v", err)
	}
	if s, err = (Config{Name: "poly2", Options: Poly2Options{HashRows: 9}}).Spec(mixed); err != nil {
		t.Fatal(err)
	}
	if _, err := Infer(s, 1, 1, 1).ONNX(Output{}); err == nil || err.Error() != "the hashed products of poly2 have no form in ONNX" {
		t.Errorf("got %v", err)
	}
}
