package serve

import (
	"context"
	"flag"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ctrlab/internal/store"
)

var shots = flag.String("shots", "", "leave screenshots in this `folder`")

// browser opens a headless Chromium, and returns what its console has said so far beside what is quiet.
func browser(t *testing.T) (context.Context, func() []string) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no chromium is installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	var mu sync.Mutex
	var said []string
	say := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, text)
	}
	listen := func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			say(e.ExceptionDetails.Exception.Description)
		case *runtime.EventConsoleAPICalled:
			say(fmt.Sprint(e.Type, " ", e.Args))
		case *log.EventEntryAdded:
			say(e.Entry.Text + " " + e.Entry.URL)
		}
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(listen))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	must(t, err)
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, said...)
	}
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	must(t, chromedp.Do(ctx, steps...))
}

// sees waits until an expression of JavaScript is true.
func sees(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		body, _ := chromedp.Run(ctx, chromedp.Text("body"))
		t.Fatalf("%s never came true: %v; the page is\n%.3000s", expression, err, body)
	}
}

func get[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	must(t, err)
	return v
}

// shoot leaves a screenshot of the whole page at a width, light or dark.
func shoot(t *testing.T, ctx context.Context, name string, width int64, scheme string) {
	t.Helper()
	if *shots == "" {
		return
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	must(t, err)
	do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Sleep(300*time.Millisecond))
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.MkdirAll(*shots, 0o777))
	must(t, os.WriteFile(filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), png, 0o666))
}

func shootAll(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	shoot(t, ctx, name, 360, "light")
	shoot(t, ctx, name, 1280, "dark")
	shoot(t, ctx, name, 1280, "light")
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
	ctx, said := browser(t)
	do(t, ctx, chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible("main#live"))
	shootAll(t, ctx, "list")
	do(t, ctx, chromedp.Click("main#live h2 a"), chromedp.WaitVisible("#board"))
	if got, want := get[string](t, ctx, rows), "mf,deepfm,ffm,fm"; !strings.HasPrefix(got, want) {
		t.Errorf("the leaderboard is %s, want %s", got, want)
	}
	// The reader sorts, filters, opens what failed and scrolls.
	do(t, ctx, chromedp.Click(`#board th[data-key=variant] button`))
	do(t, ctx, chromedp.SendKeys("#leaderboard .tools input[type=search]", "fm"))
	do(t, ctx, chromedp.Click(".failure summary"))
	get[bool](t, ctx, `document.activeElement.blur(); scrollTo(0, 300); true`)
	if got, want := get[string](t, ctx, rows), "deepfm,ffm,fm,xdeepfm"; got != want {
		t.Errorf("sorted and filtered it is %s, want %s", got, want)
	}
	shape := get[string](t, ctx, `document.getElementById("report").dataset.shape`)
	figure := get[string](t, ctx, `document.querySelector("#live svg").outerHTML`)

	// Points come: the strip goes on, the report stays.
	s.learn(t, 5)
	sees(t, ctx, `document.querySelector("#live progress").value > 0.6`)
	if get[string](t, ctx, `document.querySelector("#live svg").outerHTML`) == figure {
		t.Error("the curve has not grown")
	}
	// The trial ends: the report comes anew, and has what the reader chose.
	must(t, s.running.Finish(store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": 0.8, "valid.auc": 0.8}, At: noon}))
	sees(t, ctx, `document.getElementById("report").dataset.shape !== "`+shape+`"`)
	if got, want := get[string](t, ctx, rows), "deepfm,ffm,fm,xdeepfm"; got != want {
		t.Errorf("after an update it is %s, want %s", got, want)
	}
	if !get[bool](t, ctx, `document.querySelector(".failure").open && document.querySelector("#live progress") === null`) {
		t.Error("what was open is closed, or what ran runs")
	}
	get[bool](t, ctx, `{ const f = document.querySelector("#leaderboard .tools input[type=search]"); f.value = ""; f.dispatchEvent(new Event("input")) }`)
	if got, want := get[string](t, ctx, rows), "dcn,deepfm,ffm,fm,lr,mf,xdeepfm"; got != want {
		t.Errorf("without the filter it is %s, want %s", got, want)
	}
	if top := get[float64](t, ctx, "scrollY"); math.Abs(top-300) > 200 {
		t.Errorf("the page scrolled to %v", top)
	}
	if wide := get[bool](t, ctx, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page scrolls sideways")
	}
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
	// The server ends: the page says so, and keeps what it has.
	server.CloseClientConnections()
	server.Close()
	sees(t, ctx, `document.querySelector(".trouble")?.textContent.includes("does not answer")`)
}

func TestBrowserHostileNames(t *testing.T) {
	s := newSuite(t, hostile, hostile, "dcn "+hostile, "lr"+hostile+strings.Repeat(" long", 60))
	h, _ := open(t, s.path)
	h.now = time.Now
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, said := browser(t)
	do(t, ctx, chromedp.Navigate(server.URL+"/experiments/1"), chromedp.WaitVisible("#board"))
	s.learn(t, 4)
	sees(t, ctx, `document.querySelector("#live progress").value > 0.4`)
	if get[bool](t, ctx, `document.querySelector("img") !== null || document.querySelectorAll("script:not([type])").length !== 2`) {
		t.Error("a name became an element")
	}
	shootAll(t, ctx, "hostile")
	do(t, ctx, chromedp.EmulateViewport(360, 800))
	if wide := get[float64](t, ctx, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %v wide on a phone", wide)
	}
	if x := said(); len(x) > 0 {
		t.Errorf("the console says %q", x)
	}
}
