// Package serve shows a store's experiments in a browser while they run: a Handler over a database that it only reads.
//
// Above the page of report, as it is, stands a strip of what runs, waits and failed. The browser asks for both again and
// again with the ETag of what it has; they are made anew only after the database has changed. The paths:
//
//	/                       the experiments
//	/experiments/ID         an experiment's page with its strip; ID is the row's, so that no name is ever part of a path
//	/experiments/ID/live    the strip alone
//	/experiments/ID/report  the page alone, whole in itself
//	/api/experiments        the experiments as JSON
//	/api/experiments/ID     the strip as JSON
package serve

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report"
)

//go:embed live.css live.js
var assets embed.FS

// Handler answers for one database. Its methods may be called from several goroutines at once.
type Handler struct {
	Scores report.Scores // reads what models said of test; nil: pages do without

	path  string
	now   func() time.Time
	hosts []string // names that a request may be for, beside addresses
	mux   *http.ServeMux
	start string // sets apart the ETags of another program

	mu    sync.Mutex // of what follows
	db    *store.Store
	pulse string
	known map[string]answer // by path, of this pulse or still resting

	drawing sync.Mutex // one page at a time; taken before mu
	pages   map[int64]page
}

// An answer is what a path has.
type answer struct {
	kind  string
	body  []byte
	live  *store.Live // of an experiment's paths
	shape string      // of the ETag
	pulse string      // of the database, when it was made
	made  time.Time
	took  time.Duration
}

// New opens the database at path. A request must be for an address, for localhost or for one of hosts: that a foreign page's
// name leads here (DNS rebinding) does not open it.
func New(path string, now func() time.Time, hosts ...string) (*Handler, error) {
	h := &Handler{path: path, now: now, hosts: append(hosts, "localhost"), mux: http.NewServeMux(),
		start: strconv.FormatInt(now().UnixNano(), 36), pages: map[int64]page{}}
	var err error
	if h.db, err = store.OpenRead(path); err != nil {
		return nil, err
	}
	h.mux.HandleFunc("/{$}", h.list)
	h.mux.HandleFunc("/live", h.view("text/html", h.makeList))
	h.mux.HandleFunc("/experiments/{id}", h.experiment)
	h.mux.HandleFunc("/experiments/{id}/live", h.view("text/html", makeStrip))
	h.mux.HandleFunc("/experiments/{id}/report", h.report)
	h.mux.HandleFunc("/api/experiments", h.view("application/json", h.listJSON))
	h.mux.HandleFunc("/api/experiments/{id}", h.view("application/json", stripJSON))
	for _, name := range []string{"live.css", "live.js"} {
		h.mux.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, assets, name) })
	}
	h.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		h.refuse(w, http.StatusNotFound, "There is nothing here.")
	})
	return h, nil
}

// Close lets go of the database.
func (h *Handler) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.db.Close()
}

// ServeHTTP implements http.Handler: GET and HEAD, for hosts that are ours.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Security-Policy", policy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Cache-Control", "private, no-cache")
	switch {
	case !h.ours(r.Host):
		h.refuse(w, http.StatusMisdirectedRequest, "This server does not answer for that host name.")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		head.Set("Allow", "GET, HEAD")
		h.refuse(w, http.StatusMethodNotAllowed, "This server only shows: GET and HEAD.")
	default:
		h.mux.ServeHTTP(w, r)
	}
}

// policy lets a page have what is in it and this server's own files; styles also in attributes, which figures have.
var policy = fmt.Sprintf("default-src 'none'; script-src 'self' 'sha256-%s'; style-src 'self' 'unsafe-inline'; img-src data: blob:; "+
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", scriptHash())

func scriptHash() string {
	sum := sha256.Sum256([]byte("\n" + report.Script() + "\n")) // as it stands between its tags
	return base64.StdEncoding.EncodeToString(sum[:])
}

// view answers with what render makes of the experiment of the path, or of the database where the path has none.
func (h *Handler) view(kind string, render func(*store.Live) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := idOf(r)
		if err != nil {
			h.fail(w, err)
			return
		}
		a, err := h.answer(r.URL.Path, id, kind, render)
		if err != nil {
			h.fail(w, err)
			return
		}
		a.send(w, r, h.start)
	}
}

// idOf is the path's experiment, 0 where the path has none.
func idOf(r *http.Request) (int64, error) {
	text := r.PathValue("id")
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, fmt.Errorf("experiment: %w", fs.ErrNotExist)
	}
	return id, nil
}

// rests says whether an answer stands although the database has changed: like pages it is made anew after so many times as long
// as making it took.
func (h *Handler) rests(a answer) bool { return h.now().Sub(a.made) < rest*a.took }

// answer returns what a path has at present, made once for as long as the database stays as it is.
func (h *Handler) answer(path string, id int64, kind string, render func(*store.Live) ([]byte, error)) (a answer, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.refresh(); err != nil {
		return a, err
	}
	a, ok := h.known[path]
	if ok && (a.pulse == h.pulse || h.rests(a)) {
		return a, nil
	}
	began := h.now()
	a = answer{kind: kind, pulse: h.pulse}
	if id > 0 {
		if a.live, err = h.db.Live(id); err != nil {
			return a, err
		}
	}
	if a.body, err = render(a.live); err != nil {
		return a, err
	}
	sum := sha256.Sum256(a.body)
	a.shape = hex.EncodeToString(sum[:8])
	a.made, a.took = h.now(), h.now().Sub(began)
	h.known[path] = a
	return a, nil
}

// refresh forgets what is known of the database, and rests no more, if it has changed, and opens it again if it is another.
func (h *Handler) refresh() error {
	pulse, err := h.db.Pulse()
	if errors.Is(err, store.ErrReplaced) {
		db, err := store.OpenRead(h.path)
		if err != nil {
			return err
		}
		_ = h.db.Close()
		h.db, h.known, h.pages = db, nil, map[int64]page{}
		pulse, err = h.db.Pulse()
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if h.known == nil {
		h.known = map[string]answer{}
	}
	if pulse != h.pulse {
		h.pulse = pulse
		maps.DeleteFunc(h.known, func(_ string, a answer) bool { return !h.rests(a) })
	}
	return nil
}

// send writes the answer, or that it is what the browser has.
func (a answer) send(w http.ResponseWriter, r *http.Request, start string) {
	w.Header().Set("Content-Type", a.kind+"; charset=utf-8")
	w.Header().Set("ETag", tag(start, a.shape))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.body))
}

func tag(start, shape string) string { return `"` + start + "-" + shape + `"` }

// matches says whether a request has what an ETag is of.
func matches(r *http.Request, etag string) bool {
	for _, t := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimSpace(t) == etag {
			return true
		}
	}
	return false
}

// fail tells what went wrong: of what does not exist no more than that.
func (h *Handler) fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist) && !errors.Is(err, store.ErrEnvironment):
		h.refuse(w, http.StatusNotFound, "There is no such experiment.")
	case errors.Is(err, store.ErrEnvironment):
		h.refuse(w, http.StatusServiceUnavailable, err.Error())
	default:
		h.refuse(w, http.StatusInternalServerError, err.Error())
	}
}

func (h *Handler) refuse(w http.ResponseWriter, status int, text string) {
	body, err := fill("refusal", struct{ Text string }{text})
	if err != nil {
		body = []byte(text)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
