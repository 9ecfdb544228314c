package datasets

import (
	"bytes"
	"io"
	"os"
	"strconv"

	"ctrlab/datasets/prepare"
	"ctrlab/datasets/text"
)

// Env is what opening a source may use and has no part in what its rows are.
type Env struct {
	Cache    string                 // folder of prepared caches; "" keeps none: a temporary one goes with the process
	Memory   int64                  // bytes that preparing may take; 0: half of the machine's
	Workers  int                    // threads that prepare; 0: all cores
	Progress func(prepare.Progress) // of preparing; may be nil
	Tell     func(text string)      // what a person should know of preparing that is no error; may be nil
	Stdin    io.Reader              // what the path "-" reads; nil: the process's

	fitted string // identity of the data whose ids and steps the rows are to have; "" where they have their own
}

// open opens a file, or standard input for "-".
func (e Env) open(file string) (*text.File, error) {
	if file == "-" && e.Stdin != nil {
		return text.New("standard input", e.Stdin, text.Limits{})
	}
	return text.Open(file, text.Limits{})
}

// memory is Memory, or half of what the machine or the process's group has; 2 GB where that is not known.
func (e Env) memory() int64 {
	if e.Memory > 0 {
		return e.Memory
	}
	have := int64(4e9)
	if kB, ok := number(field(read("/proc/meminfo"), "MemTotal:")); ok {
		have = kB << 10
	}
	if most, ok := number(bytes.TrimSpace(read("/sys/fs/cgroup/memory.max"))); ok {
		have = min(have, most)
	}
	return have / 2
}

func read(file string) []byte {
	b, _ := os.ReadFile(file) // what is not there says nothing
	return b
}

// field is the word behind a word.
func field(text []byte, word string) []byte {
	_, rest, _ := bytes.Cut(text, []byte(word))
	if words := bytes.Fields(rest); len(words) > 0 {
		return words[0]
	}
	return nil
}

func number(b []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil
}
