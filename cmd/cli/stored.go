package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ctrlab/internal/store"
	"ctrlab/runner"
)

// foundOne returns the run that a name means: of a variant's, one that stands for itself.
func foundOne(db, name string) (store.Found, error) {
	st, err := store.OpenRead(db)
	if err != nil {
		return store.Found{}, err
	}
	defer st.Close()
	all, err := st.Find(name)
	if err != nil {
		return store.Found{}, err
	}
	if len(all) > 1 {
		var runs []string
		for _, f := range all {
			runs = append(runs, strconv.FormatInt(f.Run, 10))
		}
		return store.Found{}, fmt.Errorf("%s means runs %s, of one seed each; want one of them", name, strings.Join(runs, ", "))
	}
	return all[0], nil
}

// modelFile returns the file that a name means, a path or a run with its model; found is nil for a path.
func modelFile(db, name string) (path string, found *store.Found, err error) {
	if _, err := os.Stat(name); err == nil || filepath.Ext(name) == ".ckpt" {
		return name, nil, nil
	}
	f, err := foundOne(db, name)
	if err != nil {
		return "", nil, err
	}
	i := slices.IndexFunc(f.Artifacts, func(a store.Artifact) bool { return a.Kind == "model" })
	if i < 0 {
		return "", nil, fmt.Errorf("%s has left no model: those have that are done, of networks", f.Name())
	}
	return filepath.Join(runner.Artifacts(db), f.Artifacts[i].Path), &f, nil
}
