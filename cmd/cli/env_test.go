package cli

import "testing"

func TestSize(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64 // 0: refused
	}{
		{"4GB", 4_000_000_000}, {"4g", 4_000_000_000}, {"1.5 GB", 1_500_000_000}, {"512MiB", 512 << 20}, {"2Ti", 2 << 40},
		{"100kB", 100_000}, {"4096", 4096}, {"10b", 10},
		{"", 0}, {"GB", 0}, {"0", 0}, {"-1GB", 0}, {"4GBs", 0}, {"4 4GB", 0}, {"1e9", 0}, {"99999999TB", 0},
	} {
		var s size
		if err := s.Set(c.text); int64(s) != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q is %d, %v; want %d", c.text, s, err, c.want)
		}
	}
}
