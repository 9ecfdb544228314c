package experiments

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets"
	"ctrlab/embeddings"
	"ctrlab/interactions"
	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
	"ctrlab/internal/train"
	"ctrlab/models"
	"ctrlab/nn"
)

// reference is docs/experiments.md, by its headings: "train", "synthetic", …
type reference map[string]string

func readReference(t *testing.T) reference {
	t.Helper()
	text, err := os.ReadFile("../docs/experiments.md")
	if err != nil {
		t.Fatal(err)
	}
	r := reference{}
	for _, part := range regexp.MustCompile(`(?m)^##+ `).Split(string(text), -1) {
		title, body, _ := strings.Cut(part, "\n")
		r[strings.ToLower(title)] = body
	}
	return r
}

// mentions wants words in code, by themselves or before their value.
func (r reference) mentions(t *testing.T, section string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(r[section], "`"+w+"`") && !strings.Contains(r[section], "`"+w+" = ") {
			t.Errorf("docs/experiments.md does not mention `%s` under %q", w, section)
		}
	}
}

// row wants a row of a table that begins with a name in code, and returns its cells.
func (r reference) row(t *testing.T, section, name string) (cells []string) {
	t.Helper()
	for line := range strings.Lines(r[section]) {
		if rest, ok := strings.CutPrefix(line, "| `"+name+"` |"); ok {
			return append([]string{name}, strings.Split(rest, "|")...)
		}
	}
	t.Errorf("docs/experiments.md has no row for `%s` under %q", name, section)
	return nil
}

// source wants a row for every key of a source; those of embedded structs with a section of their own stand there.
func (r reference) source(t *testing.T, name string, options any) {
	t.Helper()
	common := append(strict.Fields(datasets.Files{}), strict.Fields(datasets.Steps{})...)
	_, reads := reflect.TypeOf(options).FieldByName("Files")
	r.keys(t, name, options, func(key string) bool { return reads && slices.Contains(common, key) })
}

// keys wants a row for every key of a table, with its default where the row has one in code.
func (r reference) keys(t *testing.T, section string, options any, elsewhere ...func(key string) bool) {
	t.Helper()
	values := defaults(options)
	for _, key := range strict.Fields(options) {
		if len(elsewhere) > 0 && elsewhere[0](key) {
			continue
		}
		cells := r.row(t, section, key)
		if len(cells) < 3 {
			continue
		}
		says, simple := values[key], values[key] != "" && !strings.Contains(values[key], "{")
		if is := strings.TrimSpace(cells[2]); simple && strings.HasPrefix(is, "`") && is != "`"+says+"`" {
			t.Errorf("docs/experiments.md: the default of %s under %q is %s, want %s", key, section, is, says)
		}
	}
}

// settings wants the row of a name to have exactly its keys, with defaults.
func (r reference) settings(t *testing.T, section, name string, options any) {
	t.Helper()
	var words []string
	values := defaults(options)
	for _, key := range strict.Fields(options) {
		switch v := values[key]; {
		case strings.HasPrefix(v, `{"name":`):
			words = append(words, "`"+key+" = "+regexp.MustCompile(`"name":("\w+")`).FindStringSubmatch(v)[1]+"`")
		case v == "" || strings.HasPrefix(v, "{"):
			words = append(words, "`"+key+"`")
		default:
			words = append(words, "`"+key+" = "+v+"`")
		}
	}
	if words == nil {
		words = []string{"–"}
	}
	if row := "| `" + name + "` | " + strings.Join(words, ", ") + " |"; !strings.Contains(r[section], "\n"+row) {
		t.Errorf("docs/experiments.md has no row under %q that begins\n%s", section, row)
	}
}

// defaults spells the values of options as TOML does, "" for none; tables stay JSON.
func defaults(options any) map[string]string {
	raw, _ := json.Marshal(options) // options are plain structs
	var values map[string]json.RawMessage
	_ = json.Unmarshal(raw, &values)
	words := map[string]string{}
	for k, v := range values {
		if words[k] = string(v); strings.HasPrefix(words[k], "[") && !strings.Contains(words[k], "{") {
			words[k] = strings.ReplaceAll(words[k], ",", ", ")
		} else if words[k] == "null" {
			words[k] = ""
		}
	}
	return words
}

