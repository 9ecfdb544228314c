package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"ctrlab/report/serve"
)

// farewell is how long answers under way may take after Ctrl-C.
const farewell = 3 * time.Second

func serving(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	addr := f.String("addr", "127.0.0.1:8080", "listen at `HOST:PORT`; port 0 is any that is free")
	public := f.Bool("public", false, "let --addr be one that other machines reach: whoever does sees all of the database, without a password")
	return func(ctx context.Context, a *app, args []string) error {
		if len(args) > 0 {
			return usage("serve: %q is too much; the experiments are all those of --db", args[0])
		}
		host, err := hostOf(*addr, *public)
		if err != nil {
			return err
		}
		hosts := []string{host}
		if name, err := os.Hostname(); err == nil && *public {
			hosts = append(hosts, name)
		}
		h, err := serve.New(*db, time.Now, hosts...)
		if err != nil {
			return err
		}
		defer h.Close()
		h.Scores = scoresBeside(*db)
		l, err := listen(*addr)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s at http://%s/ until Ctrl-C\n", *db, l.Addr())
		if *public {
			fmt.Fprintln(a.stderr, "ctrlab: warning: whoever reaches this address sees all of the database")
		}
		return serveUntil(ctx, h, l)
	}
}

// hostOf is the host of an address, which only public may be one that other machines reach.
func hostOf(addr string, public bool) (string, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", usage("--addr is %q, want HOST:PORT such as 127.0.0.1:8080", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !public {
		return "", usage("--addr is %q, which other machines reach: whoever does sees all of the database, without a password; --public allows it", addr)
	}
	return host, nil
}

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	var at *net.OpError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, environment(fmt.Errorf("--addr %s is in use by another program; 127.0.0.1:0 takes a port that is free", addr))
	case errors.As(err, &at):
		return nil, environment(fmt.Errorf("--addr %s: %w", addr, at.Err))
	}
	return l, environment(err)
}

// serveUntil answers until ctx ends; then it lets answers under way go out.
func serveUntil(ctx context.Context, h http.Handler, l net.Listener) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 16,
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return environment(err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := s.Shutdown(last); err != nil {
		return environment(s.Close())
	}
	return nil
}
