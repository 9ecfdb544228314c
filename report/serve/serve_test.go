package serve

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

const hostile = `"><img src=x onerror=alert(1)>/../☃ ` + "\u202e\n" + `</script><script>alert(2)</script>'{{.}}`

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A suite is an experiment under way: fm is done with both seeds, dcn at its first, lr failed with it.
type suite struct {
	path    string
	db      *store.Store
	trials  []store.Trial
	running *store.Run
}

func newSuite(t *testing.T, name string, labels ...string) *suite {
	t.Helper()
	s := &suite{path: filepath.Join(t.TempDir(), "ctrlab.db")}
	var err error
	s.db, err = store.Open(s.path)
	must(t, err)
	t.Cleanup(func() { s.db.Close() })
	s.plan(t, name, "p1", labels...)
	s.end(t, 0, store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": 0.76, "valid.auc": 0.77, "train.examples_per_second": 1e6, "params": 9e4}})
	s.end(t, 1, store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": 0.762, "valid.auc": 0.772, "train.examples_per_second": 1.1e6, "params": 9e4}})
	s.end(t, 4, store.Outcome{State: store.Failed, Error: "the loss is NaN " + hostile, Log: "step 7: train.loss NaN " + hostile})
	s.running = s.begin(t, 2)
	s.learn(t, 2)
	return s
}

func (s *suite) plan(t *testing.T, name, digest string, labels ...string) {
	t.Helper()
	s.trials = nil
	for i, label := range labels {
		for seed := range uint64(2) {
			id := digest + string(rune('a'+2*i+int(seed)))
			s.trials = append(s.trials, store.Trial{ID: id, Label: label, Model: "fm", Variant: digest + label, Seed: seed + 1,
				Config: `{"data":{"source":"synthetic"},"model":{"name":"fm"},"train":{"epochs":1}}`, Dataset: "d1"})
		}
	}
	e := store.Experiment{Name: name, Question: "Why " + name + "?", File: "name = 1", PlanDigest: digest, Created: noon}
	data := []store.Dataset{{ID: "d1", Source: "synthetic", Options: "{}", Schema: `{"Dense":["d0"],"Sparse":[],"Rating":null}`, Rows: [3]int{800, 100, 100}}}
	must(t, s.db.SavePlan(&e, data, s.trials, "b1"))
}

func (s *suite) begin(t *testing.T, i int) *store.Run {
	t.Helper()
	r, _, err := s.db.Claim(store.Start{Trial: s.trials[i].ID, Environment: store.Environment{ID: "e1", Build: "b1", CPU: "one"}, Workers: 1, At: noon,
		Tick: time.Second, Lease: time.Minute})
	must(t, err)
	return r
}

func (s *suite) end(t *testing.T, i int, o store.Outcome) {
	t.Helper()
	r := s.begin(t, i)
	for step := 1; step <= 4 && o.State == store.Done; step++ {
		must(t, r.Record(metric.Point{Name: "valid.auc", Step: step, Examples: int64(100 * step), Seconds: float64(step), Value: 0.7 + 0.02*math.Sqrt(float64(step))}))
	}
	o.At = noon
	must(t, r.Finish(o))
}

// learn brings the run under way to an evaluation.
func (s *suite) learn(t *testing.T, steps int) {
	t.Helper()
	for step := 1; step <= steps; step++ {
		must(t, s.running.Record(metric.Point{Name: "valid.auc", Step: step, Examples: int64(100 * step), Seconds: 2 * float64(step), Value: 0.7 + 0.015*float64(step)}))
	}
	s.running.Progress(metric.Progress{Examples: int64(100 * steps), Total: 800, Loss: 0.5}, 50)
	must(t, s.running.Beat(noon.Add(time.Duration(steps)*time.Second), "alive"))
}

// clock is a time that a test turns.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T, path string, hosts ...string) (*Handler, *clock) {
	t.Helper()
	c := &clock{noon}
	h, err := New(path, c.now, hosts...)
	must(t, err)
	t.Cleanup(func() { h.Close() })
	return h, c
}

func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "127.0.0.1:8080"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var paths = []string{"/", "/live", "/experiments/1", "/experiments/1/live", "/experiments/1/report", "/api/experiments", "/api/experiments/1", "/live.css", "/live.js"}

func TestHeaders(t *testing.T) {
	h, _ := open(t, newSuite(t, "one", "fm", "dcn", "lr").path)
	for _, path := range append(slices.Clone(paths), "/nothing", "/experiments/9") {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"} {
			w := ask(h, method, path)
			want := http.StatusOK
			switch {
			case method != "GET" && method != "HEAD":
				want = http.StatusMethodNotAllowed
				if w.Header().Get("Allow") != "GET, HEAD" {
					t.Errorf("%s %s allows %q", method, path, w.Header().Get("Allow"))
				}
			case path == "/nothing" || path == "/experiments/9":
				want = http.StatusNotFound
			}
			if w.Code != want {
				t.Errorf("%s %s: status %d, want %d: %s", method, path, w.Code, want, w.Body)
			}
			for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Content-Security-Policy": policy} {
				if got := w.Header().Get(name); got != value {
					t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, value)
				}
			}
		}
	}
	if strings.Contains(strings.Split(policy, "style-src")[0], "unsafe") {
		t.Errorf("scripts are unsafe: %s", policy)
	}
}

