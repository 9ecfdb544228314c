package train

import (
	"ctrlab/models"
	"ctrlab/nn"
)

// Memory is about how many bytes training takes.
type Memory struct {
	Parameters float64 // with packed and averaged copies, and codes
	Optimizer  float64
	Gradients  float64 // a lane of what is not in tables
	Batch      float64 // activations with their gradients
}

// Sum is all of it.
func (m Memory) Sum() float64 { return m.Parameters + m.Optimizer + m.Gradients + m.Batch }

// MemoryOf is what training a model takes.
func MemoryOf(c models.Cost, o Options) Memory {
	const width = 64 // of a table's row; where one number serves a row, the exact width matters little
	optimizer, _ := nn.FindOptimizer(o.Optimizer)
	share := func(s nn.State) float64 { return float64(len(s[0])+len(s[1])) / width }
	tables, params := float64(c.Tables), float64(c.Params)
	dense := params - tables
	m := Memory{
		Parameters: 4 * (3*dense + tables),
		Optimizer:  4 * (dense*share(optimizer.NewState(width)) + tables*share(optimizer.NewRowState(&nn.Table{Rows: 1, D: width}))),
		Gradients:  4 * dense * float64(o.Lanes),
		Batch:      2 * c.Bytes * float64(o.BatchSize),
	}
	if c.TableBytes != 4*c.Tables { // codes stand beside the values
		m.Parameters += float64(c.TableBytes)
	}
	if o.Average > 0 {
		m.Parameters += 4 * params
	}
	return m
}
