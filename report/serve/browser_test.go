package serve

import (
	"context"
	"flag"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ctrlab/internal/store"
	"ctrlab/report/browse"
)

var shots = flag.String("shots", "", "leave screenshots in this `folder`")

// shoot leaves screenshots, light and dark, wide and of a phone.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if *shots != "" {
		must(t, os.MkdirAll(*shots, 0o777))
		browse.Shoot(t, ctx, filepath.Join(*shots, name))
	}
}

const rows = `[...document.querySelectorAll("#board tbody tr:not([hidden])")].map(r => r.cells[0].dataset.v).join()`

func TestBrowser(t *testing.T) {
	s := newSuite(t, "clicks", "fm", "dcn", "lr", "mf", "ffm", "deepfm", "xdeepfm")
	for i, auc := range []float64{0.79, 0.77, 0.78} { // mf, ffm, deepfm
		s.end(t, 6+2*i, store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": auc, "valid.auc": auc, "train.examples_per_second": 1e5 * float64(i+1), "params": 1e4}})
	}
	h, _ := open(t, s.path)
	h.now = time.Now
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, said := browse.Open(t)
	browse.Do(t, ctx, chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible("main#live"))
	shoot(t, ctx, "list")
	browse.Do(t, ctx, chromedp.Click("main#live h2 a"), chromedp.WaitVisible("#board"))
	if got, want := browse.Get[string](t, ctx, rows), "mf,deepfm,ffm,fm"; !strings.HasPrefix(got, want) {
		t.Errorf("the leaderboard is %s, want %s", got, want)
	}
	// The reader sorts, filters, opens what failed and scrolls.
	browse.Do(t, ctx, chromedp.Click(`#board th[data-key=variant] button`))
	browse.Do(t, ctx, chromedp.SendKeys("#leaderboard .tools input[type=search]", "fm"))
	browse.Do(t, ctx, chromedp.Click(".failure summary"))
	browse.Get[bool](t, ctx, `document.activeElement.blur(); scrollTo(0, 300); true`)
	if got, want := browse.Get[string](t, ctx, rows), "deepfm,ffm,fm,xdeepfm"; got != want {
		t.Errorf("sorted and filtered it is %s, want %s", got, want)
	}
	shape := browse.Get[string](t, ctx, `document.getElementById("report").dataset.shape`)
	figure := browse.Get[string](t, ctx, `document.querySelector("#live svg").outerHTML`)

	// Points come: the strip goes on, the report stays.
	s.learn(t, 5)
	browse.Sees(t, ctx, `document.querySelector("#live progress").value > 0.6`)
	if browse.Get[string](t, ctx, `document.querySelector("#live svg").outerHTML`) == figure {
		t.Error("the curve has not grown")
	}
	// The trial ends: the report comes anew, and has what the reader chose.
	must(t, s.running.Finish(store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": 0.8, "valid.auc": 0.8}, At: noon}))
	browse.Sees(t, ctx, `document.getElementById("report").dataset.shape !== "`+shape+`"`)
	if got, want := browse.Get[string](t, ctx, rows), "deepfm,ffm,fm,xdeepfm"; got != want {
		t.Errorf("after an update it is %s, want %s", got, want)
	}
	if !browse.Get[bool](t, ctx, `document.querySelector(".failure").open && document.querySelector("#live progress") === null`) {
		t.Error("what was open is closed, or what ran runs")
	}
	browse.Get[bool](t, ctx, `{ const f = document.querySelector("#leaderboard .tools input[type=search]"); f.value = ""; f.dispatchEvent(new Event("input")) }`)
	if got, want := browse.Get[string](t, ctx, rows), "dcn,deepfm,ffm,fm,lr,mf,xdeepfm"; got != want {
		t.Errorf("without the filter it is %s, want %s", got, want)
	}
	if top := browse.Get[float64](t, ctx, "scrollY"); math.Abs(top-300) > 200 {
		t.Errorf("the page scrolled to %v", top)
	}
	if wide := browse.Get[bool](t, ctx, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page scrolls sideways")
	}
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
	// The server ends: the page says so, and keeps what it has.
	server.CloseClientConnections()
	server.Close()
	browse.Sees(t, ctx, `document.querySelector(".trouble")?.textContent.includes("does not answer")`)
}

func TestBrowserHostileNames(t *testing.T) {
	s := newSuite(t, hostile, hostile, "dcn "+hostile, "lr"+hostile+strings.Repeat(" long", 60))
	h, _ := open(t, s.path)
	h.now = time.Now
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, said := browse.Open(t)
	browse.Do(t, ctx, chromedp.Navigate(server.URL+"/experiments/1"), chromedp.WaitVisible("#board"))
	s.learn(t, 4)
	browse.Sees(t, ctx, `document.querySelector("#live progress").value > 0.4`)
	if browse.Get[bool](t, ctx, `document.querySelector("img") !== null || document.querySelectorAll("script:not([type])").length !== 2`) {
		t.Error("a name became an element")
	}
	shoot(t, ctx, "hostile")
	browse.Do(t, ctx, chromedp.EmulateViewport(360, 800))
	if wide := browse.Get[float64](t, ctx, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %v wide on a phone", wide)
	}
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
}
