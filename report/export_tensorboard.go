package report

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// TensorBoard writes event files for TensorBoard, a folder a trial that is done, and says how many: its points, and at the last step its results.
// Tags have a slash where names have a dot. The wall time of a point is the experiment's with the seconds of training.
func TensorBoard(dir string, r *store.Report) (runs int, err error) {
	series := map[string][]store.Series{}
	for _, x := range r.Series {
		series[x.Trial] = append(series[x.Trial], x)
	}
	taken := map[string]bool{}
	for _, t := range r.Trials {
		if t.State != store.Done {
			continue
		}
		folder := filepath.Join(dir, folderName(t, taken))
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return runs, err
		}
		began := float64(r.Experiment.Created.Unix())
		file := fmt.Sprintf("events.out.tfevents.%d.ctrlab", int64(began))
		if err := replace(filepath.Join(folder, file), events(t, series[t.ID], began)); err != nil {
			return runs, err
		}
		runs++
	}
	return runs, nil
}

// folderName is a trial's: its label as far as a file may be called so, and its seed. No two are the same, also where case does not count.
func folderName(t store.Trial, taken map[string]bool) string {
	name := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(" .,=+-_()", c) {
			return c
		}
		return '_'
	}, clip(strings.Join(strings.Fields(t.Label), " "), 60))
	name = strings.TrimLeft(name, ".")
	if t.Repeat > 0 {
		name += fmt.Sprintf(" repeat %d", t.Repeat)
	}
	name = fmt.Sprintf("%s seed %d", name, t.Seed)
	if key := strings.ToLower(name); !taken[key] {
		taken[key] = true
		return name
	}
	return fmt.Sprintf("%s %.12s", name, t.ID)
}

// events is an event file: a record that says its version, and one a value.
func events(t store.Trial, series []store.Series, began float64) []byte {
	out := record(nil, field2(wallTime(began), 3, []byte("brain.Event:2")))
	for _, p := range pointsOf(t, series) {
		out = record(out, scalar(strings.ReplaceAll(p.Name, ".", "/"), p.Step, began+p.Seconds, p.Value))
	}
	return out
}

// pointsOf are a trial's by step, behind them the results that no point has.
func pointsOf(t store.Trial, series []store.Series) (all []metric.Point) {
	var last metric.Point
	seen := map[string]bool{}
	for _, x := range series {
		seen[x.Name] = true
		for i, v := range x.Value {
			p := metric.Point{Name: x.Name, Step: x.Step[i], Seconds: x.Seconds[i], Value: v}
			if all = append(all, p); p.Step >= last.Step {
				last = p
			}
		}
	}
	slices.SortStableFunc(all, func(a, b metric.Point) int { return a.Step - b.Step })
	for _, name := range slices.Sorted(maps.Keys(t.Results)) {
		if !seen[name] {
			all = append(all, metric.Point{Name: name, Step: last.Step, Seconds: last.Seconds, Value: t.Results[name]})
		}
	}
	return all
}

// scalar is the message Event of tensorboard/compat/proto/event.proto: wall_time 1, step 2, summary 5 of a value 1 with tag 1 and
// simple_value 2.
func scalar(tag string, step int, at, v float64) []byte {
	value := field2(nil, 1, []byte(tag))
	value = binary.LittleEndian.AppendUint32(append(value, 2<<3|5), math.Float32bits(float32(v)))
	event := binary.AppendUvarint(append(wallTime(at), 2<<3), uint64(step))
	return field2(event, 5, field2(nil, 1, value))
}

// wallTime begins an Event.
func wallTime(at float64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{1<<3 | 1}, math.Float64bits(at))
}

// field2 adds a field of bytes (wire type 2) to a message.
func field2(to []byte, number int, content []byte) []byte {
	to = binary.AppendUvarint(append(to, byte(number<<3|2)), uint64(len(content)))
	return append(to, content...)
}

// record adds a record of TFRecord: length, its checksum, the data, their checksum.
func record(to, data []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	to = binary.LittleEndian.AppendUint32(append(to, length...), masked(length))
	to = append(to, data...)
	return binary.LittleEndian.AppendUint32(to, masked(data))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the CRC of TFRecord: CRC-32C, turned right by 15 bits, with a constant added.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
