package datasets

import (
	"io"
	"os"
)

// Env is what opening a source may use and has no part in what its rows are.
type Env struct {
	Cache   string    // folder of prepared caches; "" keeps none: a temporary one goes with the process
	Memory  int64     // bytes that preparing may take; 0: half of the machine's
	Workers int       // threads that prepare; 0: all cores
	Stdin   io.Reader // what the path "-" reads; nil: the process's
}

func (e Env) stdin() io.Reader {
	if e.Stdin == nil {
		return os.Stdin
	}
	return e.Stdin
}
