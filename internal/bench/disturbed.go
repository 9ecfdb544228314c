package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Where a measurement counts as disturbed.
const (
	mostSpread = 0.15 // of the middle half of the rounds, as a share of the median
	mostStolen = 0.02 // of the cores' time, by the machine's host
	mostOthers = 0.10 // of a core, by other processes
)

// usage is seconds of the processors: by the clock, stolen by the host, and worked, by all processes and by this one.
type usage struct{ wall, stolen, all, own float64 }

// now returns the usage so far; what the system does not tell is 0.
func now() usage {
	u := usage{wall: float64(time.Now().UnixNano()) / 1e9}
	stat, _ := os.ReadFile("/proc/stat")
	u.all, u.stolen = worked(string(stat))
	self, _ := os.ReadFile("/proc/self/stat")
	u.own = spent(string(self))
	return u
}

// tick is the unit of /proc/stat, in seconds, on every Linux that Go runs on.
const tick = 0.01

// worked reads the first line of /proc/stat: user nice system idle iowait irq softirq steal ….
func worked(stat string) (all, stolen float64) {
	line, _, _ := strings.Cut(stat, "\n")
	f := strings.Fields(line)
	if len(f) < 9 || f[0] != "cpu" {
		return 0, 0
	}
	at := func(i int) float64 { x, _ := strconv.ParseFloat(f[i], 64); return x * tick }
	return at(1) + at(2) + at(3) + at(6) + at(7), at(8)
}

// spent reads the line of a process: its number, its name in brackets, its state, …, user time, system time, ….
func spent(stat string) float64 {
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) * tick
}

// add adds what happened from one usage to another.
func (u usage) add(from, to usage) usage {
	return usage{u.wall + to.wall - from.wall, u.stolen + to.stolen - from.stolen, u.all + to.all - from.all, u.own + to.own - from.own}
}

// disturbances says in words what makes rounds doubtful: u is what they took together, on a number of cores.
func disturbances(rates []float64, u usage, cores int) []string {
	var out []string
	if n := len(rates); n > 3 {
		half := spread(rates)
		if half > mostSpread {
			out = append(out, fmt.Sprintf("rounds %.0f %% apart", 100*half))
		}
	}
	if u.wall <= 0 {
		return out
	}
	if s := u.stolen / u.wall / float64(cores); s > mostStolen {
		out = append(out, fmt.Sprintf("%.0f %% stolen", 100*s))
	}
	if s := (u.all - u.own) / u.wall; s > mostOthers {
		out = append(out, fmt.Sprintf("others used %.1f cores", s))
	}
	return out
}
