package datasets

import (
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	const roles = "path = 'day'\nlabel = 'y'\ndense = ['x']\ncategorical = ['user']\n"
	for _, c := range []readCase{
		{roles, "y,x,user\n1,2.5,ann\n0,,\n1, -3e2 , bob \n", []string{"1 x=2.5 user=ann", "0 x=NaN user=-", "1 x=-300 user=bob"}, ""},
		{roles, "\xef\xbb\xbfuser,other,\"y\",x\r\nann,,1,0\r\n", []string{"1 x=0 user=ann"}, ""},
		{roles + "separator = \"\\t\"", "y\tx\tuser\n1.0\tnan\ta,b\n", []string{"1 x=NaN user=a,b"}, ""},
		{"path = 'day'\nlabel = '1'\nheader = false\ncategorical = ['3', '2']", "1,a,b\n0,,c\n", []string{"1 3=b 2=a", "0 3=c 2=-"}, ""},
		{"path = 'day'\nlabel = 'y'\nheader = false\ncolumns = ['y', 'u']\ncategorical = ['*']", "1,a\n", []string{"1 u=a"}, ""},
		{"path = 'day'\nlabel = 'y'\ncolumns = ['y', 'u']\ncategorical = ['*']", "click,user\n1,a\n", []string{"1 u=a"}, ""},
		{"path = 'day'\nlabel = 'y'\ndense = ['x']\ncategorical = ['b', '*']", "a,b,x,y\n1,2,3,0\n", []string{"0 x=3 b=2 a=1"}, ""},
		{roles + "time = 't'\nmissing = ['?', 'NA']", "y,x,user,t\n1,?,NA,2000-12-31\n0,1,?,7\n", []string{"1 x=NaN user=- at 978220800", "0 x=1 user=- at 7"}, ""},
		{"path = 'day'\nlabel = 'y'\npositive = ['>50K', '>50K.']\ncategorical = ['u']\ncomment = '|'", "u,y\n|1x3\na, >50K\nb,<=50K.\nc,>50K.\n", []string{"1 u=a", "0 u=b", "1 u=c"}, ""},
		{"path = 'day'\nlabel = 'y'\nrating = [0.5, 5]\ncategorical = ['u']", "u,y\na,3.5\n", []string{"3.5 u=a"}, ""},
		{"path = 'day'\nlabel = 'y'\nmulti = [{ name = 'tags', pool = 'mean' }, { name = 'words', separator = ' ' }]",
			"y,tags,words\n1,a|b| a,to be\n0,,\n1,|,x\n", []string{"1 tags=a+b+a words=to+be", "0 tags= words=", "1 tags= words=x"}, ""},
		{roles, "y,x,user\n1,\"2\",\"a, \"\"b\"\"\"\n0,1, \"c\" \n0,1,\"\"\n1,1,d\"e\n", []string{`1 x=2 user=a, "b"`, "0 x=1 user=c", "0 x=1 user=-", `1 x=1 user=d"e`}, ""},
		{roles + "quotes = false", "y,x,user\n1,2,\"a\n", []string{`1 x=2 user="a`}, ""},

		{roles, "y,x,user\n1,2\n", nil, "day:2: has 2 columns, want 3"},
		{roles, "y,x,user\n1,2,a\n1,2,a,b\n", nil, "day:3: has 4 columns, want 3"},
		{roles, "y,x,user\n1,two,a\n", nil, `day:2: column 2 (x) is "two", want a number`},
		{roles, "y,x,user\n1,inf,a\n", nil, `day:2: column 2 (x) is "inf", want a number`},
		{roles, "y,x,user\n2,1,a\n", nil, `day:2: column 1 (y) is "2", want 0 or 1`},
		{roles, "y,x,user\n,1,a\n", nil, `day:2: column 1 (y) is "", want 0 or 1`},
		{roles + "positive = ['yes']\nmissing = ['?']", "y,x,user\n?,1,a\n", nil, `day:2: column 1 (y) is "?", want a label`},
		{roles + "rating = [1, 5]", "y,x,user\n6,1,a\n", nil, `day:2: column 1 (y) is "6", want a number from 1 to 5`},
		{roles + "rating = [1, 5]", "y,x,user\n,1,a\n", nil, `day:2: column 1 (y) is "", want a number from 1 to 5`},
		{roles + "time = 't'", "y,x,user,t\n1,1,a,soon\n", nil, `day:2: column 4 (t) is "soon", want a whole number or a date like 2006-01-02 15:04:05`},
		{roles, "y,x,user\n1,2,\"a\nb\"\n", nil, "day:2: column 3 has no closing quote on its line; values with line breaks are not read, and max_bad_rows does not skip them"},
		{roles + "max_bad_rows = 9\n", "y,x,user\n1,2,\"a\n1,2,b\"\n", nil, "day:2: column 3 has no closing quote on its line; values with line breaks are not read, and max_bad_rows does not skip them"},
		{roles, "y,x,user\n1,2,\"a\"b\n", nil, `day:2: column 3 has "b" after its closing quote, want a separator`},
		{roles, "y,x,usr\n1,2,a\n", nil, `data.categorical: there is no column "user"; did you mean usr?`},
		{roles, "y,alpha,beta\n1,2,a\n", nil, `data.dense: there is no column "x"; did you mean y?`},
		{strings.Replace(roles, "'x'", "'price'", 1), "y,a,b\n1,2,a\n", nil, `data.dense: there is no column "price"; columns are y, a, b`},
		{roles, "y,x,user,x\n1,2,a,3\n", nil, `data.dense: "x" is the name of several columns, want columns = [names] that tell them apart`},
		{roles, "\"y,x\n", nil, "day:1: column 1 has no closing quote on its line; values with line breaks are not read, and max_bad_rows does not skip them"},
		{roles, "", nil, "day: has no rows"},
		{roles, "y,x,user\n", nil, "day: has no rows"},

		{"path = 'day'\ncategorical = ['a']", "", nil, "e.toml: label is missing, want the column of the label"},
		{"path = 'day'\nlabel = 'y'", "", nil, `e.toml: categorical is missing, want columns there, in dense or in multi; ["*"] is all others`},
		{roles + "separator = '::'", "", nil, `e.toml:5: separator is "::", want one character, like "," or "\t"`},
		{roles + "separator = '|'\nmulti = [{ name = 'a', separator = '|' }]", "", nil, `e.toml:6: multi[0].separator is "|", which separates columns`},
		{roles + "multi = [{ name = 'a', pool = 'max' }]", "", nil, `e.toml:5: multi[0].pool is "max", want sum or mean`},
		{roles + "multi = [{ name = 'user' }]", "", nil, `e.toml:5: multi has "user", which categorical has too`},
		{roles + "columns = ['a', 'a']", "", nil, `e.toml:5: columns has "a" twice`},
		{roles + "rating = [5, 1]", "", nil, "e.toml:5: rating is [5 1], want the lowest and the highest"},
		{roles + "rating = [1, 5]\npositive = ['1']", "", nil, "e.toml:5: rating is of no use with positive, which makes the label 0 or 1"},
		{roles + "split = { kind = 'time' }", "", nil, `e.toml:5: split.kind is "time", want order, random, user, leave-one-out or k-fold`},
	} {
		folder(t, map[string]string{"day": c.content})
		o, err := options(t, csvDefaults(), c.options)
		var l lines
		if err == nil {
			l, err = o.detect([]string{"day"})
		}
		c.check(t, l, err)
	}
}

