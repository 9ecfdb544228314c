package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"ctrlab/internal/trace"
)

func verify(f *flag.FlagSet) func(context.Context, *app, []string) error {
	tolerance := f.Float64("tolerance", 2e-4, "the largest relative `ERROR` that is ok")
	asJSON := f.Bool("json", false, "print a JSON object a trace")
	return func(ctx context.Context, a *app, files []string) error {
		if !(*tolerance > 0) {
			return usage("verify: --tolerance is %g, want more than 0", *tolerance)
		}
		out := newLines(a.stdout)
		worst := statusDone
		for _, file := range files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r, err := verifyFile(file, *tolerance)
			switch {
			case err != nil && *asJSON:
				out.write(refusal(file, err))
			case err != nil:
				fmt.Fprintln(a.stderr, "ctrlab:", err)
			case *asJSON:
				out.write(r)
			default:
				fmt.Fprintln(a.stdout, r)
			}
			if err != nil {
				worst = statusInput
			} else if !r.OK {
				worst = max(worst, statusFailed)
			}
		}
		if out.err != nil {
			return environment(out.err)
		}
		if worst != statusDone {
			return exit{status: worst}
		}
		return nil
	}
}

func verifyFile(file string, tolerance float64) (trace.Result, error) {
	t, err := trace.Read(file)
	if err != nil {
		return trace.Result{}, err
	}
	r, err := t.Verify(tolerance)
	if err != nil && !strings.HasPrefix(err.Error(), file) {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return r, err
}

// refusal is the JSON of a trace that could not be replayed.
func refusal(file string, err error) map[string]any {
	return map[string]any{"trace": file, "ok": false, "logit": nil, "loss": nil, "grads": nil, "final": nil, "worst": nil, "error": err.Error()}
}
