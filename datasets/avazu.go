package datasets

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// Avazu are the options of train.csv of the Click-Through Rate Prediction challenge. As in BARS's Avazu_x4, id is left out,
// and the hour becomes three fields: hour of the day, day of the week and whether it is a weekend.
type Avazu struct {
	Files
	Steps
}

func avazuDefaults() Avazu { return Avazu{Files: Files{SplitSeed: 1}} }

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *Avazu) Check() error {
	if err := o.Steps.resolve("none"); err != nil {
		return err
	}
	return o.Files.resolve([]string{"order", "random", "time", "user", "leave-one-out", "k-fold"}, "end")
}

func openAvazu(ctx context.Context, env Env, o Avazu) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	return prepared(ctx, env, "avazu", 1, o, &o.Files, &o.Steps, func([]string) (lines, error) { return avazuLines(), nil })
}

// The columns of the file: the first three are an id, the label and the hour as YYMMDDHH in UTC.
const (
	avazuHeader = "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,app_category,device_id,device_ip," +
		"device_model,device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21"
	avazuFirst = 3
)

var avazuColumns = strings.Split(avazuHeader, ",")

// avazuLayout has the fields of the hour, then those of the columns after it.
func avazuLayout() raw.Layout {
	l := raw.Layout{Time: true}
	for _, name := range append([]string{"hour", "weekday", "is_weekend"}, avazuColumns[avazuFirst:]...) {
		l.Fields = append(l.Fields, raw.Field{Name: name, Key: raw.Text})
	}
	return l
}

func avazuLines() lines {
	l := avazuLayout()
	return lines{l, 0, func() text.Parser { return &avazuLine{row: newRecord(&l)} }}
}

type avazuLine struct {
	row  record
	hour string // the last one
	day  time.Time
}

// Parse leaves out a header, which parts of the file may lack.
func (p *avazuLine) Parse(rows *raw.Rows, line []byte) error {
	if string(line) == avazuHeader {
		return nil
	}
	if n := bytes.Count(line, []byte(",")) + 1; n != len(avazuColumns) {
		return fmt.Errorf("has %s, want %d: %s", counted(n, "column"), len(avazuColumns), strings.Join(avazuColumns[:avazuFirst], ", ")+" …")
	}
	_, rest, _ := bytes.Cut(line, []byte(","))
	label, rest, _ := bytes.Cut(rest, []byte(","))
	hour, rest, _ := bytes.Cut(rest, []byte(","))
	if len(label) != 1 || label[0] != '0' && label[0] != '1' {
		return fmt.Errorf("column 2 (click) is %s, want 0 or 1", quoted(label))
	}
	p.row.label = float32(label[0] - '0')
	if string(hour) != p.hour || p.hour == "" {
		day, err := time.Parse("06010215", string(hour))
		if err != nil || len(hour) != len("YYMMDDHH") {
			return fmt.Errorf("column 3 (hour) is %s, want an hour as YYMMDDHH", quoted(hour))
		}
		p.hour, p.day = string(hour), day
	}
	p.row.time = p.day.Unix()
	weekend := p.day.Weekday() == time.Saturday || p.day.Weekday() == time.Sunday
	p.row.keys[0] = namedKey(rows, 0, hour[6:])
	p.row.keys[1] = namedKey(rows, 1, []byte{byte('0' + p.day.Weekday())})
	p.row.keys[2] = namedKey(rows, 2, digit(weekend))
	var v []byte
	for i := avazuFirst; i < len(avazuColumns); i++ {
		if v, rest, _ = bytes.Cut(rest, []byte(",")); len(v) == 0 {
			p.row.keys[i] = raw.Missing
		} else {
			p.row.keys[i] = namedKey(rows, i, v)
		}
	}
	p.row.appendTo(rows)
	return nil
}

func digit(yes bool) []byte {
	if yes {
		return []byte("1")
	}
	return []byte("0")
}