// The document has every row of every table, and every key with its default.
func TestReference(t *testing.T) {
	r := readReference(t)
	r.keys(t, "top level", head{})
	r.mentions(t, "top level", "data", "train", "model", "matrix", "compare", "tune")
	r.keys(t, "compare", Compare{})
	for _, d := range datasets.All {
		r.mentions(t, "data", d.Name)
		r.source(t, d.Name, d.Defaults)
		if !regexp.MustCompile("`" + d.Loss + "` \\([^)]*" + d.Name).MatchString(r["train"]) {
			t.Errorf("docs/experiments.md does not say under Train that %s is the loss of %s", d.Loss, d.Name)
		}
	}
	r.keys(t, "fields of synthetic", datasets.Field{})
	r.keys(t, "dense features of synthetic", datasets.DenseColumn{})
	r.mentions(t, "locality of synthetic", strict.Fields(datasets.Locality{})...)
	for _, n := range datasets.NamedTruths {
		r.mentions(t, "truths of synthetic", n.Name)
	}
	r.keys(t, "files", datasets.Files{SplitSeed: 1})
	r.keys(t, "steps", datasets.Steps{})
	r.mentions(t, "splits", strict.Fields(datasets.FileSplit{})[1:]...) // after kind
	for _, name := range datasets.SplitKinds() {
		r.row(t, "splits", name)
	}
	for _, name := range datasets.DenseSteps() {
		r.row(t, "steps", name)
	}
	for _, name := range datasets.Recipes() {
		r.row(t, "criteo", name)
	}
	r.keys(t, "columns of several values", datasets.MultiValued{})
	r.keys(t, "fields of libsvm and libffm", datasets.FeatureField{})
	for _, k := range datasets.Truths {
		r.settings(t, "truths of synthetic", k.Name, k.Defaults)
	}
	r.keys(t, "train", train.Defaults())
	for _, l := range nn.Losses {
		r.mentions(t, "train", l.Name)
	}
	for _, o := range nn.Optimizers {
		r.row(t, "train", o.Name)
	}
	for _, name := range append(train.ScheduleNames(), train.PenaltyNames()...) {
		r.row(t, "train", name)
	}
	for _, n := range nn.Norms {
		r.row(t, "hidden layers", n.Name)
	}
	for _, a := range nn.Activations {
		r.row(t, "hidden layers", a.Name)
	}
	for _, p := range models.Presets {
		r.settings(t, "models", p.Name, p.Options)
		r.mentions(t, "keys of models", strict.Fields(p.Options)...)
	}
	for _, f := range models.Frameworks {
		r.row(t, "presets", f.Name)
	}
	for _, v := range interactions.All {
		r.settings(t, "interactions", v.Name, v.Options)
	}
	for _, v := range embeddings.All {
		r.settings(t, "embeddings", v.Name, v.Options)
	}
	r.mentions(t, "branches of custom", append(strict.Fields(models.CustomBranch{}), strict.Fields(models.CustomEmbedding{})...)...)
	r.mentions(t, "initial values", append(strict.Fields(nn.Inits{}), strict.Fields(nn.Init{})...)...)
	for _, k := range nn.InitKinds {
		r.row(t, "initial values", k.Name)
	}
	for _, m := range metric.All {
		r.mentions(t, "results", m.Name)
	}
}

// What the tests above do not follow into: tables inside options, which must be among those that they name.
func TestReferenceKnowsTheTables(t *testing.T) {
	known := []reflect.Type{
		reflect.TypeFor[datasets.Fields](), reflect.TypeFor[datasets.Dense](), reflect.TypeFor[datasets.Locality](), reflect.TypeFor[datasets.Truth](), reflect.TypeFor[datasets.SyntheticSplit](), reflect.TypeFor[datasets.FileSplit](), reflect.TypeFor[datasets.MultiValued](), reflect.TypeFor[datasets.FeatureField](),
		reflect.TypeFor[nn.Inits](), reflect.TypeFor[models.Use](), reflect.TypeFor[models.Tables](), reflect.TypeFor[models.CustomBranch](), reflect.TypeFor[models.CrossInit](),
	}
	var all []any
	for _, d := range datasets.All {
		all = append(all, d.Defaults)
	}
	for _, p := range models.Presets {
		all = append(all, p.Options)
	}
	for _, v := range interactions.All {
		all = append(all, v.Options)
	}
	for _, options := range append(all, train.Defaults()) {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(options)) {
			of := f.Type
			for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
				of = of.Elem()
			}
			if !f.Anonymous && of.Kind() == reflect.Struct && !slices.Contains(known, of) {
				t.Errorf("%T has a table of %v: TestReference must follow it into docs/experiments.md", options, of)
			}
		}
	}
}

// The document's example is one that can be run, and its commands are.
func TestReferenceExample(t *testing.T) {
	text, err := os.ReadFile("../docs/experiments.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```toml\n")
	src, _, _ := strings.Cut(rest, "```")
	e, err := Parse("docs/experiments.md", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Trials) != 3*3*3 { // models, combinations, seeds
		t.Errorf("%d trials, want 27", len(e.Trials))
	}
	sources := map[string]datasets.Source{}
	for _, trial := range e.Trials {
		planOn(t, trial, sources)
	}
	for _, m := range regexp.MustCompile("`--set '?([a-z][^`']+)'?`").FindAllStringSubmatch(string(text), -1) {
		if _, err := Parse("docs/experiments.md", []byte(src), []string{m[1]}); err != nil {
			t.Errorf("--set %s: %v", m[1], err)
		}
	}
}
