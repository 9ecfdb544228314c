package embeddings

import (
	"fmt"
	"slices"
	"strings"
)

// Operation says how two rows become a vector.
type Operation struct {
	Operation string `json:"operation"`
}

var operations = []string{"sum", "product", "concat"}

// Check wants a known operation.
func (o Operation) Check() error {
	if !slices.Contains(operations, o.Operation) {
		return fmt.Errorf("operation is %q, want one of %s", o.Operation, strings.Join(operations, ", "))
	}
	return nil
}

// width is that of each of two parts.
func (o Operation) width(d int) (int, error) {
	if o.Operation != "concat" {
		return d, nil
	}
	if d%2 > 0 {
		return 0, fmt.Errorf(`operation = "concat" lays two halves side by side, and vectors have %d numbers, want an even number`, d)
	}
	return d / 2, nil
}

// most is how many rows a table may be told to have.
const most = 1 << 30

func within(key string, n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%s is %d, want %d to %d", key, n, least, most)
	}
	return nil
}
