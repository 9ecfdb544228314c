package train

import (
	"fmt"
	"math"
	"os"
	"unsafe"

	"ctrlab/internal/metric"
	"ctrlab/models"
)

// keeper holds the state that was best on valid: in a temporary file, since a state is as large as the model.
type keeper struct {
	model    *models.Model
	better   metric.Better
	patience int

	seen    int // the last step that was offered
	step    int // the best one; that of the model as it is where nothing was offered
	score   float64
	values  map[string]float64 // all metrics of the best step
	waited  int                // evaluations since
	current bool               // the model is in the best state
	file    *os.File           // of the best state; removed from its folder as soon as it is there
}

func newKeeper(m *models.Model, o Options) *keeper {
	row, _ := metric.Find("valid." + o.Select)
	return &keeper{model: m, better: row.Better, patience: o.Patience, score: math.NaN(), current: true}
}

// offer takes the score of a step, and says whether patience is at its end. After the last offer the model stays as
// it is, and a best state that is the last needs no copy.
func (k *keeper) offer(step int, score float64, values map[string]float64, last bool) (stop bool, err error) {
	k.seen = step
	improved := k.values == nil || math.IsNaN(k.score) && !math.IsNaN(score) || score > k.score
	if k.better == metric.Lower {
		improved = k.values == nil || math.IsNaN(k.score) && !math.IsNaN(score) || score < k.score
	}
	if !improved {
		k.waited++
		k.current = false
		return k.patience > 0 && k.waited >= k.patience, nil
	}
	k.step, k.score, k.values, k.waited, k.current = step, score, values, 0, true
	if !last {
		err = k.save()
	}
	return false, err
}

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
	if k.current {
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
	for _, v := range k.model.Values() {
		bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
		if _, err := do(bytes, at); err != nil {
			return fmt.Errorf("the best state: %w", err)
		}
		at += int64(len(bytes))
	}
	return nil
}

func (k *keeper) close() {
	if k.file != nil {
		k.file.Close()
	}
}
