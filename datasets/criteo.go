package datasets

import (
	"bytes"
	"context"
	"fmt"
)

// Criteo are the options of click logs in the format of the Criteo Display Advertising Challenge. Rows are made as
// the DLRM repository makes them: missing is 0, integers below 0 are 0, then ln(x+1); a table for each category.
// Unlike there, a table has the values of training rows only, and row 0 for all others.
type Criteo struct {
	Files
	Steps
	Recipe string `json:"recipe,omitempty"` // a name of recipes, whose keys are then the recipe's
}

const (
	criteoInts = 13
	criteoCats = 26
)

func criteoDefaults() Criteo { return Criteo{Files: Files{SplitSeed: 1}} }

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *Criteo) Check() error {
	if o.Recipe != "" {
		if err := follow(o.Recipe, &o.Files, &o.Steps); err != nil {
			return err
		}
	}
	if err := o.Steps.resolve("log1p"); err != nil {
		return err
	}
	return o.Files.resolve([]string{"order", "random", "user", "leave-one-out", "k-fold", "sevenths"}, "end")
}

func openCriteo(ctx context.Context, env Env, o Criteo) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	detect := func([]string) (lines, error) { return lines{criteoLayout(), 0, newCriteoLine}, nil }
	return prepared(ctx, env, "criteo", 2, o, &o.Files, &o.Steps, detect)
}

// integer reads a decimal integer of up to 18 digits; an empty one is 0.
func integer(v []byte) (x int64, ok bool) {
	digits, negative := bytes.CutPrefix(v, []byte("-"))
	if len(digits) > 18 || negative && len(digits) == 0 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		x = x*10 + int64(c-'0')
	}
	if negative {
		x = -x
	}
	return x, true
}
