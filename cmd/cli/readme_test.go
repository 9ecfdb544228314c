package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every ctrlab command in README's shell blocks is planned, on small files of the names that it gives; those of data are run;
// bench, which measures for a minute, shows its help.
func TestReadmeCommands(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "experiments"), os.DirFS("../../experiments")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	samples(t)
	found := 0
	for line := range strings.Lines(shellBlocks(string(readme))) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "go run ./cmd/ctrlab ")
		if !ok {
			continue
		}
		found++
		args := strings.Fields(rest)
		want := "trials"
		switch args[0] {
		case "run":
			args[0] = "plan"
		case "bench":
			args, want = append(args, "--help"), "throughput"
		case "data":
			want = map[string]string{"fetch": "ml-1m", "generate": "100k rows", "prepare": "made results/cache/", "describe": "LABEL RATE"}[args[1]]
		}
		var out, errs strings.Builder
		if status := Main(context.Background(), args, &out, &errs); status != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%s ends with %d:\n%s%s", line, status, out.String(), errs.String())
		}
	}
	if found < 4 {
		t.Errorf("%d commands found in README, want those of the quick start, Criteo and MovieLens", found)
	}
}

// shellBlocks returns the text of the ```sh blocks.
func shellBlocks(text string) string {
	var out strings.Builder
	for _, part := range strings.Split(text, "```sh\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		out.WriteString(block)
	}
	return out.String()
}

// samples writes rows in Criteo's format and ratings in that of ml-100k, under the names that README uses.
func samples(t *testing.T) {
	var clicks, ratings strings.Builder
	for i := range 40 {
		fmt.Fprintf(&clicks, "%d%s%s\n", i%2, strings.Repeat(fmt.Sprintf("\t%d", i), 13), strings.Repeat(fmt.Sprintf("\t%08x", i%5), 26))
		fmt.Fprintf(&ratings, "%d\t%d\t%d\t88%d\n", i%7+1, i%9+1, i%5+1, i)
	}
	if err := os.Mkdir("ml-100k", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"train.tsv.gz": clicks.String(), "test.tsv.gz": clicks.String(), // gzip is told by content: plain is fine
		"ml-100k/u1.base": ratings.String(), "ml-100k/u1.test": ratings.String(),
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
