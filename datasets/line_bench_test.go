package datasets

import (
	"testing"

	"ctrlab/datasets/raw"
)

// BenchmarkLine is parsing alone.
func BenchmarkLine(b *testing.B) {
	adult := csvDefaults()
	adult.Label, adult.Positive, adult.Header = "15", []string{">50K"}, false
	adult.Dense, adult.Categorical = []string{"1", "5", "11", "12", "13"}, []string{"2", "4", "6", "7", "8", "9", "10", "14"}
	adult.Columns = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"}
	csv, err := adult.detect(nil)
	if err != nil {
		b.Fatal(err)
	}
	svm := LibSVM{Fields: FeatureFields{{Name: "f", Count: 10}}}
	svmLines, err := svm.detect(nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		format string
		lines  lines
		line   string
	}{
		{"avazu", avazuLines(), avazuRow},
		{"csv", csv, "39, State-gov, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, Male, 2174, 0, 40, United-States, <=50K"},
		{"libsvm", svmLines, "1 451:1 4149:1 5041:1 5046:1 5053:1 5055:1 5058:1 5064:1 5069:1 5149:1"},
	} {
		b.Run("format="+c.format, func(b *testing.B) {
			p, line := c.lines.Parser(), []byte(c.line)
			var rows raw.Rows
			b.SetBytes(int64(1000 * (len(line) + 1)))
			for b.Loop() {
				rows.Reset(c.lines.Layout)
				for range 1000 {
					if err := p.Parse(&rows, line); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
