package text

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
)

// First returns the first n lines of a file, or all that it has.
func First(path string, n int, l Limits) (lines []string, err error) {
	f, err := Open(path, l)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	longest := f.limits.Line
	in := bufio.NewReaderSize(f, len(mark)+longest+len("\r\n"))
	for len(lines) < n && !(f.ended && in.Buffered() == 0) {
		line, err := in.ReadSlice('\n')
		if err != nil && !f.ended && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("%s:%d: %w", path, len(lines)+1, err)
		}
		if len(lines) == 0 {
			line = bytes.TrimPrefix(line, mark)
		}
		whole := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(whole) > longest {
			return nil, fmt.Errorf("%s:%d: %w", path, len(lines)+1, tooLong(longest))
		}
		if len(line) > 0 {
			lines = append(lines, string(whole))
		}
	}
	return lines, nil
}
