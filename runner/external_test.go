package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/export"
	"ctrlab/internal/store"
)

// beside is small with one contestant from elsewhere.
func beside(keys string) string {
	head, _, _ := strings.Cut(strings.Replace(small, "seeds = 2", "seeds = 1", 1), "[[model]]")
	return head + "[[model]]\nname = \"external\"\n" + keys
}

// shell is a contestant that a script stands in for: a table of what it says of every row of what it was given.
const shell = `
command = ["sh", "%s", "{data}", "{scores}", "{seed}"]
`

const scoring = `
printf 'row\tsplit\tscore\tdigest\n' > "$2"
for s in valid test; do
	awk -F '\t' -v s=$s 'NR > 1 { print $1 "\t" s "\t" ($4 + 1) / 100 "\t" $2 }' "$1/$s.tsv" >> "$2"
done
`

func script(t *testing.T, text string) (keys string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "contestant.sh")
	must(t, os.WriteFile(path, []byte(text), 0o666))
	return fmt.Sprintf(shell, path)
}

func cameTo(t *testing.T, file string) (store.Trial, *store.RunDetail, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	p, err := planFrom(t.Context(), file)
	if err != nil {
		return store.Trial{}, nil, err
	}
	s := open(t, path)
	_, err = Run(t.Context(), p, s, Options{Build: "b1", Keep: 1 << 20, Jobs: 2})
	must(t, err)
	run, err := s.Run(1)
	must(t, err)
	if l, _ := filepath.Glob(filepath.Join(Artifacts(path), "*", "external-*")); l != nil {
		t.Error("left behind:", l)
	}
	return report(t, s).Trials[0], run, nil
}

// A program gets the data, without labels of test, and its scores are evaluated as any model's.
func TestExternalCommand(t *testing.T) {
	trial, _, err := cameTo(t, beside(script(t, scoring)))
	must(t, err)
	r := trial.Results
	if trial.State != store.Done || !(r["test.auc"] > 0.3 && r["test.auc"] < 0.7) || !(r["valid.logloss"] > 0.5) || r["train.seconds"] <= 0 || trial.TestRead != 1 {
		t.Errorf("%+v", trial)
	}
	for _, name := range []string{"params", "train.examples_per_second", "infer.examples_per_second"} {
		if v, ok := r[name]; ok {
			t.Errorf("%s is %v, which nobody knows", name, v)
		}
	}
	if len(trial.Slices) == 0 {
		t.Error("no slices")
	}
}

func TestExternalCommandFails(t *testing.T) {
	for text, want := range map[string]string{
		"echo one >&2; echo 'No module named torch' >&2; exit 3": "sh: exit status 3: No module named torch",
		"exit 0": "sh wrote no scores: want a table in the file that {scores} stands for",
		`printf 'row\tsplit\tscore\n0\ttest\t2\n' > "$2"`:                                                     "scores.tsv:2: score is 2, want a probability, 0 to 1",
		`cut -f 3 "$1/test.tsv" | grep -c . >&2; exit 1`:                                                      "sh: exit status 1: 1", // the heading alone: no label
		strings.Replace(scoring, `"\t" $2 }`, `"\t" (NR == 5 && s == "test" ? "0123456789abcdef" : $2) }`, 1): "the digest of row 3 of test is",
	} {
		trial, run, err := cameTo(t, beside(script(t, text)))
		must(t, err)
		if trial.State != store.Failed || !strings.Contains(trial.Error, want) {
			t.Errorf("%s: %s, %q, want %q", text, trial.State, trial.Error, want)
		}
		if strings.Contains(text, "torch") && run.Log != "one\nNo module named torch" {
			t.Errorf("log %q", run.Log)
		}
	}
}

// A program that is not there fails the trial once and for all.
func TestExternalCommandIsMissing(t *testing.T) {
	trial, run, err := cameTo(t, beside(`command = ["./no-such-program"]`))
	must(t, err)
	if trial.State != store.Failed || !strings.HasPrefix(trial.Error, "it did not start: ") || run.Attempt != 1 || run.Retry {
		t.Errorf("%s, %q, attempt %d", trial.State, trial.Error, run.Attempt)
	}
}

// Ctrl-C ends the program, and what it started.
func TestExternalCommandIsKilled(t *testing.T) {
	dir := t.TempDir()
	p := planOf(t, beside(script(t, "sleep 60 & echo $! > "+dir+"/child; echo $$ > "+dir+"/parent; wait")))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if text, _ := os.ReadFile(filepath.Join(dir, "parent")); strings.HasSuffix(string(text), "\n") {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := Run(ctx, p, newStore(t), Options{Build: "b1", Jobs: 2})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, name := range []string{"parent", "child"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		for i := 0; alive(strings.TrimSpace(string(text))); i++ {
			if time.Sleep(10 * time.Millisecond); i == 500 {
				t.Fatalf("the %s lives", name)
			}
		}
	}
}

// alive says whether a process runs: one that has ended and that nobody has asked for is a zombie.
func alive(pid string) bool {
	stat := read("/proc/" + pid + "/stat")
	return stat != "" && !strings.Contains(stat, ") Z ")
}

// Files are of the same rows when their labels are, and a trial is another when they are.
func TestExternalScores(t *testing.T) {
	source := planOf(t, small).Sources[0]
	dir := t.TempDir()
	write := func(name string, but int) string {
		var text strings.Builder
		text.WriteString("row,split,seed,score,label\n")
		for _, s := range []batch.Split{batch.Valid, batch.Test} {
			row := 0
			for line, err := range export.Lines(t.Context(), source, s) {
				must(t, err)
				label := line.Label
				if row++; s == batch.Test && row == but {
					label = 1 - label
				}
				fmt.Fprintf(&text, "%d,%v,1,%v,%v\n", row-1, s, 0.25+line.Label/2, label)
			}
		}
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o666))
		return fmt.Sprintf("scores = %q\n", filepath.Join(dir, name))
	}
	trial, _, err := cameTo(t, beside(write("s1.csv", 0)))
	must(t, err)
	if trial.State != store.Done || trial.Results["test.auc"] != 1 { // scores that know the labels
		t.Errorf("%+v", trial)
	}
	changed, _, err := cameTo(t, beside(write("s1.csv", 7)))
	must(t, err)
	if changed.State != store.Failed || !strings.Contains(changed.Error, "s1.csv:308: the label of row 6 of test is") || changed.ID == trial.ID {
		t.Errorf("%s: %s", changed.State, changed.Error)
	}
	for keys, want := range map[string]string{
		"":                                       `an external model wants command = ["program", …] or scores = "FILES"`,
		`scores = "` + dir + `/none-{seed}.csv"`: "there is no such file",
	} {
		if _, err := planFrom(t.Context(), beside(keys)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", keys, err)
		}
	}
}

// Of what a program printed, colours, titles, what a progress bar wrote over and what turns text round are left out.
func TestShown(t *testing.T) {
	for line, want := range map[string]string{
		"\x1b[31mboom\x1b[0m\r\n":                  "boom",
		" 50 %\r100 %\r\n":                         "100 %",
		"\x1b]0;title\x07a\x1b[2Jb\x07\u202ec":     "abc",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
		"\tFile \"x.py\", line 3 ":                 "\tFile \"x.py\", line 3",
	} {
		if got := shown(line); got != want {
			t.Errorf("%q is shown as %q, want %q", line, got, want)
		}
	}
}
