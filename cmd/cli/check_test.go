package cli

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctrlab/report/check"
)

// guarded is an experiment as a baseline knows it. Its rows come from files: a user's click on an item is a coin that the item's number decides nothing
// of, but for what the fm of both has planted.
const gatekept = `
name = "gate"
seeds = 10
[data]
source = "csv"
train = "train.csv"
valid = "valid.csv"
test = "test.csv"
label = "click"
categorical = ["user", "item", "row"]
[train]
optimizer = "adam"
learning_rate = 0.02
batch_size = 32
epochs = 2
[[model]]
name = "fm"
label = "FM"
embedding_dim = 4
`

// rows writes a file of rows [from, to) of the same truth: every user has one of four tastes and every item a kind, and like meets like. Rows have
// numbers of their own, from which nothing is to be learned but by heart.
func clickRows(t *testing.T, file string, spans ...[2]int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("click,user,item,row\n")
	for _, s := range spans {
		for i := s[0]; i < s[1]; i++ {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			user, item := r.IntN(20), r.IntN(20)
			click := 0
			if p := 0.3 + 0.4*float64(min(1, 1/(1+(user-item)%4*((user-item)%4)))); r.Float64() < p {
				click = 1
			}
			fmt.Fprintf(&b, "%d,u%d,i%d,r%d\n", click, user, item, i)
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

func writeGate(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile("gate.toml", []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// checked runs ctrlab check.
func checked(t *testing.T, args ...string) (int, *check.Report) {
	t.Helper()
	status, out, stderr := call(t, append([]string{"check", "--json"}, args...)...)
	r := new(check.Report)
	if err := json.Unmarshal([]byte(out), r); err != nil {
		t.Fatalf("status %d, %v: %s%s", status, err, out, stderr)
	}
	return status, r
}

// Faults that are planted in a build are caught, each by the tier that should; a build without is passed by digest.
func TestPlantedFaults(t *testing.T) {
	t.Chdir(t.TempDir())
	writeGate(t, gatekept)
	clickRows(t, "train.csv", [2]int{0, 1920})
	clickRows(t, "valid.csv", [2]int{2000, 2400})
	clickRows(t, "test.csv", [2]int{3000, 4000})
	if status, out, stderr := call(t, "run", "gate.toml", "--quiet"); status != 0 {
		t.Fatal(out, stderr)
	}
	status, out, stderr := call(t, "baseline", "set", "gate", "--from", "gate.toml", "--reason", "a test", "--margin", "test.auc=0.02", "--margin", "test.logloss=0.02")
	if status != 0 || !strings.Contains(out, "1 variant, 10 seeds") {
		t.Fatal(out, stderr)
	}
	for _, c := range []struct {
		name, old, new string
		leak           bool
		status         int
		verdict        check.Verdict
		tier, note     string
	}{
		{"nothing", "", "", false, 0, check.Pass, check.ByDigest, "the same to the bit"},
		{"an optimiser with a wrong epsilon", "learning_rate", "epsilon = 1e-4\nlearning_rate", false, 1, check.Changed, check.BySeeds, "it parts from step"},
		{"a learning rate off by 2 %", "0.02", "0.0204", false, 1, check.Changed, check.BySeeds, "it parts from step"},
		{"a dropped interaction term", `name = "fm"`, `name = "lr"`, false, 1, check.Regressed, check.BySeeds, "it parts from step"},
		{"a leak of test ids", "", "", true, 1, check.Improved, check.BySeeds, "look for a leak"},
	} {
		text := strings.Replace(gatekept, c.old, c.new, 1)
		if c.name == "a dropped interaction term" {
			text = strings.Replace(text, "embedding_dim = 4\n", "", 1)
		}
		writeGate(t, text)
		clickRows(t, "train.csv", [2]int{0, 1920})
		if c.leak {
			clickRows(t, "train.csv", [2]int{0, 1920}, [2]int{3000, 4000}, [2]int{3000, 4000}, [2]int{3000, 4000})
		}
		status, r := checked(t)
		f := r.Findings[0]
		if status != c.status || f.Verdict != c.verdict || f.Tier != c.tier || !strings.Contains(f.Note, c.note) {
			t.Errorf("%s: status %d, %s: %+v, notes %q", c.name, status, r.Verdict, f, r.Notes)
		}
	}
	writeGate(t, strings.Replace(gatekept, "0.02", "0.0204", 1))
	clickRows(t, "train.csv", [2]int{0, 1920})
	if status, r := checked(t, "--changed=pass"); status != 0 || r.Verdict != check.Changed {
		t.Errorf("--changed=pass: status %d, %s", status, r.Verdict)
	}
	keepsHistory(t, 6)
}

// keepsHistory looks at what the checks before left.
func keepsHistory(t *testing.T, n int) {
	t.Helper()
	status, out, _ := call(t, "check", "history", "--out", "trend")
	if _, err := os.Stat(filepath.Join("trend", "trend.png")); status != 0 || strings.Count(out, "gate\n") != n || err != nil {
		t.Errorf("status %d, %v:\n%s", status, err, out)
	}
	db, err := sql.Open("sqlite3", "results/ctrlab.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var kept int
	if err := db.QueryRow(`SELECT count(*) FROM checks WHERE verdict IN ('pass', 'changed', 'regressed', 'improved')`).Scan(&kept); err != nil || kept != n {
		t.Errorf("%d checks in the database, %v; want %d", kept, err, n)
	}
}

// A baseline that was set anew leaves the source what it was; anything else that changed does not.
func TestRevision(t *testing.T) {
	t.Chdir(t.TempDir())
	put := func(file, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	put("a.go", "package a")
	put("results/baseline/gate.json", "{}")
	for _, line := range []string{"init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm a"} {
		if _, err := git(t.Context(), strings.Fields(line)...); err != nil {
			t.Fatal(err)
		}
	}
	put("results/baseline/gate.json", "{1}")
	for _, c := range []struct {
		dir     string
		changed bool
	}{{"results/baseline", false}, {"results", true}, {".", true}, {t.TempDir(), true}} {
		if at, err := revision(t.Context(), c.dir); err != nil || strings.HasSuffix(at, "+") != c.changed {
			t.Errorf("baselines in %s: %s, %v", c.dir, at, err)
		}
	}
	put("a.go", "package b")
	if at, err := revision(t.Context(), "results/baseline"); err != nil || !strings.HasSuffix(at, "+") {
		t.Errorf("another source: %s, %v", at, err)
	}
}

// The exit status says what a gate has to know; nothing measured is no pass.
func TestCheckStatus(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args   string
		status int
		stderr string
	}{
		{"check", 3, "nothing was measured: no baseline in results/baseline, and no --against"},
		{"check --baseline none", 2, "open results/baseline/none.json: no such file or directory; ctrlab baseline set makes one"},
		{"check --inconclusive=maybe", 2, `--inconclusive is "maybe", want pass or fail`},
		{"check --changed=no", 2, `--changed is "no", want pass or fail`},
		{"check --against a --base b", 2, "--against and --base both say what to compare with"},
		{"check --rounds 12,8", 2, `--rounds is "12,8", want growing numbers from 2 on, with commas`},
		{"check --base none --head none", 3, "none"},
		{"baseline set x", 2, "want NAME, --from EXPERIMENT and --reason TEXT"},
		{"bisect a b c", 2, "got 3 revisions, want GOOD and BAD"},
	} {
		status, _, stderr := call(t, strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: status %d: %s", c.args, status, stderr)
		}
	}
	o := checkFlags{changed: "fail"}
	for _, c := range []struct {
		inconclusive string
		verdict      check.Verdict
		want         int
	}{
		{"", check.Inconclusive, 4}, {"pass", check.Inconclusive, 0}, {"fail", check.Inconclusive, 1},
		{"pass", check.Regressed, 1}, {"", check.Improved, 0}, {"", check.Pass, 0}, {"pass", check.Changed, 1},
	} {
		r := new(check.Report)
		r.Add(check.Finding{Verdict: c.verdict})
		o.inconclusive = c.inconclusive
		if got := status(o.status(r)); got != c.want {
			t.Errorf("%s with --inconclusive=%s: %d, want %d", c.verdict, c.inconclusive, got, c.want)
		}
	}
}

// Both programs the same file: nothing is timed. Told to, it is: here by a script that is never slower.
func TestCheckPrograms(t *testing.T) {
	t.Chdir(t.TempDir())
	const slow = "#!/bin/sh\n"
	script := func(file, seconds string) {
		if err := os.WriteFile(file, []byte(slow+`echo '{"kernel/mul": `+seconds+`}'`+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	script("base", "0.001")
	script("head", "0.001")
	args := []string{"--base", "./base", "--head", "./head", "--rounds", "6,8", "--db", ""}
	if status, r := checked(t, args...); status != 0 || r.Findings[0].Tier != check.ByBinary {
		t.Errorf("equal programs: status %d, %+v", status, r.Findings)
	}
	if status, r := checked(t, append(args, "--shortcuts=false", "--out", "out")...); status != 0 || r.Findings[0].Tier != check.ByRounds || len(r.Rounds.First) != 6 && len(r.Rounds.First) != 8 {
		t.Errorf("equal programs, timed: status %d, %+v", status, r.Findings)
	}
	for _, f := range check.Formats {
		if info, err := os.Stat(filepath.Join("out", f.File)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", f.File, err)
		}
	}
	script("head", "0.0012")
	if status, r := checked(t, args...); status != 1 || r.Findings[0].Verdict != check.Regressed || r.Findings[0].Note != "confirmed by a fresh run" {
		t.Errorf("a fifth slower: status %d, %+v", status, r.Findings)
	}
}
