package runner

import (
	"os"
	"testing"
)

func TestProcessor(t *testing.T) {
	// Two CPUs as Linux on x86 shows them, cut short.
	const cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags\t\t: fpu sse2 fma avx avx2 bmi2\n\n" +
		"processor\t: 1\nmodel name\t: AMD EPYC 7B13\nflags\t\t: fpu sse2\n"
	if model, flags := processor(cpuinfo); model != "AMD EPYC 7B13" || flags != "sse2 avx fma bmi2 avx2" {
		t.Errorf("%q, %q", model, flags)
	}
	if model, flags := processor(""); model != "" || flags != "" {
		t.Errorf("of nothing: %q, %q", model, flags)
	}
}

func TestKilobytes(t *testing.T) {
	const status = "Name:\tctrlab\nVmPeak:\t  999 kB\nVmHWM:\t  12 kB\n"
	if n := kilobytes(status, "VmHWM:"); n != 12288 {
		t.Errorf("%d bytes, want 12288", n)
	}
	if n := kilobytes(status, "VmRSS:"); n != 0 {
		t.Errorf("%d bytes of what is not there", n)
	}
}

func TestPeakMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/clear_refs"); err != nil {
		t.Skip("the system does not let the peak be reset:", err)
	}
	touch := func(n int) {
		b := make([]byte, n)
		for i := 0; i < n; i += 4096 {
			b[i] = 1
		}
	}
	touch(256 << 20)
	before := peakMemory()
	resetPeak()
	if after := peakMemory(); after > before-128<<20 {
		t.Errorf("peak %d bytes, after a reset %d", before, after)
	}
}