// A page that a foreign name leads to could read all: the browser thinks that it is that name's own.
func TestHosts(t *testing.T) {
	h, _ := open(t, newSuite(t, "one", "fm", "dcn", "lr").path, "box")
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "127.0.0.1": 200, "localhost:1": 200, "LocalHost": 200, "[::1]:8080": 200, "192.168.1.7:80": 200, "box:8080": 200,
		"evil.example:8080": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "box.evil.example": 421, "": 421, "[::1": 200,
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/experiments", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %q: status %d, want %d", host, w.Code, want)
		}
	}
}

// There is no way from a path to a file or to a name.
func TestPaths(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	must(t, os.WriteFile(filepath.Join(filepath.Dir(s.path), "secret"), []byte("secret"), 0o666))
	h, _ := open(t, s.path)
	for _, path := range []string{
		"/secret", "/ctrlab.db", "/../secret", "/experiments/../../secret", "/experiments/%2e%2e/%2e%2e/secret", "/experiments/..%2f..%2fsecret",
		"/experiments/one", "/experiments/0", "/experiments/-1", "/experiments/01", "/experiments/+1", "/experiments/1%20", "/experiments/1%00", "/experiments/1;2",
		"/experiments/99999999999999999999", "/experiments/1/", "/experiments/1/index.html", "/live.js/../../secret", "/api/experiments/1/live", "/live.html", "//evil.example/",
		"/experiments/1%2flive",
	} {
		w := ask(h, "GET", "http://127.0.0.1"+path)
		for hops := 0; w.Code/100 == 3 && hops < 3; hops++ { // to the path without its dots
			to := w.Header().Get("Location")
			if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
				t.Fatalf("%s leads to %s", path, to)
			}
			w = ask(h, "GET", to)
		}
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: status %d, %q", path, w.Code, w.Body)
		}
	}
}

var element = regexp.MustCompile(`(?i)<(img|script>alert)|\{\{`)

func TestHostileNames(t *testing.T) {
	h, _ := open(t, newSuite(t, hostile, hostile, "dcn "+hostile, "lr"+hostile).path)
	for _, path := range paths {
		w := ask(h, "GET", path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
		}
		switch kind := w.Header().Get("Content-Type"); kind {
		case "text/html; charset=utf-8":
			for _, at := range element.FindAllStringIndex(w.Body.String(), -1) {
				if text := w.Body.String()[at[0]:]; !strings.HasPrefix(text, "{{.}}") { // as text it is harmless
					t.Errorf("%s: a name became an element: %.60q", path, text)
				}
			}
			if strings.Contains(w.Body.String(), "\u202e") {
				t.Errorf("%s: a name turns the text after it", path)
			}
		case "application/json; charset=utf-8":
			var v any
			must(t, json.Unmarshal(w.Body.Bytes(), &v))
			if first, ok := v.([]any); ok {
				v = first[0]
			}
			if got := v.(map[string]any)["name"]; got != hostile {
				t.Errorf("%s: name %q", path, got)
			}
		case "text/css; charset=utf-8", "text/javascript; charset=utf-8":
		default:
			t.Errorf("%s is %s", path, kind)
		}
	}
}

