package datasets

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// openSource opens a source of the table by its options in TOML.
func openSource(t *testing.T, name, src string) (Source, error) {
	t.Helper()
	d, _ := Find(name)
	var o any
	var err error
	switch defaults := d.Defaults.(type) {
	case CSV:
		o, err = options(t, defaults, src)
	case Parquet:
		o, err = options(t, defaults, src)
	case Avazu:
		o, err = options(t, defaults, src)
	case LibSVM:
		o, err = options(t, defaults, src)
	case LibFFM:
		o, err = options(t, defaults, src)
	default:
		t.Fatalf("no case for the source %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Config{name, o}.Open(t.Context(), Env{Cache: t.TempDir(), Workers: 2})
}

// From files to batches: ids are numbered by first appearance in training rows, 0 is what they lack.
func TestFormats(t *testing.T) {
	avazu := func(click, hour, ip string) string {
		return strings.NewReplacer(",0,14102100", ","+click+","+hour, "ddd2926e", ip).Replace(avazuRow) + "\n"
	}
	for _, c := range []struct {
		source, options string
		files           map[string]string
		fields          string
		rows            [batch.Splits][]string // dense, label, ids
	}{
		{"csv", "train = 'a*'\nvalid = 'v'\ntest = 't.gz'\nlabel = 'y'\ndense = ['x']\ncategorical = ['u']\nmulti = [{ name = 'm' }]\ndense_step = 'none'",
			map[string]string{"a1": "y,x,u,m\n1,2,ann,p|q\n0,,bob,\n", "a2": "y,x,u,m\n1,-1,ann,q\n", "v": "y,x,u,m\n0,1,bob,r|p\n", "t.gz": "y,x,u,m\n1,0,cid,\n"},
			"u:3 m:3", [batch.Splits][]string{{"[2] 1[1][1 2]", "[0] 0[2][]", "[-1] 1[1][2]"}, {"[1] 0[2][0 1]"}, {"[0] 1[0][]"}}},
		{"csv", "path = 'a'\nlabel = 'y'\ncategorical = ['u']\ntime = 't'\nsplit = { kind = 'time', fractions = [0.5, 0.25, 0.25] }",
			map[string]string{"a": "y,u,t\n1,a,9\n0,b,2\n1,c,1\n0,c,5\n"},
			"u:3", [batch.Splits][]string{{"[] 0[1]", "[] 1[2]"}, {"[] 0[2]"}, {"[] 1[0]"}}},
		{"avazu", "path = 'a'\nsplit = { kind = 'time', fractions = [0.5, 0.25, 0.25] }",
			map[string]string{"a": avazuHeader + "\n" + avazu("1", "14102101", "aa") + avazu("0", "14102100", "bb") + avazu("0", "14102623", "cc") + avazu("1", "14102102", "bb")},
			"hour:3 weekday:2 is_weekend:2 C1:2 banner_pos:2 site_id:2 site_domain:2 site_category:2 app_id:2 app_domain:2 app_category:2 device_id:2 device_ip:3 device_model:2 " +
				"device_type:2 device_conn_type:2 C14:2 C15:2 C16:2 C17:2 C18:2 C19:2 C20:2 C21:2",
			[batch.Splits][]string{
				{"[] 1[1][1][1]" + strings.Repeat("[1]", 9) + "[1]" + strings.Repeat("[1]", 11), "[] 0[2][1][1]" + strings.Repeat("[1]", 9) + "[2]" + strings.Repeat("[1]", 11)},
				{"[] 1[0][1][1]" + strings.Repeat("[1]", 9) + "[2]" + strings.Repeat("[1]", 11)},
				{"[] 0[0][0][0]" + strings.Repeat("[1]", 9) + "[0]" + strings.Repeat("[1]", 11)},
			}},
		{"libsvm", "train = 'a'\nvalid = 'v'\ntest = 't'",
			map[string]string{"a": "1 7:1 9:1\n-1 7:1 8:1\n", "v": "0 9:1 3:1\n", "t": "1\n"},
			"features:4", [batch.Splits][]string{{"[] 1[1 2]", "[] 0[1 3]"}, {"[] 0[2 0]"}, {"[] 1[]"}}},
		{"libffm", "train = 'a'\nvalid = 'v'\ntest = 't'\nfields = [{ name = 'x', dense = true }, { name = 'u' }]",
			map[string]string{"a": "1 0:1:0.5 1:4:1\n", "v": "0 1:5:1\n", "t": "0 1:4:1\n"},
			"u:2", [batch.Splits][]string{{"[0.5] 1[1]"}, {"[0] 0[0]"}, {"[0] 0[1]"}}},
	} {
		folder(t, c.files)
		s, err := openSource(t, c.source, c.options)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		checkSource(t, s)
		var fields []string
		for _, f := range s.Schema().Sparse {
			fields = append(fields, fmt.Sprintf("%s:%d", f.Name, f.Rows))
		}
		if got := strings.Join(fields, " "); got != c.fields {
			t.Errorf("%s has fields %s, want %s", c.source, got, c.fields)
		}
		for split := range batch.Splits {
			if got := readRows(t, s, split, 10, 0); !slices.Equal(got, c.rows[split]) {
				t.Errorf("%s: %v has %q, want %q", c.source, split, got, c.rows[split])
			}
		}
	}
}

// Standard input is read once, so that its columns must be known beforehand.
func TestCSVFromStandardInput(t *testing.T) {
	o, err := options(t, csvDefaults(), "path = '-'\ncolumns = ['y', 'u']\nlabel = 'y'\ncategorical = ['u']\nsplit = { fractions = [1, 0, 0] }")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Config{"csv", o}.Open(t.Context(), Env{Stdin: strings.NewReader("click,user\n1,ann\n0,bob\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := readRows(t, s, batch.Train, 10, 0), []string{"[] 1[1]", "[] 0[2]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// deepctrSample describes DeepCTR's sample of Criteo's rows, whose integers are written as floats.
const deepctrSample = "label = 'label'\nsplit = { fractions = [1, 0, 0] }\ndense_step = 'log1p'\n" +
	"dense = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10', 'I11', 'I12', 'I13']\ncategorical = ['*']\n"

// Rows and label rates are those of the data's README, and of the UCI repository for Adult: 7,841 of 32,561 and 3,846 of 16,281.
func TestRealFormats(t *testing.T) {
	const frappe = "label = 'label'\ncategorical = ['*']\n"
	const adult = "header = false\ncolumns = ['age', 'workclass', 'fnlwgt', 'education', 'education_num', 'marital_status', 'occupation', 'relationship', " +
		"'race', 'sex', 'capital_gain', 'capital_loss', 'hours_per_week', 'native_country', 'income']\nlabel = 'income'\npositive = ['>50K', '>50K.']\n" +
		"missing = ['?']\ncomment = '|'\ndense = ['age', 'hours_per_week']\ncategorical = ['*']\nvalid_fraction = 0.5\n"
	for _, c := range []struct {
		options string
		files   map[string]string // data's keys
		rows    [batch.Splits]int
		ones    [2]int // of train and valid, and of test
		fields  int
	}{
		{frappe, map[string]string{"train": "frappe/train.csv", "valid": "frappe/valid.csv", "test": "frappe/test.csv"},
			[batch.Splits]int{202027, 57722, 28860}, [2]int{67604 + 19063, 9536}, 10},
		{adult, map[string]string{"train": "adult/adult.data", "test": "adult/adult.test"}, [batch.Splits]int{16281, 16280, 16281}, [2]int{7841, 3846}, 12},
		{deepctrSample, map[string]string{"path": "criteo-kaggle/deepctr_criteo_sample.txt"}, [batch.Splits]int{200, 0, 0}, [2]int{49, 0}, 26},
	} {
		src := c.options
		for _, key := range slices.Sorted(maps.Keys(c.files)) {
			path, err := filepath.Abs(realData(t, c.files[key]+".gz"))
			if err != nil {
				t.Fatal(err)
			}
			src += fmt.Sprintf("%s = '%s'\n", key, path)
		}
		s, err := openSource(t, "csv", src)
		if err != nil {
			t.Fatal(err)
		}
		var ones [batch.Splits]int
		for split := range batch.Splits {
			for b := range s.Batches(split, 1000, 0) {
				for _, y := range b.Label {
					ones[split] += int(y)
				}
			}
		}
		rows := [batch.Splits]int{s.Rows(batch.Train), s.Rows(batch.Valid), s.Rows(batch.Test)}
		if got := [2]int{ones[0] + ones[1], ones[2]}; rows != c.rows || got != c.ones || len(s.Schema().Sparse) != c.fields {
			t.Errorf("%v: %v rows, %v labels of 1, %d fields; want %v, %v, %d", c.files, rows, got, len(s.Schema().Sparse), c.rows, c.ones, c.fields)
		}
	}
}
