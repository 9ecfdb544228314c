package cli

import (
	"errors"
	"flag"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"ctrlab/datasets"
)

// defaultCache is where prepared data are kept unless --cache says otherwise.
const defaultCache = "results/cache"

// envFlags are the flags of every command that opens data.
type envFlags struct {
	cache  string
	memory size
}

func (e *envFlags) declare(f *flag.FlagSet) {
	f.StringVar(&e.cache, "cache", defaultCache, "keep prepared data in `DIR`; \"\" keeps none")
	f.Var(&e.memory, "memory", "prepare data in `SIZE`, as 4GB, of memory (half of the machine's)")
}

// env returns what data are opened with, and what to call when they are; progress goes to w, if that is not nil.
func (e *envFlags) env(workers int, w io.Writer) (env datasets.Env, end func()) {
	env = datasets.Env{Cache: e.cache, Memory: int64(e.memory), Workers: workers}
	if w == nil {
		return env, func() {}
	}
	p := newPreparing(w)
	env.Progress, env.Tell = p.show, p.tell
	return env, p.end
}

// blame marks an error of the machine, or of the folder of caches, among those of data.
func (e *envFlags) blame(err error) error {
	for _, code := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EIO, syscall.ENOMEM, syscall.EMFILE} {
		if errors.Is(err, code) {
			return environment(err)
		}
	}
	var at *fs.PathError
	if errors.As(err, &at) && (at.Op == "mkdir" || e.cache != "" && strings.HasPrefix(filepath.Clean(at.Path)+"/", filepath.Clean(e.cache)+"/")) {
		return environment(err)
	}
	return err
}

// size is a flag of bytes, with a unit of 1000s (kB, MB, GB, TB; the B may be left out) or 1024s (KiB …).
type size int64

func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

var sizeText = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?) *(?:([kmgt])(i?))?b?$`)

// Set implements flag.Value.
func (s *size) Set(text string) error {
	m := sizeText.FindStringSubmatch(text)
	if m == nil {
		return errors.New("want a size as 4GB or 512MiB")
	}
	x, _ := strconv.ParseFloat(m[1], 64) // the pattern's digits
	base := 1000.
	if m[3] != "" {
		base = 1024
	}
	if m[2] != "" {
		x *= math.Pow(base, float64(1+strings.Index("kmgt", strings.ToLower(m[2]))))
	}
	if x < 1 || x >= 1<<62 {
		return errors.New("want a size of 1 byte or more")
	}
	*s = size(x)
	return nil
}
