package train

import (
	"fmt"
	"io"
	"math"
	"os"

	"ctrlab/internal/checkpoint"
	"ctrlab/internal/metric"
	"ctrlab/models"
)

// keeper holds the state that was best on valid: in a temporary file, since a state is as large as the model.
type keeper struct {
	model    *models.Model
	better   metric.Better
	selects  string // the metric
	patience int

	best
	values map[string]float64 // all metrics of the best step
	file   *os.File           // of the best state; removed from its folder as soon as it is there
}

// best is what a keeper knows of steps.
type best struct {
	Seen    int  // the last that was offered
	Step    int  // the best one; that of the model as it is where nothing was offered
	Waited  int  // evaluations since
	Current bool // the last that was offered is the best
}

func newKeeper(m *models.Model, o Options) *keeper {
	row, _ := metric.Find("valid." + o.Select)
	return &keeper{model: m, better: row.Better, selects: o.Select, patience: o.Patience, best: best{Current: true}}
}

// offer takes the metrics of a step, and says whether patience is at its end. After the last offer the model stays as
// it is, and a best state that is the last needs no copy.
func (k *keeper) offer(step int, values map[string]float64, last bool) (stop bool, err error) {
	k.Seen = step
	if k.Current = k.improved(values[k.selects]); !k.Current {
		k.Waited++
		return k.tired(), nil
	}
	k.Step, k.values, k.Waited = step, values, 0
	if !last {
		err = k.save()
	}
	return false, err
}

func (k *keeper) improved(score float64) bool {
	before := k.values[k.selects]
	switch {
	case k.values == nil || math.IsNaN(before) && !math.IsNaN(score):
		return true
	case k.better == metric.Lower:
		return score < before
	}
	return score > before
}

// tired says whether patience is at its end.
func (k *keeper) tired() bool { return k.patience > 0 && k.Waited >= k.patience }

func (k *keeper) save() (err error) {
	if k.file == nil {
		if k.file, err = os.CreateTemp("", "ctrlab-state-"); err != nil {
			return err
		}
		_ = os.Remove(k.file.Name())
	}
	return k.each(k.file.WriteAt)
}

// restore brings the best state back.
func (k *keeper) restore() error {
	if k.Current {
		return nil
	}
	if err := k.each(k.file.ReadAt); err != nil {
		return err
	}
	k.model.Repack()
	return nil
}

// each passes the bytes of all values to do, with their place in the file.
func (k *keeper) each(do func([]byte, int64) (int, error)) error {
	at := int64(0)
	for _, a := range arrays(k.model) {
		bytes := checkpoint.View(a.value)
		if _, err := do(bytes, at); err != nil {
			return fmt.Errorf("the best state: %w", err)
		}
		at += int64(len(bytes))
	}
	return nil
}

// write writes the best state, if there is one, as it lies in the file.
func (k *keeper) write(w *checkpoint.Writer, state []array) {
	if k.file == nil {
		return
	}
	at := int64(0)
	for _, a := range state {
		size := int64(4 * len(a.value))
		w.FloatsFrom(bestPrefix+a.name, a.shape, io.NewSectionReader(k.file, at, size))
		at += size
	}
}

func (k *keeper) close() {
	if k.file != nil {
		k.file.Close()
	}
}
