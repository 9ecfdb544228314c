package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctrlab/internal/metric"
)

const tiny = `
name = "tiny"
seeds = 2
data = { source = "synthetic", rows = 3000, fields = 4, rows_per_field = 20, dense = 2 }
train = { batch_size = 256, epochs = 2 }
[[model]]
name = "lr"
[[model]]
name = "dlrm"
embedding_dim = 4
bottom = [8]
top = [8]
`

// call runs a command line in a new folder that holds tiny.toml.
func call(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = Main(t.Context(), args, &out, &err)
	return status, out.String(), err.String()
}

func inNewFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tiny.toml", []byte(tiny), 0o666); err != nil {
		t.Fatal(err)
	}
}

// trials parses the lines of run --json, without their states and what a clock or the machine decides: the rest is
// the same whenever and wherever a trial runs.
func trials(t *testing.T, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		delete(m, "state")
		metrics := m["metrics"].(map[string]any)
		for name := range metrics {
			if row, ok := metric.Find(name); !ok {
				t.Errorf("%s is not in the table of metrics", name)
			} else if row.Kind == metric.Speed {
				delete(metrics, name)
			}
		}
		all = append(all, m)
	}
	return all
}

func same(t *testing.T, what string, got, want []map[string]any) {
	t.Helper()
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%s: %d trials, want %d and some", what, len(got), len(want))
	}
	for i := range want {
		g, _ := json.Marshal(got[i])
		w, _ := json.Marshal(want[i])
		if !bytes.Equal(g, w) {
			t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
		}
	}
}

// stopper interrupts at the first line that is written to it.
type stopper struct {
	bytes.Buffer
	stop context.CancelFunc
}

func (s *stopper) Write(b []byte) (int, error) {
	s.stop()
	return s.Buffer.Write(b)
}

func TestInterruptedIsUnbroken(t *testing.T) {
	inNewFolder(t)
	if status, _, stderr := call(t, "run", "tiny.toml", "--json", "--db", "unbroken.db"); status != 0 {
		t.Fatal(stderr)
	}
	_, unbroken, _ := call(t, "report", "--json", "--db", "unbroken.db")

	ctx, stop := context.WithCancel(t.Context())
	out, errs := &stopper{stop: stop}, &bytes.Buffer{}
	if status := Main(ctx, []string{"run", "tiny.toml", "--json"}, out, errs); status != statusInterrupted {
		t.Fatalf("exit status %d, want %d; %s", status, statusInterrupted, errs)
	}
	if want := "ctrlab: interrupted with 3 of 4 trials left; the same command goes on\n"; errs.String() != want {
		t.Errorf("got %q, want %q", errs, want)
	}
	status, again, stderr := call(t, "run", "tiny.toml", "--json")
	if status != 0 || strings.Count(again, `"skipped"`) != 1 || strings.Count(again, `"done"`) != 3 {
		t.Fatalf("exit status %d, %s\n%s", status, stderr, again)
	}
	same(t, "resumed and unbroken", trials(t, again), trials(t, unbroken))
}

func TestWorkersChangeNothing(t *testing.T) {
	inNewFolder(t)
	var want []map[string]any
	for _, workers := range []string{"1", "2", "3", "7"} {
		status, out, stderr := call(t, "run", "tiny.toml", "--json", "--workers", workers, "--db", workers+".db")
		if status != 0 {
			t.Fatal(stderr)
		}
		if want == nil {
			want = trials(t, out)
		}
		same(t, workers+" workers", trials(t, out), want)
	}
}

// The names are those that experiment.md promises of a run on synthetic data.
func TestMetricNames(t *testing.T) {
	inNewFolder(t)
	_, out, stderr := call(t, "run", "tiny.toml", "--json")
	var line struct{ Metrics map[string]*float64 }
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&line); err != nil {
		t.Fatal(err, stderr)
	}
	names := []string{"oracle.auc", "oracle.logloss", "train.examples_per_second", "infer.examples_per_second", "train.seconds",
		"epochs", "best_step", "params", "params.dense", "interaction.width", "flops", "peak_rss"}
	for _, n := range []string{"auc", "pr_auc", "logloss", "ne", "accuracy", "calibration", "ece", "brier", "attained"} {
		names = append(names, "valid."+n, "test."+n)
	}
	for _, n := range names {
		if v, ok := line.Metrics[n]; !ok || v == nil {
			t.Errorf("%s is missing", n)
		}
	}
}

// What another build has done runs again, and that is said before it does.
func TestOtherBuild(t *testing.T) {
	inNewFolder(t)
	if status, _, stderr := call(t, "run", "tiny.toml", "--quiet"); status != 0 {
		t.Fatal(stderr)
	}
	db, err := sql.Open("sqlite3", defaultDB)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`UPDATE environments SET id = 'x', build = 'another'; UPDATE runs SET environment = 'x'`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ sets, want string }{
		{"train.epochs=2", "4 trials were done before by another build; they run again\n"},
		{"train.epochs=2", "4 of 4 trials had been done before by this build\n"},
		{"train.epochs=1", ""},
	} {
		if status, _, stderr := call(t, "run", "tiny.toml", "--json", "--set", c.sets); status != 0 || stderr != c.want {
			t.Errorf("exit status %d, %q, want %q", status, stderr, c.want)
		}
	}
}

// Trouble with the database is status 3, and leaves the file as it is.
func TestDatabaseTrouble(t *testing.T) {
	inNewFolder(t)
	if status, _, stderr := call(t, "run", "tiny.toml", "--quiet", "--db", "good.db"); status != 0 {
		t.Fatal(stderr)
	}
	good, err := os.ReadFile("good.db")
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Clone(good)
	newer[63] = 9 // PRAGMA user_version, big-endian at offset 60: sqlite.org/fileformat2.html
	for _, c := range []struct {
		name, want string
		content    []byte
	}{
		{"newer.db", "ctrlab: newer.db: a database of version 9, made by a newer ctrlab; this one knows version 6\n", newer},
		{"text.db", "ctrlab: text.db: not a SQLite database\n", []byte("a diary\n")},
	} {
		if err := os.WriteFile(c.name, c.content, 0o666); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"run", "tiny.toml", "--db", c.name}, {"report", "--db", c.name}} {
			if status, stdout, stderr := call(t, args...); status != statusEnvironment || stderr != c.want || stdout != "" {
				t.Errorf("%v: exit status %d, %q, want %d, %q", args, status, stderr, statusEnvironment, c.want)
			}
		}
		if after, _ := os.ReadFile(c.name); !bytes.Equal(after, c.content) {
			t.Errorf("%s was changed", c.name)
		}
	}
}

// A report that cannot be written is found out before the training.
func TestUnwritableReport(t *testing.T) {
	inNewFolder(t)
	status, _, stderr := call(t, "run", "tiny.toml", "--out", filepath.Join("tiny.toml", "out"))
	if status != statusEnvironment || stderr != "ctrlab: mkdir tiny.toml: not a directory\n" {
		t.Errorf("exit status %d, %q", status, stderr)
	}
	if _, err := os.Stat("results"); err == nil {
		t.Error("a database was made before the report's folder")
	}
}
