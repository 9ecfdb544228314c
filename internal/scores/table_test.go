package scores

import (
	"math"
	"strings"
	"testing"
)

func tableOf(files ...string) (*Table, error) {
	t := &Table{Identity: "abc", Seed: 2, Probability: true, Proof: strings.Contains(strings.Join(files, ""), "label")}
	t.Want("valid", 1)
	t.Want("test", 2)
	for i, f := range files {
		if err := t.Read(string(rune('a'+i))+".tsv", strings.NewReader(f)); err != nil {
			return t, err
		}
	}
	return t, t.End()
}

// Rows in any order and of several files; those of other seeds are passed over. ln(3/1) is the logit of 3/4.
func TestTable(t *testing.T) {
	got, err := tableOf("# by sklearn\n# data: abc\nrow,split,seed,score,label\r\n1,test,2,0.75,1\r\n1,test,3,9,1\r\n", "split\trow\tscore\tlabel\n\ntest\t0\t0\t0\nvalid\t0\t1\t1\n")
	must(t, err)
	if s := got.Splits["test"].Score; s[1] != float32(math.Log(3)) || s[0] > -36 || s[0] < -37 || got.Splits["valid"].Score[0] < 36 {
		t.Errorf("%v and %v", s, got.Splits["valid"].Score)
	}
	must(t, got.Check("test", 1, 1, ""))
	if err := got.Check("test", 0, 1, ""); err == nil || err.Error() != "b.tsv:3: the label of row 0 of test is 0, and the data has 1: these are not the same rows" {
		t.Error(err)
	}
}

func TestTableErrors(t *testing.T) {
	const whole = "row\tsplit\tscore\n0\tvalid\t0.5\n0\ttest\t0.5\n1\ttest\t0.5\n"
	for text, want := range map[string]string{
		"":                              "a.tsv: it is empty",
		"row\tsplit\n":                  "a.tsv:1: there is no column score",
		"row\tsplit\tscore\tp\n":        `a.tsv:1: column 4 is called "p"`,
		"row\trow\tsplit\tscore\n":      `column 2 is called "row"`,
		"# data: xyz\n" + whole:         `a.tsv:1: the scores are of data "xyz", and the experiment's is abc`,
		whole + "1\ttest\t0.5\n":        "a.tsv:5: row 1 of test is there twice: before at a.tsv:4",
		whole + "2\ttest\t0.5\n":        `a.tsv:5: row is "2", want 0 to 1, as test has 2 rows`,
		whole + "0\ttrain\t0.5\n":       `a.tsv:5: split is "train", want test or valid`,
		whole + "0\n":                   "a.tsv:5: 1 columns, want 3: row, split, score",
		"row,split,score\n0,test,2":     "a.tsv:2: score is 2, want a probability",
		"row,split,score\n0,test,nan\n": `score is "nan", want a finite number`,
		"row,split,score\n0,test,0.5\n": "a.tsv: 1 of the 2 rows of test have no score, the first of them row 1",
		"row,split,score,seed\n0,test,0.5,1\n0,test,0.5,7\n":                      "a.tsv: no row is of seed 2; there are 1, 7",
		"row,split,score,label\n0,test,0.5,x\n":                                   `label is "x", want a number`,
		"row,split,score,label\n0,test,0.5,1\n1,test,0.5,\n":                      "row 1 of test has neither label nor digest",
		"row,split,score\n0,test,0.5\n" + strings.Repeat("1", 1<<20+1) + ",test,": "a.tsv:3: bufio.Scanner: token too long",
	} {
		if _, err := tableOf(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add("# data: abc\nrow,split,seed,score,label\n1,test,2,0.75,1\n")
	f.Add("row\tsplit\tscore\tdigest\n0\tvalid\t1e-300\tff\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, _ := tableOf(text)
		for name, c := range table.Splits {
			for row, s := range c.Score {
				if !(math.Abs(float64(s)) <= 37) {
					t.Errorf("score %v", s)
				}
				if c.place[row].line > 0 {
					_ = table.Check(name, row, 1, "")
				}
			}
		}
	})
}
