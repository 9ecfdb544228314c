// Command ctrlab trains, compares and reports feature-interaction models; package cli has its commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"ctrlab/cmd/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
