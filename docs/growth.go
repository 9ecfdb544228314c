//go:build ignore

// Growth runs experiments/growth.toml along one key after the other, prints the training speeds as Markdown and draws them:
//
//	go run docs/growth.go > growth.md
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var axes = []struct {
	title, key string
	values     []float64
}{
	{"batch", "train.batch_size", []float64{64, 256, 1024, 4096, 8192}},
	{"fields", "data.fields", []float64{4, 8, 16, 32, 64}},
	{"width of an embedding", "model.embedding_dim", []float64{4, 8, 16, 32, 64}},
	{"rows of a field", "data.rows_per_field", []float64{100, 1000, 10_000, 100_000}},
	{"threads", "--workers", []float64{1, 2}},
}

// A curve is a model's training speed by value of the axis: the median of the seeds.
type curve struct {
	model string
	plotter.XYs
}

// program runs the trials of one value and returns the models in order, with their examples a second. A folder of its own keeps
// it from finding that they were run before.
func program(ctrlab, dir, key string, value float64) (order []string, speeds map[string][]float64) {
	check(os.MkdirAll(dir, 0o777))
	args := []string{"run", "experiments/growth.toml", "--quiet", "--json", "--db", filepath.Join(dir, "db"), "--out", dir}
	if key == "--workers" {
		args = append(args, key, fmt.Sprint(value))
	} else {
		args = append(args, "--workers", "1", "--set", fmt.Sprintf("%s=%v", key, value))
	}
	cmd := exec.Command(ctrlab, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	check(err)
	speeds = map[string][]float64{}
	for line := range strings.Lines(string(out)) {
		var t struct {
			Model   string
			Metrics map[string]float64
		}
		check(json.Unmarshal([]byte(line), &t))
		if speeds[t.Model] == nil {
			order = append(order, t.Model)
		}
		speeds[t.Model] = append(speeds[t.Model], t.Metrics["train.examples_per_second"])
	}
	return order, speeds
}

func measure(ctrlab, dir, key string, values []float64) (curves []curve) {
	for _, v := range values {
		order, speeds := program(ctrlab, filepath.Join(dir, fmt.Sprint(v)), key, v)
		for i, m := range order {
			if len(curves) < len(order) {
				curves = append(curves, curve{model: m})
			}
			s := slices.Sorted(slices.Values(speeds[m]))
			curves[i].XYs = append(curves[i].XYs, plotter.XY{X: v, Y: s[len(s)/2]})
		}
	}
	return curves
}

func write(title string, values []float64, curves []curve) {
	fmt.Printf("| %s |%s\n|---|%s\n", title, cells(values, "%v"), strings.Repeat("---:|", len(values)))
	for _, c := range curves {
		var thousands []float64
		for _, p := range c.XYs {
			thousands = append(thousands, p.Y/1000)
		}
		fmt.Printf("| %s |%s\n", c.model, cells(thousands, "%.0fk"))
	}
	fmt.Println()
}

func cells(values []float64, format string) (s string) {
	for _, v := range values {
		s += " " + fmt.Sprintf(format, v) + " |"
	}
	return s
}

func figure(title string, values []float64, curves []curve) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = title, "examples/s"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.Y.Tick.Marker = plot.LogTicks{Prec: -1}
	var ticks plot.ConstantTicks
	for _, v := range values {
		ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprint(v)})
	}
	p.X.Tick.Marker = ticks
	var lines []any
	for _, c := range curves {
		lines = append(lines, c.model, c.XYs)
	}
	check(plotutil.AddLinePoints(p, lines...))
	p.Legend.Left = true
	if title != axes[0].title {
		p.Legend = plot.NewLegend() // one is enough
	}
	return p
}

func main() {
	log.SetFlags(0)
	tmp, err := os.MkdirTemp("", "growth")
	check(err)
	defer os.RemoveAll(tmp)
	ctrlab := filepath.Join(tmp, "ctrlab")
	build := exec.Command("go", "build", "-o", ctrlab, "./cmd/ctrlab")
	build.Stderr = os.Stderr
	check(build.Run())
	plots := [][]*plot.Plot{make([]*plot.Plot, 3), make([]*plot.Plot, 3)}
	for i, a := range axes {
		curves := measure(ctrlab, filepath.Join(tmp, strconv.Itoa(i)), a.key, a.values)
		write(a.title, a.values, curves)
		plots[i/3][i%3] = figure(a.title, a.values, curves)
	}
	canvas := vgsvg.New(30*vg.Centimeter, 18*vg.Centimeter)
	tiles := draw.Tiles{Rows: 2, Cols: 3, PadX: vg.Centimeter / 2, PadY: vg.Centimeter / 2}
	for i, row := range plot.Align(plots, tiles, draw.New(canvas)) {
		for j, c := range row {
			if plots[i][j] != nil {
				plots[i][j].Draw(c)
			}
		}
	}
	f, err := os.Create("docs/growth.svg")
	check(err)
	_, err = canvas.WriteTo(f)
	check(err)
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
