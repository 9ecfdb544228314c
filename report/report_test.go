package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctrlab/internal/store"
)

var out = flag.String("out", "", "folder that keeps the fixtures' reports, to look at")

// Every kind of report is written, shows the figures it has something for, and needs nothing but itself.
func TestWrite(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "results", f.name)
			if *out != "" {
				dir = filepath.Join(*out, strings.ReplaceAll(f.name, " ", "-"))
			}
			if err := Write(dir, f.report()); err != nil {
				t.Fatal(err)
			}
			page, err := os.ReadFile(filepath.Join(dir, "index.html"))
			if err != nil {
				t.Fatal(err)
			}
			var figures []string
			for _, m := range regexp.MustCompile(`data-file="([^"]*)"`).FindAllSubmatch(page, -1) {
				figures = append(figures, string(m[1]))
				checkPNG(t, filepath.Join(dir, string(m[1])+".png"))
			}
			if n := bytes.Count(page, []byte(`<script type="application/json">`)); n != len(figures) {
				t.Errorf("%d of %d figures have their data behind them", n, len(figures))
			}
			if got := strings.Join(figures, " "); got != f.figures {
				t.Errorf("figures are %q, want %q", got, f.figures)
			}
			checkAlone(t, string(page))
			checkSVG(t, page)
			checkStructure(t, page)
		})
	}
}

func checkPNG(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width != breadth*dpi/72 {
		t.Errorf("%s: width %d, %v", filepath.Base(file), c.Width, err)
	}
}

// checkAlone looks for anything that a browser would fetch, and for values a template could not write.
func checkAlone(t *testing.T, page string) {
	t.Helper()
	for _, s := range []string{"http:", "https:", "src=", "<link", "@import", "url(", "ZgotmplZ", "<no value>", ">NaN", "%!"} {
		if strings.Contains(page, s) {
			t.Errorf("the page has %q in it", s)
		}
	}
}

// checkSVG wants well-formed figures of finite numbers whose colours are all the page's variables.
func checkSVG(t *testing.T, page []byte) {
	t.Helper()
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAll(page, -1) {
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if bytes.Contains(svg, []byte("NaN,")) || bytes.Contains(svg, []byte("Inf,")) {
			t.Errorf("a path leads nowhere: %.200s", svg)
		}
		if hex := regexp.MustCompile(`#[0-9A-F]{6}`).Find(svg); hex != nil {
			t.Errorf("colour %s is not a tone", hex)
		}
	}
}

func TestWriteSameTwice(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		if err := Write(dir, ratings().report()); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := os.ReadDir(a)
	for _, f := range files {
		x, _ := os.ReadFile(filepath.Join(a, f.Name()))
		y, _ := os.ReadFile(filepath.Join(b, f.Name()))
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs", f.Name())
		}
	}
}

// Without a result there is a sentence in place of a table.
func TestPageOfNothing(t *testing.T) {
	s := summarize(nothing())
	page, err := page(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	board, _, _ := strings.Cut(string(page), "<h2>Plan</h2>")
	if strings.Contains(board, "<table") || !strings.Contains(board, "<p>No trial has a result yet.</p>") {
		t.Error(board[strings.Index(board, "<main"):])
	}
}

func TestPageEscapes(t *testing.T) {
	o := quickstart()
	o.name, o.question = `<i>a</i>`, `"b" & c?`
	o.variants[0].label = `<script>alert(1)</script>`
	dir := t.TempDir()
	if err := Write(dir, o.report()); err != nil {
		t.Fatal(err)
	}
	page, _ := os.ReadFile(filepath.Join(dir, "index.html"))
	for _, s := range []string{"<i>a</i>", "<script>alert", `"b" & c?`} {
		if bytes.Contains(page, []byte(s)) {
			t.Errorf("the page has %q in it", s)
		}
	}
	checkSVG(t, page)
}

// A report that cannot be written leaves the earlier one as it was.
func TestWriteKeepsEarlier(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, oneSeed()); err != nil {
		t.Fatal(err)
	}
	want, _ := os.ReadFile(filepath.Join(dir, "index.html"))
	if err := os.Mkdir(filepath.Join(dir, "index.html.new"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, nothing()); err == nil {
		t.Fatal("no error")
	}
	got, _ := os.ReadFile(filepath.Join(dir, "index.html"))
	if !bytes.Equal(got, want) {
		t.Error("the earlier page was touched")
	}
}

// The plan decides colours: a variant keeps its own when results change the ranking.
func TestColoursFollowPlan(t *testing.T) {
	a, b := quickstart().report(), quickstart().report()
	for i := range b.Trials {
		b.Trials[i].Results["test.auc"] = 1 - b.Trials[i].Results["test.auc"]
	}
	places := func(r *store.Report) map[string]int {
		m := map[string]int{}
		for _, v := range summarize(r).groups[0].variants {
			m[v.label] = v.place
		}
		return m
	}
	x, y := places(a), places(b)
	for i, v := range quickstart().variants {
		if x[v.label] != i || y[v.label] != i {
			t.Errorf("%s has places %d and %d, want %d", v.label, x[v.label], y[v.label], i)
		}
	}
}