func TestJSON(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	h, _ := open(t, s.path)
	var x experiment
	must(t, json.Unmarshal(ask(h, "GET", "/api/experiments/1").Body.Bytes(), &x))
	if x.States != (states{Done: 2, Running: 1, Pending: 2, Failed: 1}) || len(x.Running) != 1 || len(x.Failures) != 1 || len(x.Waiting) != 2 {
		t.Fatalf("%+v", x)
	}
	// 200 of 800 examples at 50 a second: 12 s are left.
	if r := x.Running[0]; r.Label != "dcn" || r.Seed != 1 || r.Share != 0.25 || *r.Loss != 0.5 || *r.Rate != 50 || *r.Left != 12 || !r.Beat.Equal(noon.Add(2*time.Second)) {
		t.Errorf("running %+v", r)
	}
	if f := x.Failures[0]; f.Label != "lr" || f.Error != "the loss is NaN "+hostile || f.Log != "step 7: train.loss NaN "+hostile {
		t.Errorf("failed %+v", f)
	}
	if q := x.Waiting; q[0] != (queued{"dcn", 2}) || q[1] != (queued{"lr", 2}) {
		t.Errorf("waiting %+v", q)
	}
	// A process that is gone is seen though nothing is written.
	must(t, s.db.Close())
	must(t, json.Unmarshal(ask(h, "GET", "/api/experiments/1").Body.Bytes(), &x))
	if x.States.Lost != 1 || x.States.Running != 0 || !x.Running[0].Lost {
		t.Errorf("its process is gone: %+v", x)
	}
}

