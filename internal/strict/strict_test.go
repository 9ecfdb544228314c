package strict

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

type common struct {
	Rows int `json:"rows"`
}

func (c common) Check() error {
	if c.Rows < 1 {
		return fmt.Errorf("rows is %d, want at least 1", c.Rows)
	}
	return nil
}

type branch struct {
	Top  []int   `json:"top"`
	Rate float64 `json:"rate"`
}

func (b *branch) Check() error {
	for i, n := range b.Top {
		if n < 1 {
			return fmt.Errorf("top[%d] is %d, want at least 1", i, n)
		}
	}
	return nil
}

// width is a number, or a table with a number.
type width int

func (w *width) DecodeValue(v any, at Place) error {
	if t, ok := v.(*Table); ok {
		o := struct {
			Of int `json:"of"`
		}{}
		err := t.Decode(&o)
		*w = width(o.Of)
		return err
	}
	return at.Decode(v, (*int)(w))
}

type options struct {
	common
	Name     string             `json:"name"`
	Layers   int                `json:"layers"`
	Seed     uint64             `json:"seed"`
	Small    int8               `json:"small"`
	Rate     float64            `json:"rate"`
	Dense    bool               `json:"dense"`
	Cin      []int              `json:"cin"`
	Pair     [2]float64         `json:"pair"`
	Truth    map[string]float64 `json:"truth"`
	Split    *branch            `json:"split"`
	Branch   []branch           `json:"branch"`
	Width    width              `json:"width"`
	Internal int                `json:"-"`
}

func (o *options) Check() error {
	if o.Layers < 1 {
		return fmt.Errorf("layers is %d, want at least 1", o.Layers)
	}
	if o.Name == "cut" {
		return fmt.Errorf("branch[1].rate is %g with the name cut", o.Branch[1].Rate)
	}
	return nil
}

func defaults() options { return options{common: common{7}, Layers: 2, Cin: []int{1}} }

func TestDecode(t *testing.T) {
	const src = `
name = "x"
rows = 3
seed = 9
rate = 1
dense = true
cin = [64, 32]
pair = [0.5, 2]
truth = { auc = 0.5 }
split.top = [8]
width = { of = 4 }
[[branch]]
top = [1]
[[branch]]
rate = 0.25
`
	want := options{common: common{3}, Name: "x", Layers: 2, Seed: 9, Rate: 1, Dense: true, Cin: []int{64, 32},
		Pair: [2]float64{0.5, 2}, Truth: map[string]float64{"auc": 0.5}, Split: &branch{Top: []int{8}},
		Branch: []branch{{Top: []int{1}}, {Rate: 0.25}}, Width: 4}
	table, err := TOML("f.toml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	got := defaults()
	if err := table.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// The wording of each mistake is what a person has to mend it by.
func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"layer = 3", "f.toml:1: layer is not a key here; did you mean layers?"},
		{"\n\nInternal = 3", "f.toml:3: Internal is not a key here; the keys are branch, cin, dense, layers, name, pair, rate, rows, seed, small, split, truth, width"},
		{`layers = "three"`, `f.toml:1: layers is "three", want an integer`},
		{"layers = 3.0", "f.toml:1: layers is 3.0, want an integer"},
		{"layers = 2024-01-01", "f.toml:1: layers is a date or time, want an integer"},
		{"layers = 0", "f.toml:1: layers is 0, want at least 1"},
		{"rows = 0", "f.toml:1: rows is 0, want at least 1"},
		{"seed = -1", "f.toml:1: seed is -1, want an integer from 0, of 64 bits"},
		{"small = 128", "f.toml:1: small is 128, want an integer of 8 bits"},
		{`rate = "1"`, `f.toml:1: rate is "1", want a number`},
		{"rate = nan", "f.toml:1: rate is NaN, want a finite number"},
		{"rate = -inf", "f.toml:1: rate is -Inf, want a finite number"},
		{"dense = 1", "f.toml:1: dense is 1, want true or false"},
		{"name = 1", "f.toml:1: name is 1, want a string"},
		{"cin = 1", "f.toml:1: cin is 1, want a list"},
		{"cin = [\n1,\n'a']", `f.toml:1: cin[1] is "a", want an integer`},
		{"pair = [1]", "f.toml:1: pair has 1 elements, want 2"},
		{"truth.a = true", "f.toml:1: truth.a is true, want a number"},
		{"split = 1", "f.toml:1: split is 1, want a table"},
		{"[split]\n\ntop = [0]", "f.toml:3: split.top[0] is 0, want at least 1"},
		{"[[branch]]\n[[branch]]\ntop = [0]", "f.toml:3: branch[1].top[0] is 0, want at least 1"},
		{"branch = [\n{ top = [1] },\n{ tip = [1] },\n]", "f.toml:3: branch[1].tip is not a key here; did you mean top?"},
		{"branch = ['a']", `f.toml:1: branch[0] is "a", want a table`},
		{"name = 'cut'\n[[branch]]\n[[branch]]\nrate = 4", "f.toml:4: branch[1].rate is 4 with the name cut"},
		{"width = 'w'", `f.toml:1: width is "w", want an integer`},
		{"width = { if = 1 }", "f.toml:1: width.if is not a key here; did you mean of?"},
		{"rate = 'a'\nlayers = 'b'", `f.toml:1: rate is "a", want a number`},
	} {
		table, err := TOML("f.toml", []byte(c.src))
		if err != nil {
			t.Fatal(err)
		}
		o := defaults()
		if err := table.Decode(&o); err == nil || err.Error() != c.want {
			t.Errorf("%q:\ngot  %v\nwant %s", c.src, err, c.want)
		}
	}
}

