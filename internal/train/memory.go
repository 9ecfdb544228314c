package train

import (
	"ctrlab/models"
	"ctrlab/nn"
)

// Memory is about how many bytes training a model takes: values and the optimiser's state, a gradient a lane of what is
// not in tables, packed weights, and a batch's activations with their gradients.
func Memory(c models.Cost, o Options) float64 {
	const width = 64 // of a table's row; where one number serves a row, the exact width matters little
	optimizer, _ := nn.FindOptimizer(o.Optimizer)
	share := func(s nn.State) float64 { return float64(len(s[0])+len(s[1])) / width }
	dense, rows := share(optimizer.NewState(width)), share(optimizer.NewRowState(&nn.Table{Rows: 1, D: width}))
	tables := float64(c.Tables)
	numbers := (float64(c.Params)-tables)*(3+dense+float64(o.Lanes)) + tables*(1+rows)
	if o.Average > 0 {
		numbers += float64(c.Params)
	}
	return 4*numbers + 2*c.Bytes*float64(o.BatchSize)
}