// Nothing is made twice, and nothing drawn, for who has what there is.
func TestETag(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	h, now := open(t, s.path)
	if w := ask(h, "HEAD", "/experiments/1"); w.Code != 200 || w.Header().Get("ETag") == "" || w.Body.Len() > 0 || len(h.pages) > 0 {
		t.Fatalf("HEAD: status %d, ETag %q, %d bytes, %d pages drawn", w.Code, w.Header().Get("ETag"), w.Body.Len(), len(h.pages))
	}
	if w := ask(h, "HEAD", "/experiments/1"); ask(h, "GET", "/experiments/1", "If-None-Match", w.Header().Get("ETag")).Code != http.StatusNotModified || len(h.pages) > 0 {
		t.Error("a page that the browser has was drawn")
	}
	tags := func() map[string]string {
		m := map[string]string{}
		for _, path := range paths {
			w := ask(h, "GET", path)
			m[path] = w.Header().Get("ETag")
			if again := ask(h, "GET", path, "If-None-Match", m[path]); m[path] != "" && (again.Code != http.StatusNotModified || again.Body.Len() > 0) {
				t.Errorf("%s: status %d with %d bytes for what the browser has", path, again.Code, again.Body.Len())
			}
		}
		return m
	}
	changed := func(before, after map[string]string) (l []string) {
		for _, path := range paths {
			if before[path] != after[path] {
				l = append(l, path)
			}
		}
		return l
	}
	first := tags()
	drawn := h.pages[1].drawn
	s.learn(t, 3)
	second := tags()
	if got, want := changed(first, second), []string{"/experiments/1", "/experiments/1/live", "/api/experiments/1"}; !slices.Equal(got, want) {
		t.Errorf("points change %v, want %v", got, want)
	}
	now.at = now.at.Add(time.Hour)
	tags()
	if h.pages[1].drawn != drawn {
		t.Error("points of a trial under way draw the report again, which does not show them")
	}
	must(t, s.running.Finish(store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": 0.8}, At: noon}))
	if got, want := changed(second, tags()), paths[:7]; !slices.Equal(got, want) {
		t.Errorf("a trial that is done changes %v, want %v", got, want)
	}
}

// Figures take the processor that trials train on: what took a second to draw is drawn again after nine.
func TestRest(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	h, now := open(t, s.path)
	ask(h, "GET", "/experiments/1")
	old := h.pages[1]
	h.pages[1] = page{old.shape, old.body, now.at, time.Second}
	must(t, s.running.Finish(store.Outcome{State: store.Done, Results: map[string]float64{"test.auc": 0.8}, At: noon}))
	for _, c := range []struct {
		after time.Duration
		fresh bool
	}{{time.Second, false}, {9 * time.Second, false}, {9*time.Second + 1, true}} {
		now.at = old.drawn.Add(c.after)
		w := ask(h, "GET", "/experiments/1/report")
		if fresh := w.Header().Get("Report") != old.shape; fresh != c.fresh || strings.Contains(w.Body.String(), "0.8000") != c.fresh {
			t.Errorf("after %v: fresh %v, want %v", c.after, fresh, c.fresh)
		}
	}
}

// A plan that has changed is another row: who looks at the old one is led to it.
func TestNewPlan(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	h, _ := open(t, s.path)
	s.plan(t, "one", "p2", "fm2")
	if w := ask(h, "GET", "/experiments/1"); w.Code != http.StatusFound || w.Header().Get("Location") != "/experiments/2" {
		t.Errorf("status %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := ask(h, "GET", "/experiments/1/live"); !strings.Contains(w.Body.String(), `data-src="/experiments/2/live"`) {
		t.Errorf("the strip goes on with %.200s", w.Body)
	}
}

func TestDatabase(t *testing.T) {
	if _, err := New(filepath.Join(t.TempDir(), "none.db"), time.Now); err == nil || !strings.Contains(err.Error(), "no database here; ctrlab run makes one") {
		t.Errorf("a database that is not there: %v", err)
	}
	s := newSuite(t, "one", "fm", "dcn", "lr")
	must(t, s.db.Close())
	before, err := os.ReadFile(s.path)
	must(t, err)
	h, _ := open(t, s.path)
	for _, path := range paths {
		ask(h, "GET", path)
	}
	after, err := os.ReadFile(s.path)
	must(t, err)
	if string(before) != string(after) {
		t.Error("the database was written to")
	}
	must(t, os.Rename(s.path, s.path+".away"))
	if w := ask(h, "GET", "/api/experiments"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "no database here any more") {
		t.Errorf("the database went: status %d, %s", w.Code, w.Body)
	}
	other := newSuite(t, "two", "fm", "dcn", "lr")
	must(t, other.db.Close())
	must(t, os.Rename(other.path, s.path))
	if w := ask(h, "GET", "/api/experiments"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"two"`) {
		t.Errorf("another database came: status %d, %s", w.Code, w.Body)
	}
}

// The whole works over a connection, also while another process writes.
func TestServer(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	h, err := New(s.path, time.Now)
	must(t, err)
	defer h.Close()
	server := httptest.NewServer(h)
	defer server.Close()
	done := make(chan error)
	go func() {
		var err error
		for i := range 50 {
			err = errors.Join(err, s.running.Beat(noon.Add(time.Duration(i)*time.Second), "alive"))
		}
		done <- err
	}()
	for range 20 {
		for _, path := range paths {
			answer, err := server.Client().Get(server.URL + path)
			must(t, err)
			if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("%s: %s, %v", path, answer.Status, err)
			}
			answer.Body.Close()
		}
	}
	must(t, <-done)
}

// A strip that took a second to make, as of many thousand trials, stands for nine although points come.
func TestStripRests(t *testing.T) {
	s := newSuite(t, "one", "fm", "dcn", "lr")
	h, c := open(t, s.path)
	h.now = func() time.Time { c.at = c.at.Add(time.Second); return c.at }
	strip := func() string { return ask(h, "GET", "/experiments/1/live").Body.String() }
	first := strip()
	s.learn(t, 5)
	if strip() != first {
		t.Error("it was made anew at once")
	}
	c.at = c.at.Add(20 * time.Second)
	if strip() == first {
		t.Error("it was not made anew after its rest")
	}
}
