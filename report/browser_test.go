package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ctrlab/internal/store"
	"ctrlab/report/browse"
)

// visit opens a report's page at a width, light or dark.
func visit(t *testing.T, ctx context.Context, r *store.Report, width int64, scheme string) {
	t.Helper()
	page, err := Page(r)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(file, page, 0o666); err != nil {
		t.Fatal(err)
	}
	browse.View(t, ctx, width, scheme)
	browse.Do(t, ctx, chromedp.Navigate("file://"+file), chromedp.WaitVisible("#report"))
}

// What can be seen on pages of every kind stands out, and nothing is cut off or on top of another; -only chooses the fixtures.
func TestNothingOverlaps(t *testing.T) {
	ctx, said := browse.Open(t)
	chosen := *only
	if chosen == "" {
		chosen = "^(failures|long labels|one variant)$"
	}
	for _, f := range fixtures {
		if !regexp.MustCompile(chosen).MatchString(f.name) {
			continue
		}
		visit(t, ctx, f.report(), 1280, "light")
		browse.Get[bool](t, ctx, `document.querySelectorAll("details:not(.menu)").forEach((d) => (d.open = true)), true`)
		for _, fault := range browse.Faults(t, ctx) {
			t.Errorf("%s, wide and light: %s", f.name, fault)
		}
		browse.View(t, ctx, 360, "dark")
		for _, fault := range browse.Faults(t, ctx) {
			t.Errorf("%s, on a phone and dark: %s", f.name, fault)
		}
	}
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
}

// The buttons under a figure save files that are what they are called.
func TestSave(t *testing.T) {
	ctx, said := browse.Open(t)
	visit(t, ctx, hostile(), 1280, "dark")
	dir := t.TempDir()
	browse.Downloads(t, ctx, dir)
	for _, kind := range []string{"csv", "svg", "png"} {
		browse.Get[bool](t, ctx, `[...document.querySelectorAll("[data-file=accuracy] .save button")].find((b) => b.textContent === "`+strings.ToUpper(kind)+`").click(), true`)
	}
	rows, err := csv.NewReader(bytes.NewReader(downloaded(t, dir, "accuracy.csv"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != summarize(hostile()).groups[0].variants[0].label {
		t.Errorf("the CSV is %q, %v", rows, err)
	}
	svg := string(downloaded(t, dir, "accuracy.svg"))
	if strings.Contains(svg, "var(") || !strings.Contains(svg, tones[0].dark) {
		t.Error("the SVG has no colours of its own")
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	img, err := png.Decode(bytes.NewReader(downloaded(t, dir, "accuracy.png")))
	if err != nil || img.Bounds().Dx() != 3*breadth {
		t.Fatal(err)
	}
	if r, g, b, a := img.At(1, 1).RGBA(); [4]uint32{r >> 8, g >> 8, b >> 8, a >> 8} != [4]uint32{0x15, 0x18, 0x1c, 0xff} {
		t.Errorf("the PNG's paper is %x %x %x %x", r, g, b, a)
	}
	browse.Get[bool](t, ctx, `document.querySelector("[data-save]").click(), true`)
	if got := string(downloaded(t, dir, "*.toml")); got != hostile().Experiment.File {
		t.Errorf("the experiment file is %q", got)
	}
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
}

// downloaded waits for a file that matches a pattern.
func downloaded(t *testing.T, dir, pattern string) []byte {
	t.Helper()
	for range 200 {
		if files, _ := filepath.Glob(filepath.Join(dir, pattern)); len(files) == 1 {
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s did not come", pattern)
	return nil
}

// All that a mouse does a keyboard does: in reading order, with the focus to be seen.
func TestKeyboard(t *testing.T) {
	ctx, said := browse.Open(t)
	visit(t, ctx, many25(), 1280, "light")
	press := func(keys ...string) {
		for _, k := range keys {
			browse.Do(t, ctx, chromedp.KeyEvent(k))
		}
	}
	at := func() string {
		return browse.Get[string](t, ctx, `(() => { const e = document.activeElement, s = getComputedStyle(e);
			return (s.outlineStyle === "none" ? "hidden " : "") + e.tagName.toLowerCase() + " " + (e.ariaLabel ?? e.textContent).trim().slice(0, 20) })()`)
	}
	tab := func(until string) {
		for range 80 {
			press(kb.Tab)
			got := at()
			if strings.HasPrefix(got, "hidden") {
				t.Errorf("the focus cannot be seen on %s", got)
			}
			if strings.Contains(got, until) {
				return
			}
		}
		t.Fatalf("Tab does not lead to %s", until)
	}
	first := func() string {
		return browse.Get[string](t, ctx, `document.querySelector("#board tbody tr:not([hidden]) th").dataset.v`)
	}
	tab("a Leaderboard")
	tab("input Filter rows")
	press("d", "c", "n")
	if got := browse.Get[int](t, ctx, `document.querySelectorAll("#board tbody tr:not([hidden])").length`); got != 5 {
		t.Errorf("%d rows have dcn in them, want 5 of 25", got)
	}
	tab("summary Columns")
	press(kb.Enter)
	shown := `document.querySelector("#board th[data-key='train.seconds']").hidden`
	for range 40 {
		press(kb.Tab)
		if browse.Get[bool](t, ctx, `document.activeElement.parentElement.textContent.startsWith("Training time")`) {
			break
		}
	}
	press(" ")
	if !browse.Get[bool](t, ctx, shown) {
		t.Error("Space takes no column away")
	}
	press(kb.Escape)
	if got := at(); got != "summary Columns" {
		t.Errorf("after Escape the focus is on %s", got)
	}
	tab("button Variant")
	press(kb.Enter)
	before := first()
	press(" ")
	if after := first(); after == before || browse.Get[string](t, ctx, `document.querySelector("#board [aria-sort]").ariaSort`) != "descending" {
		t.Errorf("Space does not turn the order: %s, %s", before, after)
	}
	tab("button CSV")
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
}

func many25() *store.Report { return many(25).report() }
