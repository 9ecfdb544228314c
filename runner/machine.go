package runner

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"ctrlab/internal/bench"
	"ctrlab/internal/store"
	"ctrlab/internal/vec"
)

// environment describes the machine and the program. What /proc does not tell stays empty.
func environment(build, version string) store.Environment {
	cpu, flags := processor(read("/proc/cpuinfo"))
	e := store.Environment{
		Build: build, Version: version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpu, Features: flags, Kernels: vec.Kernels(), Cores: runtime.NumCPU(),
		Memory: kilobytes(read("/proc/meminfo"), "MemTotal:"),
	}
	e.ID = digest(e)
	return e
}

// features are the CPU flags that decide on kernels, now or in a version to come.
var features = []string{"sse2", "sse4_1", "avx", "f16c", "fma", "bmi2", "avx2", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "amx_tile"}

// processor reads the model and the features of the first CPU in cpuinfo.
func processor(cpuinfo string) (model, flags string) {
	for line := range strings.Lines(cpuinfo) {
		key, value, _ := strings.Cut(line, ":")
		switch key = strings.TrimSpace(key); {
		case key == "model name" && model == "":
			model = strings.TrimSpace(value)
		case key == "flags" && flags == "":
			has := strings.Fields(value)
			flags = strings.Join(slices.DeleteFunc(slices.Clone(features), func(f string) bool { return !slices.Contains(has, f) }), " ")
		}
	}
	return model, flags
}

// resetPeak gives freed memory back and makes the kernel forget how large the process has been.
func resetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where it cannot, peakMemory is the process's since its start
}

// peakMemory returns the most bytes that were resident since resetPeak, 0 where the system does not tell.
func peakMemory() int64 { return kilobytes(read("/proc/self/status"), "VmHWM:") }

// roofs measures briefly what the machine can do at most, on some threads, under the names of results.
func roofs(threads int) map[string]float64 {
	l := bench.Measure(threads)
	return map[string]float64{"roof.flops": l.FLOPs, "roof.bytes": l.Bytes, "roof.rows": l.Rows}
}

// kilobytes finds a line such as "VmHWM:  1234 kB" and returns bytes.
func kilobytes(text, key string) int64 {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == key && f[2] == "kB" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

func read(name string) string {
	b, _ := os.ReadFile(name)
	return string(b)
}