func TestKnownKeys(t *testing.T) {
	table, _ := TOML("f", []byte("label = 'a'\nlabl = 1"))
	var o branch
	if err := table.Decode(&o, "label", "labl"); err != nil {
		t.Error(err)
	}
	const want = "f:2: labl is not a key here; did you mean label?"
	if err := table.Decode(&o, "label"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCheckErrorIsWrapped(t *testing.T) {
	sentinel := errors.New("no room")
	table, _ := TOML("f", []byte("a = 1"))
	if err := table.Errorf("a", "is 1: %w", sentinel); !errors.Is(err, sentinel) {
		t.Errorf("%v does not wrap its cause", err)
	}
}

func TestLines(t *testing.T) {
	const src = "\ufeff# a comment = 1\r\n" + // 1
		"a.b = \"x # no comment\" # c = 3\r\n" + // 2
		"text = '''\n[not]\nx = 1'''\n" + // 3-5
		"\"q.r\" = \"\"\"\n\\\"\"\" z = 1\n\"\"\"\n" + // 6-8
		"list = [ # one\n1, [2,\n3],\n{ k = 1, l.m = { n = [\n] } } ]\n" + // 9-12, list[2] on 12
		"[[m]]\n[m.s]\nx = 1\n[[m.b]]\n[[m.b]]\ny = 1\n" + // 14-19
		"[[m]]\n[[m.b]]\ny = 2\n[t . 'u v']\nz=1" // 20-24
	want := map[string]int{"a": 2, "a.b": 2, "text": 3, `"q.r"`: 6, "list": 9, "list[0]": 10, "list[1]": 10,
		"list[1][0]": 10, "list[1][1]": 11, "list[2]": 12, "list[2].k": 12, "list[2].l": 12, "list[2].l.m": 12,
		"list[2].l.m.n": 12, "m": 14, "m[0]": 14, "m[0].s": 15, "m[0].s.x": 16, "m[0].b": 17, "m[0].b[0]": 17,
		"m[0].b[1]": 18, "m[0].b[1].y": 19, "m[1]": 20, "m[1].b": 21, "m[1].b[0]": 21, "m[1].b[0].y": 22,
		"t": 23, `t."u v"`: 23, `t."u v".z`: 24}
	if got := index([]byte(src)); !reflect.DeepEqual(got, want) {
		for k := range want {
			if got[k] != want[k] {
				t.Errorf("%s: line %d, want %d", k, got[k], want[k])
			}
		}
		t.Errorf("got %v", got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		parse func(string, []byte) (*Table, error)
		src   string
		want  string
	}{
		{TOML, "a = 1\nb = ", "f:2: unexpected EOF; expected value"},
		{TOML, "a = 1\na = 2", "f:2: Key 'a' has already been defined."},
		{JSON, "{\n\"a\": 1,\n\"a\": 2}", "f:3: a is given twice"},
		{JSON, "{\"a\":\n [1 2]}", "f:2: invalid character '2' after array element"},
		{JSON, "{\"a\":\n", "f:1: the file ends in the middle of its JSON"},
		{JSON, "[]", "f: is a list, want a JSON object"},
		{JSON, "{}\n{}", "f:2: more follows after the JSON object"},
		{JSON, `{"a": 1e999}`, "f:1: a is 1e999, want a number that fits 64 bits"},
	} {
		if _, err := c.parse("f", []byte(c.src)); err == nil || err.Error() != c.want {
			t.Errorf("%q:\ngot  %v\nwant %s", c.src, err, c.want)
		}
	}
}

func TestJSON(t *testing.T) {
	table, err := JSON("f", []byte(`{"layers": 3.0,
 "branch": [{"top": [1e1]}, {}], "name": null}`))
	if err != nil {
		t.Fatal(err)
	}
	o := defaults()
	const want = `f:2: name is null, want a string`
	if err := table.Decode(&o); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if o.Layers != 3 || o.Branch[0].Top[0] != 10 {
		t.Errorf("got %+v, want layers 3 and branch[0].top [10]", o)
	}
}

func TestSet(t *testing.T) {
	src, _ := TOML("f", []byte("name = 'a'\n[[branch]]\nrate = 1\n[split]\ntop = [4]"))
	table := src.Clone()
	for _, s := range []struct {
		path []string
		v    any
	}{
		{[]string{"layers"}, int64(5)},
		{[]string{"split", "top"}, []any{int64(0)}},
		{[]string{"branch[0]", "rate"}, 0.125},
		{[]string{"truth", "auc"}, 0.75},
	} {
		if err := table.Set(s.path, s.v, "--set x"); err != nil {
			t.Fatal(err)
		}
	}
	o := defaults()
	const want = "--set x: split.top[0] is 0, want at least 1"
	if err := table.Decode(&o); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := table.Set([]string{"split", "top"}, []any{int64(1)}, "--set x"); err != nil {
		t.Fatal(err)
	}
	if err := table.Decode(&o); err != nil || o.Layers != 5 || o.Branch[0].Rate != 0.125 || o.Truth["auc"] != 0.75 {
		t.Errorf("got %+v, %v", o, err)
	}
	o = defaults()
	if err := src.Decode(&o); err != nil || o.Layers != 2 || o.Branch[0].Rate != 1 || o.Split.Top[0] != 4 {
		t.Errorf("setting keys of the clone changed the original: %+v, %v", o, err)
	}
	if err := table.Set([]string{"name", "x"}, 1, "--set x"); err == nil || err.Error() != `--set x: name is "a", which has no key x` {
		t.Error(err)
	}
	if err := table.Set([]string{"branch[1]", "rate"}, 1, "--set x"); err == nil || err.Error() != "--set x: branch has no table [1] to set a key of" {
		t.Error(err)
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"batch_size", "embedding_dim", "epochs", "learning_rate", "loss"}
	for word, want := range map[string]string{"learning_rat": "learning_rate", "epcohs": "epochs", "Loss": "loss",
		"batchsize": "batch_size", "dim": "embedding_dim", "lr": "", "patience": "", "": ""} {
		if got := Nearest(word, keys); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	want := []string{"rows", "name", "layers"}
	if got := Fields(options{})[:3]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v first", got, want)
	}
}

// A field that has the name of the struct embedded around it: encoding/json writes it, reflect.VisibleFields hides it.
func TestFieldNamedAsItsStruct(t *testing.T) {
	type Top struct {
		Top []int `json:"top"`
	}
	var o struct{ Top }
	table, _ := TOML("f", []byte("top = [3]"))
	if err := table.Decode(&o); err != nil || len(o.Top.Top) != 1 || !HasKey(o, "top") {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestHasKey(t *testing.T) {
	for path, want := range map[string]bool{"layers": true, "rows": true, "layer": false, "split.top": true,
		"split.rows": false, "truth.x": true, "branch[1].rate": true, "branch.rate": false, "width.of": true, "layers.x": false} {
		if got := HasKey(&options{}, strings.Split(path, ".")...); got != want {
			t.Errorf("HasKey(%s) = %t", path, got)
		}
	}
}

func FuzzTOML(f *testing.F) {
	for _, s := range []string{"a=1", "[[a]]\nb=[{c=1},\n2]", "x='''\n'''", "\"a\\\"b\".c={d={}}", "[a]\nb=\"\\\\\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		index(src)
		table, err := TOML("f", src)
		if err != nil {
			return
		}
		o := defaults()
		_ = table.Clone().Decode(&o)
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a": [1, {"b": null}], "layers": 2.0}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		if table, err := JSON("f", src); err == nil {
			o := defaults()
			_ = table.Decode(&o)
		}
	})
}
