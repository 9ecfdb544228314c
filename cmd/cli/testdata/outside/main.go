// Command outside is ctrlab with an interaction that is not in its table: the sum of the fields' maxima. go mod tidy
// fills go.mod and go.sum in; then `go run . run outside.toml` compares it with ours.
package main

import (
	"context"
	"os"

	"ctrlab/cmd/cli"
	"ctrlab/interactions"
	"ctrlab/nn"
)

// peakOptions are keys of the interaction's table in a file.
type peakOptions struct {
	Scale float32 `json:"scale"`
}

// peak is y_d = scale · max_i x_id.
type peak struct {
	options peakOptions
	fields  int
	width   int
}

func newPeak(_ *nn.Builder, f, d int, o peakOptions) interactions.Interaction {
	return &peak{o, f, d}
}

func (p *peak) Width() int { return p.width }

func (p *peak) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for n := range x.N {
		for d := range x.D {
			_, v := p.largest(x, n, d)
			y.Row(n)[d] = p.options.Scale * v
		}
	}
}

func (p *peak) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	for n := range x.N {
		for d := range x.D {
			f, _ := p.largest(x, n, d)
			dx.Field(f).Row(n)[d] += p.options.Scale * dy.Row(n)[d]
		}
	}
}

func (p *peak) Cost() nn.Cost { return nn.Cost{FLOPs: float64(p.fields * p.width)} }

// largest returns the first field whose number d is the largest, and that number.
func (p *peak) largest(x nn.Block, n, d int) (field int, value float32) {
	value = x.Field(0).Row(n)[d]
	for f := 1; f < x.F; f++ {
		if v := x.Field(f).Row(n)[d]; v > value {
			field, value = f, v
		}
	}
	return field, value
}

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr,
		interactions.Define("peak", "scale · max_i x_i", "outside", 1, peakOptions{Scale: 1}, newPeak)))
}
