package text

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// First returns the first n lines of a file, or all that it has.
func First(path string, n int, l Limits) (lines []string, err error) {
	f, err := Open(path, l)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, f.limits.Line)
	for len(lines) < n {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			err = tooLong(f.limits.Line)
		}
		if err != nil && !f.ended {
			return nil, fmt.Errorf("%s:%d: %w", path, len(lines)+1, err)
		}
		if len(lines) == 0 {
			line = bytes.TrimPrefix(line, mark)
		}
		if len(line) > 0 {
			lines = append(lines, string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))))
		}
		if err == io.EOF { //nolint:errorlint // the reader's own, not one of a damaged file
			break
		}
	}
	return lines, nil
}
