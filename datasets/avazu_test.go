package datasets

import (
	"strings"
	"testing"
)

// The first row of the challenge's train.csv; 21 October 2014 was a Tuesday.
const avazuRow = "1000009418151094273,0,14102100,1005,0,1fbe01fe,f3845767,28905ebd,ecad2386,7801e8d9,07d7df22,a99f214a,ddd2926e,44956a24,1,2,15706,320,50,1722,0,35,-1,79"

func TestAvazu(t *testing.T) {
	const rest = " C1=1005 banner_pos=0 site_id=1fbe01fe site_domain=f3845767 site_category=28905ebd app_id=ecad2386 app_domain=7801e8d9 app_category=07d7df22" +
		" device_id=a99f214a device_ip=ddd2926e device_model=44956a24 device_type=1 device_conn_type=2 C14=15706 C15=320 C16=50 C17=1722 C18=0 C19=35 C20=-1 C21=79"
	saturday := strings.Replace(avazuRow, ",0,14102100,", ",1,14102523,", 1)
	missing := strings.Replace(avazuRow, "79", "", 1)
	for _, c := range []readCase{
		{"", avazuHeader + "\n" + avazuRow + "\n" + saturday + "\n", []string{
			"0 hour=00 weekday=2 is_weekend=0" + rest + " at 1413849600",
			"1 hour=23 weekday=6 is_weekend=1" + rest + " at 1414278000",
		}, ""},
		{"", avazuRow, []string{"0 hour=00 weekday=2 is_weekend=0" + rest + " at 1413849600"}, ""},
		{"", missing, []string{"0 hour=00 weekday=2 is_weekend=0" + strings.TrimSuffix(rest, "79") + "- at 1413849600"}, ""},
		{"", "id,hour\n", nil, "day:1: has 2 columns, want 24: id, click, hour …"},
		{"", strings.Replace(avazuRow, ",0,", ",2,", 1), nil, `day:1: column 2 (click) is "2", want 0 or 1`},
		{"", strings.Replace(avazuRow, "14102100", "14102124", 1), nil, `day:1: column 3 (hour) is "14102124", want an hour as YYMMDDHH`},
		{"", strings.Replace(avazuRow, "14102100", "1410213", 1), nil, `day:1: column 3 (hour) is "1410213", want an hour as YYMMDDHH`},
		{"", strings.Replace(avazuRow, "14102100", "", 1), nil, `day:1: column 3 (hour) is "", want an hour as YYMMDDHH`}, // once a panic
	} {
		c.check(t, avazuLines(), nil)
	}
}

func FuzzAvazu(f *testing.F) {
	f.Add([]byte(avazuRow))
	f.Add([]byte(avazuHeader))
	l := avazuLines()
	f.Fuzz(func(t *testing.T, line []byte) { fuzzLine(t, l, line) })
}
