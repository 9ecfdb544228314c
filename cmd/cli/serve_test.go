package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctrlab/internal/store"
)

func emptySuite(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	s, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServeRefuses(t *testing.T) {
	db := emptySuite(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"--db " + db + ".none", statusInput, "no database here; ctrlab run makes one"},
		{"--db " + db + " --addr 0.0.0.0:0", statusInput, "which other machines reach: whoever does sees all of the database, without a password; --public allows it"},
		{"--db " + db + " --addr :0", statusInput, "--public allows it"},
		{"--db " + db + " --addr 192.0.2.1:0", statusInput, "--public allows it"},
		{"--db " + db + " --addr localhost.evil.example:0", statusInput, "--public allows it"},
		{"--db " + db + " --addr 8080", statusInput, "want HOST:PORT such as 127.0.0.1:8080"},
		{"--db " + db + " --addr " + busy.Addr().String(), statusEnvironment, "is in use by another program; 127.0.0.1:0 takes a port that is free"},
		{"--db " + db + " quickstart", statusInput, `"quickstart" is too much`},
	} {
		var out, errs bytes.Buffer
		if got := Main(t.Context(), append([]string{"serve"}, strings.Fields(c.args)...), &out, &errs); got != c.status || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit status %d, %q; want %d, %q", c.args, got, errs.String(), c.status, c.want)
		}
	}
}

// It says where it is, answers there, and ends with the context: what Ctrl-C does is no failure.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int)
	db := emptySuite(t)
	go func() {
		ended <- Main(ctx, []string{"serve", "--db", db, "--addr", "127.0.0.1:0"}, w, io.Discard)
		w.Close()
	}()
	line := make([]byte, 1000)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	words := strings.Fields(string(line[:n]))
	if len(words) < 3 || words[0] != db {
		t.Fatalf("it says %q", line[:n])
	}
	answer, err := http.Get(words[2])
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "no experiment yet") {
		t.Errorf("%s, %v: %s", answer.Status, err, body)
	}
	cancel()
	select {
	case status := <-ended:
		if status != statusDone {
			t.Errorf("exit status %d, want %d", status, statusDone)
		}
	case <-time.After(time.Minute):
		t.Error("it goes on")
	}
}