// All files have the columns of the first, unless columns says which there are.
func TestCSVHeadersDiffer(t *testing.T) {
	folder(t, map[string]string{"a": "y,u\n1,a\n", "b.gz": "y,u\n0,b\n", "c": "u,y\nc,1\n", "d": "y\n1\n"})
	for _, c := range []struct {
		files []string
		more  string
		err   string
	}{
		{[]string{"a", "b.gz"}, "", ""},
		{[]string{"a", "c"}, "", `c:1: column 1 is "u", and in a it is "y"`},
		{[]string{"a", "d"}, "", "d:1: has 1 column, and a has 2"},
		{[]string{"a", "c"}, "columns = ['y', 'u']", ""},
		{[]string{"-"}, "columns = ['y', 'u']", ""},
		{[]string{"-"}, "", "data.columns is missing, want the names of columns: standard input is read but once"},
	} {
		o, err := options(t, csvDefaults(), "path = 'a'\nlabel = 'y'\ncategorical = ['u']\n"+c.more)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.detect(c.files); errorText(err) != c.err {
			t.Errorf("%v: got %v, want %s", c.files, err, c.err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, line := range []string{"1,2,a,x|y,5,", "0, \"a \"\"b\" ,\"c\",\"|\",2000-01-01,", "?,?,?,?,?,?", "1,1e300,,,1,\"", "#"} {
		f.Add([]byte(line))
	}
	var all []lines
	for _, more := range []string{"", "positive = ['1']\nmissing = ['?']\ncomment = '#'", "rating = [0, 5]\nquotes = false"} {
		o, err := options(f, csvDefaults(), "path = 'day'\ncolumns = ['y', 'x', 'u', 'm', 't', 'unused']\nlabel = 'y'\ndense = ['x']\ncategorical = ['u']\n"+
			"multi = [{ name = 'm' }]\ntime = 't'\n"+more)
		if err != nil {
			f.Fatal(err)
		}
		l, err := o.detect([]string{"day"})
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, l)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, l := range all {
			fuzzLine(t, l, line)
		}
	})
}

// A value between quotes is what was quoted.
func FuzzCSVQuotes(f *testing.F) {
	f.Add("a", "b \"c\", d")
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsAny(a+b, "\n\r") {
			return
		}
		quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		s := csvCells{separator: ',', quotes: true}
		cells, err := s.split([]byte(quote(a) + "," + quote(b) + ",c"))
		if err != nil || len(cells) != 3 || string(cells[0]) != a || string(cells[1]) != b || string(cells[2]) != "c" {
			t.Errorf("%q and %q were read as %q, %v", a, b, cells, err)
		}
	})
}
