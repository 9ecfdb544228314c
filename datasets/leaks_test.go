package datasets

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// labelled are n rows of Criteo's format that differ in C1 and have a label each.
func labelled(n int, label func(i int) int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(fmt.Sprint(label(i)) + criteoCategory(1, fmt.Sprintf("%x", i%7))[1:])
	}
	return b.String()
}

func warningsOf(t *testing.T, change func(*Criteo)) []string {
	t.Helper()
	s, err := openCriteoWith(t, change)
	if err != nil {
		t.Fatal(err)
	}
	return s.About().Warnings
}

// Of 100 rows that alternate no tenth differs from another; sorted ones differ by all.
func TestCriteoWarnsOfOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int
		label func(i int) int
		want  []string
	}{
		{"alternating", 1000, func(i int) int { return i % 2 }, nil},
		{"drifting", 1000, func(i int) int { return min(1, i%(4+i/500)) ^ 1 }, nil}, // a quarter, then a fifth
		{"sorted", 1000, func(i int) int { return i / 700 },
			[]string{"rows are in an order of labels: of ten equal parts of train one has a label rate of 0.000 and another of 1.000"}},
		{"of one label", 1000, func(int) int { return 0 }, nil},
		{"few", 60, func(i int) int { return i / 30 }, nil},
	} {
		folder(t, map[string]string{"day.tsv": labelled(c.n, c.label)})
		got := warningsOf(t, func(o *Criteo) {
			o.Path, o.Split = Paths{"day.tsv"}, &FileSplit{Kind: "order", Fractions: []float64{1, 0, 0}}
		})
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: warnings are %q, want %q", c.name, got, c.want)
		}
	}
}

// C1 is a row's own number in train and test; the other fields are empty.
func TestCriteoWarnsOfUnseen(t *testing.T) {
	const own = "most values in test are in no row of train, and say nothing there: of the field C1 (100.0 %)"
	for _, c := range []struct {
		fit  string
		want []string
	}{
		{"train", []string{own}},
		{"all", []string{own, `vocabularies have the values of all rows, as fit = "all" asks: 100 of 2,600 in test are in no row of train, and have ids that are never trained`}},
	} {
		folder(t, map[string]string{"train.tsv": clicks(0, 1000), "valid.tsv": "1" + clicks(0, 1)[1:], "test.tsv": clicks(2000, 100)})
		got := warningsOf(t, func(o *Criteo) {
			o.Train, o.Valid, o.Test, o.Fit = Paths{"train.tsv"}, Paths{"valid.tsv"}, Paths{"test.tsv"}, c.fit
		})
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: warnings are %q, want %q", c.fit, got, c.want)
		}
	}
}
