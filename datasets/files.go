package datasets

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
)

// Files are the keys of every source that reads files: either path and split, or train, test and perhaps valid.
// The keys of the other way stay absent.
type Files struct {
	Path          Paths      `json:"path,omitempty"`
	Split         *FileSplit `json:"split,omitempty"`
	Train         Paths      `json:"train,omitempty"`
	Valid         Paths      `json:"valid,omitempty"`
	Test          Paths      `json:"test,omitempty"`
	ValidFraction *float64   `json:"valid_fraction,omitempty"` // of train, where there is no valid
	ValidFrom     string     `json:"valid_from,omitempty"`     // end or random
	SplitSeed     uint64     `json:"split_seed"`
	MaxBadRows    int        `json:"max_bad_rows"` // malformed rows to skip before one is an error
}

// Paths are files: in an experiment a string or a list, with globs, ~ and $VARIABLES.
type Paths []string

// DecodeValue accepts a string or a list of strings.
func (p *Paths) DecodeValue(v any, at strict.Place) error {
	if s, ok := v.(string); ok {
		v = []any{s}
	}
	var list []string
	if err := at.Decode(v, &list); err != nil {
		return err
	}
	if len(list) == 0 || slices.Contains(list, "") {
		return at.Errorf("names no file, want at least one")
	}
	*p = list
	return nil
}

// resolve refuses keys that do not go together and fills in those of the way that was chosen. kinds are the
// splits that the source has, the default first.
func (f *Files) resolve(kinds []string, validFrom string) error {
	if f.MaxBadRows < 0 {
		return fmt.Errorf("max_bad_rows is %d, want at least 0", f.MaxBadRows)
	}
	if f.Path != nil {
		return f.resolvePath(kinds)
	}
	switch {
	case f.Train == nil:
		return fmt.Errorf("path is missing, want files, or train and test")
	case f.Split != nil:
		return fmt.Errorf("split is for path, and here train is given: valid_fraction and valid_from say what to cut off")
	case f.Valid != nil && f.ValidFraction != nil:
		return fmt.Errorf("valid_fraction is of no use where valid is given")
	case f.Valid != nil && f.ValidFrom != "":
		return fmt.Errorf("valid_from is of no use where valid is given")
	case f.ValidFraction != nil && !(*f.ValidFraction > 0 && *f.ValidFraction < 1):
		return fmt.Errorf("valid_fraction is %g, want more than 0 and less than 1", *f.ValidFraction)
	case f.ValidFrom != "" && f.ValidFrom != "end" && f.ValidFrom != "random":
		return fmt.Errorf("valid_from is %q, want end or random", f.ValidFrom)
	}
	if f.Valid == nil && f.ValidFraction == nil {
		tenth := 0.1
		f.ValidFraction = &tenth
	}
	if f.Valid == nil && f.ValidFrom == "" {
		f.ValidFrom = validFrom
	}
	return nil
}

func (f *Files) resolvePath(kinds []string) error {
	for _, other := range []struct {
		key   string
		given bool
	}{
		{"train", f.Train != nil}, {"valid", f.Valid != nil}, {"test", f.Test != nil},
		{"valid_fraction", f.ValidFraction != nil}, {"valid_from", f.ValidFrom != ""},
	} {
		if other.given {
			return fmt.Errorf("%s is for files named by split, and here path is given: split says how to cut it", other.key)
		}
	}
	split := FileSplit{}
	if f.Split != nil {
		split = *f.Split
	}
	split.Kind = cmp.Or(split.Kind, kinds[0])
	f.Split = &split
	return split.resolve(kinds)
}

// named is a file of a split; those of path are all under train.
type named struct {
	file  string
	split batch.Split
}

// expand lists the files in order. inDir names the file of a directory, where the source can.
func (f *Files) expand(inDir func(dir string) (string, error)) ([]named, error) {
	var files []named
	for _, key := range []struct {
		name  string
		paths Paths
		split batch.Split
	}{{"path", f.Path, batch.Train}, {"train", f.Train, batch.Train}, {"valid", f.Valid, batch.Valid}, {"test", f.Test, batch.Test}} {
		for _, pattern := range key.paths {
			list, err := expand(pattern, inDir)
			if err != nil {
				return nil, fmt.Errorf("data.%s: %w", key.name, err)
			}
			for _, file := range list {
				if slices.ContainsFunc(files, func(n named) bool { return n.file == file }) {
					return nil, fmt.Errorf("data.%s: %s is there twice", key.name, file)
				}
				files = append(files, named{file, key.split})
			}
		}
	}
	return files, nil
}

// expand returns the files that a pattern means; "-" is standard input. A file that is not there may have .gz or .zst after
// its name.
func expand(pattern string, inDir func(string) (string, error)) ([]string, error) {
	if pattern == "-" {
		return []string{pattern}, nil
	}
	path, err := variables(pattern)
	if err != nil {
		return nil, err
	}
	found, err := exists(path)
	if err != nil && strings.ContainsAny(path, "*?[") {
		list, bad := filepath.Glob(path)
		if bad != nil || len(list) == 0 {
			return nil, fmt.Errorf("%s matches no file", path)
		}
		for _, file := range list {
			if err := readable(file); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(found); err == nil && info.IsDir() {
		found, err = inDir(found)
		return []string{found}, err
	}
	return []string{found}, readable(found)
}

// readable refuses what is no file.
func readable(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		_, err = noDirectory(name)
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file, and files are read more than once; want one, or - for standard input", name)
	}
	return nil
}

// exists returns the path, or else the path with .gz or .zst, that is there.
func exists(path string) (string, error) {
	_, err := os.Stat(path)
	if err == nil {
		return path, nil
	}
	for _, packed := range []string{".gz", ".zst"} {
		if _, err := os.Stat(path + packed); err == nil {
			return path + packed, nil
		}
	}
	return "", err
}

func variables(path string) (string, error) {
	var unset string
	path = os.Expand(path, func(name string) string {
		v, ok := os.LookupEnv(name)
		if !ok {
			unset = name
		}
		return v
	})
	if unset != "" {
		return "", fmt.Errorf("$%s is not set", unset)
	}
	if path == "~" || strings.HasPrefix(path, "~/") {
		home, err := os.UserHomeDir()
		return home + path[1:], err
	}
	return path, nil
}

func noDirectory(dir string) (string, error) {
	return "", fmt.Errorf("%s is a folder, want files", dir)
}

// identify returns the SHA-256 of canonical JSON: the source, the version of its reading, and what decides its rows.
func identify(source string, version int, of ...any) string {
	b, err := json.Marshal(append([]any{source, version}, of...))
	if err != nil {
		panic("datasets: options that are no JSON")
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
