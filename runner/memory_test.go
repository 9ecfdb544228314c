package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The least of the machine's memory and of the control groups above the process counts.
func TestMemoryLimit(t *testing.T) {
	const meminfo = "MemTotal:       8000000 kB\nMemFree: 1 kB\n" // 8,192,000,000 bytes
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no groups":           {nil, 8_192_000_000},
		"no limit":            {map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n"}, 8_192_000_000},
		"version 2":           {map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "3000000\n"}, 3_000_000},
		"a group above":       {map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "2000000\n", "sys/fs/cgroup/a/b/memory.max": "3000000\n"}, 2_000_000},
		"in a container":      {map[string]string{"proc/self/cgroup": "0::/outside\n", "sys/fs/cgroup/memory.max": "1000000\n"}, 1_000_000},
		"version 1":           {map[string]string{"proc/self/cgroup": "5:cpu:/\n4:memory:/a\n0::/\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "4000000\n"}, 4_000_000},
		"version 1, no limit": {map[string]string{"proc/self/cgroup": "4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n"}, 8_192_000_000},
	} {
		root := t.TempDir() + "/"
		for file, text := range c.files {
			write(t, root+file, text)
		}
		write(t, root+"proc/meminfo", meminfo)
		if got := memoryLimit(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(t, os.WriteFile(name, []byte(text), 0o644))
}

// A trial that no machine has room for is refused before anything runs, with the sum: 4 fields of 100 million ids with 1024
// numbers and a weight each are 1640.00 GB, and Adagrad has as much again.
func TestTooLarge(t *testing.T) {
	p := planOf(t, small, "data.rows_per_field=100000000", "data.fields=4", "model.embedding_dim=1024")
	s := newStore(t)
	_, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: fine})
	if err == nil || !strings.Contains(err.Error(), "small.toml: fm: training takes about 3280.0") || !strings.Contains(err.Error(), "optimiser 1640.00 GB") {
		t.Errorf("%v", err)
	}
	if l, _ := s.Experiments(); len(l) != 0 {
		t.Errorf("stored: %+v", l)
	}
}
