package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// What options mean stays: results that are stored are of these rows. The sums are those of the generator before it
// knew any option but these.
func TestSyntheticIsTheSameForever(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the sums are of amd64, where products and sums are rounded apart")
	}
	for _, c := range []struct{ name, src, identity, rows string }{
		{"defaults", "[data]\n",
			"042691a772d570ce747e478f036c65f50c93a4a2b50907c511824cf2cbe9d347",
			"b052bd4acdc31c9cb189e084114e2b4cdb4cca458916d213c5cf32738b8ef178"},
		{"mixed", mixed,
			"ee56d0e710add7021f6e9435afc67c1973f6ea1acc426c42f1d83e28786d0d29",
			"c3077bb0c5592bcba3450b444d225a26f40f174dabb9d37500a3a62fd348b42d"},
		{"clicks", "[data]\nrows = 3000\nfields = 26\ndense = 13\nrows_per_field = 100000\nzipf = 0.9\nbase_rate = 0.25\ntruth = [{ kind = 'linear' }, { kind = 'fm' }, { kind = 'parity' }]",
			"8c2bd816a9abb1ba8f4447b3ead285810491a6cfb58a7a0aecba4889639c7f63",
			"fff3eb7beecf77caa651d5c08c65471a3c6598ea5762fb851e15f06dd6de3076"},
		{"kinds", "[data]\nrows = 2000\nfields = 6\ndense = 1\ntruth = [{ kind = 'linear' }, { kind = 'fm', dim = 5 }, { kind = 'pairs' }, { kind = 'order3' }, { kind = 'order4' }, { kind = 'parity', order = 3 }, { kind = 'bilinear' }, { kind = 'mlp' }]",
			"6f93db60687eb9c5f77fae65090f7cb28b02bcdcc4bf1a386356dea90621c3d5",
			"def0e8fbecf27325f4d66cf5ea6e752d1822dc3b22ffb6e1f09041513c48a217"},
	} {
		o, err := decodeSynthetic(c.src)
		if err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, o)
		if c.name == "defaults" {
			o.Rows = 2000
		}
		if got := s.Identity(); got != c.identity {
			t.Errorf("%s: the identity is %s, want %s", c.name, got, c.identity)
		}
		sum := sha256.New()
		small := mustOpen(t, o)
		for split := range batch.Splits {
			for _, order := range []uint64{0, 9} {
				sum.Write([]byte(strings.Join(readRows(t, small, split, 100, order), "\n")))
			}
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != c.rows {
			t.Errorf("%s: the rows' sum is %s, want %s", c.name, got, c.rows)
		}
	}
}
