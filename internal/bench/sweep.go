package bench

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"ctrlab/internal/strict"
)

// Sweep is a row of the table of sweeps: one size takes several values while all else stays as the configuration has it.
type Sweep struct {
	Name, Unit string // as --sweep and an axis have them
	Values     []int
	set        func(o *Options, v int)
}

// Sweeps is the table of sweeps.
var Sweeps = []Sweep{
	{"batch", "rows a batch", []int{128, 512, 2048, 8192, 32768}, func(o *Options, v int) { o.Batch = v }},
	{"fields", "categorical fields", []int{8, 16, 32, 64, 128}, func(o *Options, v int) { o.shape.fields = v }},
	{"dim", "numbers a vector", []int{4, 8, 16, 32, 64}, func(o *Options, v int) { o.shape.dim = v }},
	{"rows", "rows a table", []int{1_000, 10_000, 100_000, 1_000_000}, func(o *Options, v int) { o.shape.rows = v }},
	{"threads", "threads", powers(max(runtime.NumCPU(), 2)), func(o *Options, v int) { o.Threads = v }},
}

// powers returns 1, 2, 4 … and n.
func powers(n int) []int {
	var all []int
	for v := 1; v < n; v *= 2 {
		all = append(all, v)
	}
	return append(all, n)
}

// FindSweep returns the row with a name, or an error that names all.
func FindSweep(name string) (Sweep, error) {
	i := slices.IndexFunc(Sweeps, func(s Sweep) bool { return s.Name == name })
	if i >= 0 {
		return Sweeps[i], nil
	}
	var all []string
	for _, s := range Sweeps {
		all = append(all, s.Name)
	}
	return Sweep{}, fmt.Errorf("there is no sweep %q; want one of %s", name, strings.Join(all, ", "))
}

// Options returns what to measure one after the other: each model of o, and of it each value. One model of one size is in
// memory at a time, since the sizes reach far.
func (s Sweep) Options(o Options) ([]Options, error) {
	c, ok := FindConfig(o.Config)
	if !ok {
		return nil, o.Check()
	}
	variants, err := c.Variants(o.Model)
	if err != nil {
		return nil, err
	}
	if c.Name == "ncf" && s.Name == "fields" {
		return nil, fmt.Errorf("ncf has a user and an item; its fields cannot be swept")
	}
	var all []Options
	for _, v := range variants {
		for _, value := range s.Values {
			one := o
			one.Model, one.sweep, one.value = v.Name, s.Name, value
			s.set(&one, value)
			all = append(all, one)
		}
	}
	return all, nil
}

// sizes are those other than the configuration's; 0 leaves it its own.
type sizes struct{ fields, dim, rows int }

// shaped returns the configuration in another shape.
func (c Config) shaped(s sizes) Config {
	sparse := slices.Clone(c.schema.Sparse)
	for s.fields > len(sparse) {
		f := sparse[0]
		f.Name = fmt.Sprintf("c%d", len(sparse))
		sparse = append(sparse, f)
	}
	if s.fields > 0 {
		sparse = sparse[:s.fields]
	}
	for i := range sparse {
		if s.rows > 0 {
			sparse[i].Rows = s.rows
		}
	}
	c.schema.Sparse, c.dim = sparse, s.dim
	return c
}

// resize gives a model's table the width of the configuration's shape, where the model has one.
func (c Config) resize(t *strict.Table) error {
	if c.dim == 0 || !t.Has("embedding_dim") {
		return nil
	}
	return t.Set([]string{"embedding_dim"}, int64(c.dim), "the sweep")
}
