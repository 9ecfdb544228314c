package datasets

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
)

// MovieLens are the options of ratings in the formats of MovieLens 100K, 1M, 10M, 20M, 25M and latest, and of interactions in
// that of the NCF repository; which, is told from the files' content. Fields are user and item, with the values of training
// rows and row 0 for all others, and then the features, which come from the files of users and items in the folder of the ratings.
type MovieLens struct {
	Files
	Implicit
	Task     string   `json:"task"`     // rating or implicit
	Features []string `json:"features"` // some of genres (multi-hot), age (seven groups, as in 1M), gender, occupation
}

var movielensFeatures = []string{"genres", "age", "gender", "occupation"}

func movielensDefaults() MovieLens {
	return MovieLens{Files: Files{SplitSeed: 1}, Task: "rating", Features: []string{}}
}

// Check refuses what does not go together and resolves the keys of Files and Implicit.
func (o *MovieLens) Check() error {
	for i, name := range o.Features {
		if !slices.Contains(movielensFeatures, name) {
			return fmt.Errorf("features[%d] is %q, want one of %s", i, name, strings.Join(movielensFeatures, ", "))
		}
		if slices.Contains(o.Features[:i], name) {
			return fmt.Errorf("features[%d] is %q, which is there already", i, name)
		}
	}
	switch o.Task {
	case "implicit":
		return o.Implicit.resolve(&o.Files)
	case "rating":
		if key := o.Implicit.given(); key != "" {
			return fmt.Errorf(`%s is of no use with task "rating"`, key)
		}
		return o.Files.resolve([]string{"random", "order", "time"}, "random")
	}
	return fmt.Errorf("task is %q, want rating or implicit", o.Task)
}

// Goal is the error of ratings, or the order of lists.
func (o MovieLens) Goal() (loss, selects string) {
	if o.Task == "implicit" {
		return "bce", "ndcg@10"
	}
	return "mse", ""
}

func openMovielens(ctx context.Context, _ Env, o MovieLens) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	if o.Task == "implicit" {
		return openImplicit(ctx, o)
	}
	files, err := o.expand(movielensIn)
	if err != nil {
		return nil, err
	}
	rows := &ratings{}
	r := &reader{ctx: ctx, most: o.MaxBadRows}
	counts, err := r.all(files, rows.len, rows.parse)
	if err != nil {
		return nil, err
	}
	c := &columns{label: rows.rating, about: r.about()}
	c.schema.Rating = &batch.Range{Min: rows.least(), Max: 5}
	if c.splits, err = o.assign(counts, rows.time); err != nil {
		return nil, err
	}
	c.warnCopies(files, r.sums)
	c.warnPairs(rows)
	of, err := rows.format.attributes(r, filepath.Dir(files[0].file), o.Features)
	if err != nil {
		return nil, err
	}
	c.rate(rows, of, o.Features)
	o.Path, o.Train, o.Valid, o.Test = nil, nil, nil, nil
	c.identity = identify("movielens", 1, o, counts, r.sums)
	return c, nil
}

func movielensIn(dir string) (string, error) {
	for _, name := range []string{"u.data", "ratings.dat", "ratings.csv"} {
		if file, err := exists(filepath.Join(dir, name)); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("%s has no u.data, ratings.dat or ratings.csv", dir)
}

// rate lays out the fields of ratings: user, item and features.
func (c *columns) rate(r *ratings, of *attributes, features []string) {
	names := append([]string{"user", "item"}, features...)
	for _, name := range names {
		c.schema.Sparse = append(c.schema.Sparse, batch.Field{Name: name, MultiHot: name == "genres"})
	}
	c.bags = make([]batch.Bags, len(names))
	c.ids = make([]int32, 0, len(names)*r.len())
	for i := range r.len() {
		c.ids = append(c.ids, r.user[i], r.item[i])
		for _, name := range features {
			c.ids = append(c.ids, of.value(name, r.user[i], r.item[i]))
		}
	}
	for f, name := range names {
		if name == "genres" {
			c.bags[f] = of.genres
			c.schema.Sparse[f].Rows = c.numberBags(f)
		} else {
			c.schema.Sparse[f].Rows = c.number(f, 1)
		}
	}
	if n := of.missing(r); n > 0 {
		c.warn("%d ratings are of users or items without attributes", n)
	}
}

// numberBags replaces the raw values in a field's bags by ids, as number does; the rows that training saw come in
// the order of their values.
func (c *columns) numberBags(field int) int {
	bags := c.bags[field]
	seen := map[int32]bool{}
	for _, row := range c.splits[batch.Train] {
		for _, v := range bags.Bag(int(c.ids[int(row)*len(c.schema.Sparse)+field])) {
			seen[v] = true
		}
	}
	ids := map[int32]int32{}
	for _, v := range slices.Sorted(maps.Keys(seen)) {
		ids[v] = int32(len(ids) + 1)
	}
	for i, v := range bags.IDs {
		bags.IDs[i] = ids[v]
	}
	return len(ids) + 1
}
