package datasets

import (
	"encoding/json"
	"testing"
)

func TestLibSVM(t *testing.T) {
	const places = "path = 'day'\nfields = ['user', 'item']\n"
	const ranges = "path = 'day'\nfields = [{ name = 'tags', from = 10, to = 20, multi_hot = true }, { name = 'user', from = 1, to = 9 }, { name = 'x', count = 2, from = 21, dense = true }]\n"
	for _, c := range []readCase{
		{"path = 'day'", "1 3:1 7:1.0\n-1 4294967294:1 # rubbish\n0\n+1 5:0 6:1", []string{"1 features=3+7", "0 features=4294967294", "0 features=", "1 features=6"}, ""},
		{"path = 'day'\nignore_values = true", "1 3:0.5 7:0\n", []string{"1 features=3+7"}, ""},
		{places, "1 451:1 4149:1\n0  7:1\t9:0 \n", []string{"1 user=451 item=4149", "0 user=7 item=-"}, ""},                                                                     // as in AFN's frappe
		{"path = 'day'\nfields = [{ name = 'I', count = 2, dense = true }, { name = 'C', count = 2 }]", "1 1:0.05 2:-1 3:1 99:1\n", []string{"1 I1=0.05 I2=-1 C1=3 C2=99"}, ""}, // and its Criteo
		{ranges, "1 2:1 11:1 12:1 22:0.5\n0\n", []string{"1 x1=0 x2=0.5 tags=11+12 user=2", "0 x1=0 x2=0 tags= user=-"}, ""},

		{"path = 'day'", "2 3:1\n", nil, `day:1: label is "2", want 1, or 0 or -1`},
		{"path = 'day'", " # 1\n", nil, `day:1: label is "", want 1, or 0 or -1`},
		{"path = 'day'", "1 qid:1 3:1\n", nil, `day:1: feature 1 is "qid:1", want an index from 0 to 4294967294 before a colon`},
		{"path = 'day'", "1 3:1 4\n", nil, `day:1: feature 2 is "4", want index:value`},
		{"path = 'day'", "1 4294967295:1\n", nil, `day:1: feature 1 is "4294967295:1", want an index from 0 to 4294967294 before a colon`},
		{"path = 'day'", "1 3:x\n", nil, `day:1: feature 1 is "3:x", want a number after the colon`},
		{"path = 'day'", "1 3:\n", nil, `day:1: feature 1 is "3:", want a number after the colon`},
		{"path = 'day'", "1 3:0.5\n", nil, `day:1: feature 1 is "3:0.5", want 1 as value of the category features, or ignore_values = true`},
		{places, "1 3:1\n", nil, "day:1: has 1 feature, want 2: one of each field"},
		{places, "1 3:1 4:1 5:1\n", nil, "day:1: has 3 features, want 2: one of each field"},
		{ranges, "1 0:1\n", nil, `day:1: feature 1 is "0:1", want an index that a field has`},
		{ranges, "1 23:1\n", nil, `day:1: feature 1 is "23:1", want an index that a field has`},
		{ranges, "1 2:1 3:1\n", nil, `day:1: feature 2 is "3:1", the second of user, want one unless multi_hot = true`},
		{ranges, "1 21:1 21:1\n", nil, `day:1: feature 2 is "21:1", the second of x1, want one unless multi_hot = true`},

		{"path = 'day'\nfields = ['a', 'a']", "", nil, `e.toml:2: fields has "a" twice`},
		{"path = 'day'\nfields = [3]", "", nil, `e.toml:2: fields[0] is 3, want a table`},
		{"path = 'day'\nfields = [{ name = 'a', from = 1, to = 5 }, { name = 'b', from = 5, to = 9 }]", "", nil, "e.toml:2: fields has index 5 in a and in b"},
		{"path = 'day'\nfields = [{ name = 'a', from = 1, to = 5 }, { name = 'b' }]", "", nil, "e.toml:2: fields[1].from is missing, where other fields have theirs"},
		{"path = 'day'\nfields = [{ name = 'a', from = 5 }]", "", nil, "e.toml:2: fields[0].to wants a number from 5 to 4294967294"},
		{"path = 'day'\nfields = [{ name = 'a', multi_hot = true }]", "", nil, "e.toml:2: fields[0].multi_hot is for fields with from and to: by place every line has one feature of each"},
		{"path = 'day'\nfields = [{ name = 'a', pool = 'mean' }]", "", nil, "e.toml:2: fields[0].pool is for fields with multi_hot"},
	} {
		o, err := options(t, libsvmDefaults(), c.options)
		var l lines
		if err == nil {
			l, err = o.detect(nil)
		}
		c.check(t, l, err)
	}
}

