package serve

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report"
)

// A page is an experiment's report as it was drawn.
type page struct {
	shape string // of the experiment, then
	body  []byte
	drawn time.Time
	took  time.Duration
}

// Figures take the processor that trials train on: a page is drawn anew after so many times as long as drawing it took.
const rest = 9

// pagesAtMost are kept.
const pagesAtMost = 8

// present is the page of an experiment that is to be shown, nil where it has to be drawn: of an older state, while it rests.
func (h *Handler) present(l *store.Live) *page {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.pages[l.Experiment.ID]
	if !ok || p.shape != l.Shape && h.now().Sub(p.drawn) > rest*p.took {
		return nil
	}
	return &p
}

// draw draws the page of an experiment, unless another request has done so meanwhile.
func (h *Handler) draw(r *http.Request, l *store.Live) (*page, error) {
	h.drawing.Lock()
	defer h.drawing.Unlock()
	if p := h.present(l); p != nil {
		return p, nil
	}
	if err := r.Context().Err(); err != nil { // nobody waits any more
		return nil, err
	}
	h.mu.Lock()
	began := h.now()
	all, err := h.db.Report(l.Experiment.Name)
	h.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if h.Scores != nil {
		report.Draw(all, "", h.Scores)
	}
	body, err := report.Page(all)
	if err != nil {
		return nil, err
	}
	p := page{l.Shape, body, h.now(), h.now().Sub(began)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pages[l.Experiment.ID] = p
	for len(h.pages) > pagesAtMost {
		var oldest int64
		for id := range h.pages {
			if oldest == 0 || h.pages[id].drawn.Before(h.pages[oldest].drawn) {
				oldest = id
			}
		}
		delete(h.pages, oldest)
	}
	return &p, nil
}

// report answers with the page alone.
func (h *Handler) report(w http.ResponseWriter, r *http.Request) { h.show(w, r, false) }

// experiment answers with the page and its strip.
func (h *Handler) experiment(w http.ResponseWriter, r *http.Request) { h.show(w, r, true) }

func (h *Handler) show(w http.ResponseWriter, r *http.Request, live bool) {
	id, err := idOf(r)
	if err != nil {
		h.fail(w, err)
		return
	}
	number := strconv.FormatInt(id, 10)
	strip, err := h.answer("/experiments/"+number+"/live", id, "text/html", makeStrip)
	if err != nil {
		h.fail(w, err)
		return
	}
	if now := strip.live.Experiment.ID; now != id { // the plan has changed
		http.Redirect(w, r, "/experiments/"+strconv.FormatInt(now, 10), http.StatusFound)
		return
	}
	shape := strip.live.Shape
	p := h.present(strip.live)
	if p != nil {
		shape = p.shape
	}
	tagged := shape
	if live {
		tagged += "-" + strip.shape
	}
	a := answer{kind: "text/html", shape: tagged}
	if p == nil && r.Method == http.MethodGet && !matches(r, tag(h.start, tagged)) {
		if p, err = h.draw(r, strip.live); err != nil {
			h.fail(w, err)
			return
		}
	}
	if p != nil {
		a.body = p.body
		if live {
			a.body = p.with(strip.body)
		}
	}
	w.Header().Set("Report", shape)
	a.send(w, r, h.start)
}

// with puts the strip above the report.
func (p page) with(strip []byte) []byte {
	head, rest, ok := bytes.Cut(p.body, []byte("</head>"))
	before, after, found := bytes.Cut(rest, []byte(`<main id="report">`))
	if !ok || !found {
		panic("serve: the page has no head or no report")
	}
	return bytes.Join([][]byte{head, []byte(links), before, strip, []byte("\n<main id=\"report\" data-shape=\"" + p.shape + `">`), after}, nil)
}

const links = `<link rel="stylesheet" href="/live.css">
<script src="/live.js" defer></script>
</head>`
