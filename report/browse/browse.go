// Package browse looks at pages in a headless Chromium, for tests.
package browse

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Open opens a Chromium that lives as long as the test, which is skipped where there is none. said returns what its console has
// said so far.
func Open(t *testing.T) (ctx context.Context, said func() []string) {
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
	var c console
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(c.listen))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	Call(t, ctx, log.Enable, cdp.Empty{})
	return ctx, c.all
}

// A console keeps what pages say.
type console struct {
	mu   sync.Mutex
	said []string
}

func (c *console) listen(e any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		c.said = append(c.said, e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		c.said = append(c.said, fmt.Sprint(e.Type, " ", e.Args))
	case *log.EventEntryAdded:
		c.said = append(c.said, e.Entry.Text+" "+e.Entry.URL)
	}
}

func (c *console) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.said...)
}

// Call gives the browser a command.
func Call[P, R any](t *testing.T, ctx context.Context, c cdp.Command[P, R], p P) R {
	t.Helper()
	r, err := chromedp.Call(ctx, c, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Do does steps.
func Do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// Sees waits until an expression of JavaScript is true.
func Sees(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		body, _ := chromedp.Run(ctx, chromedp.Text("body"))
		t.Fatalf("%s never came true: %v; the page is\n%.3000s", expression, err, body)
	}
}

// Get returns an expression's value.
func Get[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// View makes the window so wide, and the scheme light or dark.
func View(t *testing.T, ctx context.Context, width int64, scheme string) {
	t.Helper()
	Call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	Do(t, ctx, chromedp.EmulateViewport(width, 900))
}

// Shoot leaves pictures of the whole page in PNG files that begin with name, wide and as on a phone, light and dark.
func Shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"dark", "light"} {
			View(t, ctx, width, scheme)
			Do(t, ctx, chromedp.Sleep(300*time.Millisecond))
			png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(fmt.Sprintf("%s-%d-%s.png", name, width, scheme), png, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Downloads lets pages save files in dir.
func Downloads(t *testing.T, ctx context.Context, dir string) {
	t.Helper()
	Call(t, ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
}

//go:embed faults.js
var faults string

// Faults are what nobody should see on the page as it is shown: a page that scrolls sideways, text that does not stand out from what
// is behind it (WCAG 2 AA), and in figures text on text and text that is cut off.
func Faults(t *testing.T, ctx context.Context) []string {
	t.Helper()
	return Get[[]string](t, ctx, faults)
}
