// False-alarms finds out how often ctrlab check --against cries wolf, and how often it decides nothing: it links the same source again and again
// with another layout (-ldflags=-randlayout=N), so that programs differ and nothing else does, and checks each against the first, with both
// shortcuts off. Then it draws rounds of those that were recorded, with replacement, and checks these.
//
//	go run .ci/false-alarms.go -for 1h -draws 300 -out results/false-alarms -- --subjects kernel/mul,train/dlrm
//
// What follows -- is given to ctrlab check. Without -for it draws from what is in -out already. Try it once more beside a process that loads a core.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ctrlab/report/check"
)

func main() {
	length := flag.Duration("for", 0, "check for so long")
	draws := flag.Int("draws", 300, "check so many samples of the recorded rounds")
	dir := flag.String("out", "results/false-alarms", "keep reports in `DIR`")
	flag.Parse()
	if err := run(*length, *draws, *dir, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "false-alarms:", err)
		os.Exit(1)
	}
}

func run(length time.Duration, draws int, dir string, args []string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if length > 0 {
		if err := measure(length, dir, args); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "check-*.json"))
	if err != nil {
		return err
	}
	tally := map[check.Verdict]int{}
	var rounds []check.Round
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var r check.Report
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		tally[r.Verdict]++
		if r.Rounds != nil {
			rounds = append(rounds, r.Rounds.First...)
		}
	}
	show("checks", tally)
	if len(rounds) == 0 {
		return errors.New("no rounds are recorded")
	}
	show("draws", draw(rounds, draws))
	return nil
}

// measure checks programs of another layout, one after the other.
func measure(length time.Duration, dir string, args []string) error {
	temporary, err := os.MkdirTemp("", "false-alarms-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	base, head := filepath.Join(temporary, "base"), filepath.Join(temporary, "head")
	if err := link(base, 1); err != nil {
		return err
	}
	for n, began := 2, time.Now(); time.Since(began) < length; n++ {
		if err := link(head, n); err != nil {
			return err
		}
		cmd := exec.Command(base, append([]string{"check", "--json", "--db", "", "--shortcuts=false", "--base", base, "--head", head}, args...)...)
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		var r check.Report
		if bad := json.Unmarshal(text, &r); bad != nil {
			return errors.Join(err, bad)
		}
		fmt.Printf("layout %d: %s\n", n, r.Verdict)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("check-%s-%d.json", began.Format("20060102-150405"), n)), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

func link(file string, layout int) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", fmt.Sprintf("-ldflags=-randlayout=%d", layout), "-o", file, "./cmd/ctrlab")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// draw checks samples of rounds that have all subjects.
func draw(rounds []check.Round, n int) map[check.Verdict]int {
	subjects := slices.Sorted(maps.Keys(rounds[0].Head[0]))
	rounds = slices.DeleteFunc(rounds, func(r check.Round) bool { return !slices.Equal(slices.Sorted(maps.Keys(r.Head[0])), subjects) })
	random, tally := rand.New(rand.NewPCG(1, 2)), map[check.Verdict]int{}
	take := func(subjects []string) *check.Timing {
		t := check.NewTiming(subjects, 0.05, check.Looks)
		for t.Wants() > 0 {
			for len(t.Rounds) < t.Wants() {
				t.Rounds = append(t.Rounds, rounds[random.IntN(len(rounds))])
			}
			t.Look()
		}
		return t
	}
	for range n {
		t := take(subjects)
		var fresh *check.Timing
		if again := t.Regressed(); len(again) > 0 {
			fresh = take(again)
		}
		var r check.Report
		r.Add(t.Findings(fresh)...)
		tally[r.Verdict]++
	}
	return tally
}

func show(what string, tally map[check.Verdict]int) {
	total, words := 0, []string{}
	for _, v := range slices.Sorted(maps.Keys(tally)) {
		total += tally[v]
		words = append(words, fmt.Sprintf("%d %s", tally[v], v))
	}
	fmt.Printf("%d %s: %s\n", total, what, strings.Join(words, ", "))
}