func TestLibFFM(t *testing.T) {
	const two = "path = 'day'\nfields = ['user', { name = 'tags', multi_hot = true }, { name = 'x', dense = true }]\n"
	const tables = "path = 'day'\nfields = [{ name = 'user' }, { name = 'tags', multi_hot = true }, { name = 'x', dense = true }]\n"
	for _, c := range []readCase{
		{"path = 'day'", "1 0:5:1 2:7:1\n0 1:3:1\n", []string{"1 f0=5 f1=- f2=7", "0 f0=- f1=3 f2=-"}, ""},
		{"path = 'day'\nignore_values = true", "0 0:0:0.3651 2:1163:0.3651 1:8672:0.3651\n", []string{"0 f0=0 f1=8672 f2=1163"}, ""}, // libffm's own example has such values
		{tables, "1 0:5:1 1:7:1 1:8:1 2:9:0.25\n0 2:1:-3\n", []string{"1 x=0.25 user=5 tags=7+8", "0 x=-3 user=- tags="}, ""},

		{two, "", nil, "e.toml:2: fields[0] is \"user\", want a table"},
		{tables, "1 3:1:1\n", nil, `day:1: feature 1 is "3:1:1", want field:index:value and a field from 0 to 2`},
		{tables, "1 3:1\n", nil, `day:1: feature 1 is "3:1", want field:index:value and a field from 0 to 2`},
		{tables, "1 0:1\n", nil, `day:1: feature 1 is "0:1", want index:value`},
		{tables, "1 0:1:1 0:2:1\n", nil, `day:1: feature 2 is "0:2:1", the second of user, want one unless multi_hot = true`},
		{tables, "x 0:1:1\n", nil, `day:1: label is "x", want 1, or 0 or -1`},
		{"path = 'day'", "1 5\n", nil, `day:1: feature 1 is "5", want index:value`},
		{"path = 'day'", "1 a:5:1\n", nil, `day:1: "a:5:1" is no feature, want field:index:value with a field below 10000`},
		{"path = 'day'", "1 10000:5:1\n", nil, `day:1: "10000:5:1" is no feature, want field:index:value with a field below 10000`},
		{"path = 'day'", "1\n", nil, `day: its first lines have no feature, want data.fields to say which there are`},
		{"path = 'day'\nfields = [{ name = 'a', from = 1, to = 2 }]", "", nil, "e.toml:2: fields[0].from is for libsvm: here a feature says its field"},
	} {
		folder(t, map[string]string{"day": c.content})
		o, err := options(t, libffmDefaults(), c.options)
		var l lines
		if err == nil {
			l, err = o.detect([]string{"day"})
		}
		c.check(t, l, err)
	}
}

// What options were decoded from is what they are written as.
func TestFeatureFieldsJSON(t *testing.T) {
	for src, want := range map[string]string{
		"['a', 'b']": `["a","b"]`,
		"[{ name = 'a', from = 1, to = 5, multi_hot = true }, { name = 'b', from = 0, dense = true }]": `[{"name":"a","multi_hot":true,"from":1,"to":5},{"name":"b","dense":true,"from":0}]`,
	} {
		o, err := options(t, libsvmDefaults(), "path = 'day'\nfields = "+src)
		if got, _ := json.Marshal(o.Fields); string(got) != want || err != nil {
			t.Errorf("%s is written as %s, %v, want %s", src, got, err, want)
		}
	}
}

func fuzzFeatures(f *testing.F, detect func(more string) (lines, error), fields ...string) {
	var all []lines
	for _, more := range fields {
		l, err := detect("path = 'day'\n" + more)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, l)
	}
	for _, line := range []string{"1 1:1 2:1", "0 1:0.5 99:1", "-1 0:1:1 2:3:0.5 # 1", "1\t0:4294967295:1"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, l := range all {
			fuzzLine(t, l, line)
		}
	})
}

func FuzzLibSVM(f *testing.F) {
	fuzzFeatures(f, func(more string) (lines, error) {
		o, err := options(f, libsvmDefaults(), more)
		if err != nil {
			return lines{}, err
		}
		return o.detect(nil)
	}, "", "fields = ['a', 'b']", "fields = [{ name = 'm', from = 2, to = 100, multi_hot = true }, { name = 'x', count = 2, from = 0, dense = true }]\nignore_values = true")
}

func FuzzLibFFM(f *testing.F) {
	fuzzFeatures(f, func(more string) (lines, error) {
		o, err := options(f, libffmDefaults(), more)
		if err != nil {
			return lines{}, err
		}
		return o.detect(nil)
	}, "fields = ['a', 'b', 'c']", "fields = [{ name = 'x', count = 2, dense = true }, { name = 'm', multi_hot = true }]\nignore_values = true")
}

// The first lines are looked at before any is parsed.
func FuzzLibFFMFields(f *testing.F) {
	f.Add("1 0:1:1\n0 7:1:1\n")
	f.Fuzz(func(t *testing.T, content string) {
		folder(t, map[string]string{"day": content})
		if n, err := countFields([]string{"day"}); err == nil && (n < 1 || n > maxFields) {
			t.Errorf("%d fields", n)
		}
	})
}
