package runner

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"ctrlab/internal/train"
)

// Memory is about what training takes.
func (t *Trial) Memory() train.Memory { return train.MemoryOf(t.Cost, t.Train) }

// Room is how many bytes trials may take together: those of the machine, or of the process's group, without what the
// program and its data take already. It refuses a plan with a trial that alone takes more. 0 is an unknown machine.
func (p *Plan) Room() (int64, error) {
	have := memoryLimit("/")
	if have == 0 {
		return 0, nil
	}
	debug.FreeOSMemory()
	data := kilobytes(read("/proc/self/status"), "RssAnon:")
	trials := p.Trials
	for _, v := range p.Variants {
		trials = append(trials, v.ends...)
	}
	for _, t := range trials {
		if m := t.Memory(); m.Sum()+float64(data) > float64(have) {
			return 0, fmt.Errorf("%s: %s: training takes about %s of memory (%s), program and data %s; there are %s",
				p.Experiment.File, t.Label, gigabytes(m.Sum()), parts(m), gigabytes(float64(data)), gigabytes(float64(have)))
		}
	}
	return have - data, nil
}

func parts(m train.Memory) string {
	return fmt.Sprintf("parameters %s, optimiser %s, gradients %s, a batch %s",
		gigabytes(m.Parameters), gigabytes(m.Optimizer), gigabytes(m.Gradients), gigabytes(m.Batch))
}

func gigabytes(n float64) string { return strconv.FormatFloat(n/1e9, 'f', 2, 64) + " GB" }

// memoryLimit is the least of the machine's memory and of the limits of the process's control groups, those above them
// included; root is / but for tests. 0: it is not known.
func memoryLimit(root string) int64 {
	most := kilobytes(read(root+"proc/meminfo"), "MemTotal:")
	for line := range strings.Lines(read(root + "proc/self/cgroup")) { // hierarchy:controllers:path, of cgroups(7)
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(f) != 3:
		case f[1] == "": // version 2
			most = least(most, root+"sys/fs/cgroup", f[2], "memory.max")
		case f[1] == "memory":
			most = least(most, root+"sys/fs/cgroup/memory", f[2], "memory.limit_in_bytes")
		}
	}
	return most
}

// least is the least of most and the limits of a group and all above it. Within a container the path may be that of the
// outside, and the group's own files be at the mount; there is nothing at the path then.
func least(most int64, mount, group, file string) int64 {
	for {
		n, err := strconv.ParseInt(strings.TrimSpace(read(filepath.Join(mount, group, file))), 10, 64) // "max" is no limit
		if err == nil && (most == 0 || n < most) {
			most = n
		}
		if group == "/" || group == "." || group == "" {
			return most
		}
		group = filepath.Dir(group)
	}
}
