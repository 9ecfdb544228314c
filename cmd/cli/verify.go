package cli

import (
	"context"
	"flag"
	"fmt"

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
			t, err := trace.Read(file)
			if err != nil {
				worst = statusInput
				if *asJSON {
					out.write(refusal(file, err))
				} else {
					fmt.Fprintln(a.stderr, "ctrlab:", err)
				}
				continue
			}
			r := t.Verify(*tolerance)
			if !r.OK {
				worst = max(worst, statusFailed)
			}
			if *asJSON {
				out.write(r)
			} else if _, err := fmt.Fprintln(a.stdout, r); err != nil {
				return environment(err)
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

// refusal is the JSON of a trace that could not be replayed.
func refusal(file string, err error) map[string]any {
	return map[string]any{"trace": file, "ok": false, "logit": nil, "loss": nil, "grads": nil, "final": nil, "worst": nil, "error": err.Error()}
}
