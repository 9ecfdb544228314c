package report

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ctrlab/internal/store"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// hostile has labels, a name, a question and an error that mean something to every format.
func hostile() *store.Report {
	o := outline{name: "a|b_<i>&\n#1", question: "Is $5 > 4 % of {x}^2, @octocat?", seeds: 2, variants: []made{
		{"a|b_c & d\n<script>alert(1)</script>", "fm", `{"name":"fm"}`, 0.76, 0.0006, 0.47, 0.9, 1e6, 90012},
		{`../../etc\passwd ~ 100 % $x$ {y} *z* ` + "`w`", "lr", `{"name":"lr"}`, 0.70, 0.0003, 0.54, 0.2, 2e6, 10004},
		{"=1+1,\"quoted\"", "dnn", `{"name":"dnn"}`, 0.71, 0.0003, 0.53, 0.3, 2e6, 10004},
	}}
	r := o.report()
	fail(&r.Trials[3], "panic: | <b>no</b>\nat line 2")
	return r
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is now\n%s", path, got)
	}
}

func TestExports(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *store.Report) error{
		"md": Markdown, "tex": LaTeX, "csv": func(w io.Writer, r *store.Report) error { return CSV(w, r) },
	} {
		var out bytes.Buffer
		if err := write(&out, hostile()); err != nil {
			t.Fatal(err)
		}
		golden(t, "hostile."+name, out.Bytes())
		out.Reset()
		if err := write(&out, nothing()); err != nil {
			t.Errorf("%s of nothing: %v", name, err)
		}
		if name != "csv" {
			out.Reset()
			if err := write(&out, twoDatasets()); err != nil {
				t.Fatal(err)
			}
			golden(t, "two."+name, out.Bytes())
		}
	}
}

// However much there is, it fits a comment, and tables keep their shape.
func TestMarkdownFits(t *testing.T) {
	o := many(1500)
	o.seeds = 1
	for i := range o.variants {
		o.variants[i].label = strings.Repeat("<|", 500) + o.variants[i].label
	}
	r := o.report()
	for i := range r.Trials[:300] {
		fail(&r.Trials[i], strings.Repeat("@", 5000))
	}
	var out bytes.Buffer
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	if out.Len() > mostMarkdown || out.Len() < mostMarkdown/10 {
		t.Errorf("%d bytes", out.Len())
	}
	bars := 0
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if bars == 0 {
			bars = n
		}
		if n != bars {
			t.Errorf("%d bars, want %d: %s", n, bars, line)
		}
	}
	if bars == 0 {
		t.Error("no table")
	}
}

// A row is as it was, whatever is in a label.
func TestCSVReadsBack(t *testing.T) {
	r := hostile()
	var out bytes.Buffer
	if err := CSV(&out, r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, x := range r.Trials {
		n += max(len(x.Results), 1)
	}
	if len(rows) != 1+n || rows[1][2] != r.Trials[0].Label || rows[1][0] != r.Experiment.Name {
		t.Errorf("%d rows, want %d; the first %q", len(rows), 1+n, rows[1])
	}
}

// CRC-32C of 32 zeros is 0x8a9136aa, of 32 bytes of 1 bits 0x62a8ab43 (RFC 3720, B.4); the mask is ((c >> 15) | (c << 17)) + 0xa282ead8 (tensorflow/core/lib/hash/crc32c.h).
func TestMasked(t *testing.T) {
	for b, c := range map[byte]uint32{0: 0x8a9136aa, 0xff: 0x62a8ab43} {
		if got, want := masked(bytes.Repeat([]byte{b}, 32)), (c>>15|c<<17)+0xa282ead8; got != want {
			t.Errorf("%#x, want %#x", got, want)
		}
	}
}

func TestTensorBoard(t *testing.T) {
	dir := t.TempDir()
	r := hostile()
	trial := r.Trials[0].ID
	r.Series = []store.Series{{Trial: trial, Name: "valid.auc", Step: []int{0, 300}, Seconds: []float64{0, 1.5}, Value: []float64{0.5, 0.75}, Examples: []int64{0, 600}}}
	r.Experiment.Created = time.Unix(1000, 0)
	n, err := TensorBoard(dir, r)
	if err != nil || n != 5 {
		t.Fatal(n, err)
	}
	all, err := filepath.Glob(filepath.Join(dir, "*", "events.out.tfevents.1000.ctrlab"))
	if err != nil || len(all) != 5 {
		t.Fatal(all, err)
	}
	for _, path := range all {
		if name := filepath.Base(filepath.Dir(path)); !regexp.MustCompile(`^[\w .,=+()-]+ seed \d+$`).MatchString(name) {
			t.Errorf("a folder is called %q", name)
		}
	}
	content, err := os.ReadFile(all[1]) // "=1…" and "_…" stand around it by their first letters
	for _, path := range all {
		if strings.Contains(path, "a_b") && strings.HasSuffix(filepath.Dir(path), "seed 1") {
			content, err = os.ReadFile(path)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	records := recordsOf(t, content)
	if !bytes.Contains(records[0], []byte("\x1a\rbrain.Event:2")) {
		t.Errorf("the first is %q", records[0])
	}
	// wall_time 1001.5, step 300 = 0xac 0x02, summary of 19 bytes: a value of 17, tag "valid/auc" and 0.75
	want := append(binary.LittleEndian.AppendUint64([]byte{9}, math.Float64bits(1001.5)), "\x10\xac\x02\x2a\x12\x0a\x10\x0a\x09valid/auc\x15\x00\x00\x40\x3f"...)
	if !bytes.Equal(records[2], want) {
		t.Errorf("the third is\n%q, want\n%q", records[2], want)
	}
	if len(records) != 1+2+len(r.Trials[0].Results) {
		t.Errorf("%d records", len(records))
	}
}

// recordsOf checks the frames of records.
func recordsOf(t *testing.T, b []byte) (all [][]byte) {
	t.Helper()
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		data := b[12 : 12+n]
		if binary.LittleEndian.Uint32(b[8:]) != masked(b[:8]) || binary.LittleEndian.Uint32(b[12+n:]) != masked(data) {
			t.Fatal("a checksum is wrong")
		}
		all, b = append(all, data), b[16+n:]
	}
	return all
}
