package datasets

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

func openMovielens(ctx context.Context, env Env, o MovieLens) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	files, err := o.expand(movielensIn)
	if err != nil {
		return nil, err
	}
	formats, err := detect(env, files, o.Task == "implicit")
	if err != nil {
		return nil, err
	}
	of, sums, err := formats[0].attributes(env, filepath.Dir(files[0].file), o.Features)
	if err != nil {
		return nil, err
	}
	if o.Task == "implicit" {
		return openImplicit(ctx, env, &o, files, formats, of, sums)
	}
	return openRatings(ctx, env, &o, files, formats[0], of, sums)
}

func openRatings(ctx context.Context, env Env, o *MovieLens, files []named, format *ratingFormat, of *attributes, sums []string) (Source, error) {
	half := false
	if format.halves {
		var err error
		if half, err = halved(env, files[0].file, format); err != nil {
			return nil, err
		}
	}
	steps := Steps{}
	if err := steps.resolve("none"); err != nil {
		panic("datasets: steps that do not resolve")
	}
	recipe := struct {
		*MovieLens
		Attributes []string `json:"attributes"`
	}{o, sums}
	l := format.lines(of, o.Features, half)
	c, err := build(ctx, env, "movielens", 2, recipe, &o.Files, &steps, files, l.Layout, l.input)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.warnPairs(), c.warnLacking(of)); err != nil {
		return nil, err
	}
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

// warnPairs tells of ratings in valid and test whose user has rated the same item in train.
func (c *cached) warnPairs() error {
	held := map[[2]int32]bool{} // in train too
	for _, split := range heldOut {
		if err := c.eachPair(split, func(pair [2]int32) { held[pair] = false }); err != nil {
			return err
		}
	}
	err := c.eachPair(batch.Train, func(pair [2]int32) {
		if _, is := held[pair]; is {
			held[pair] = true
		}
	})
	if err != nil {
		return err
	}
	for _, split := range heldOut {
		n := 0
		err := c.eachPair(split, func(pair [2]int32) {
			if held[pair] {
				n++
			}
		})
		if err != nil {
			return err
		}
		if n > 0 {
			c.warn("%s of %s %v ratings are of (user, item) pairs that stand in train: their error is that of memory", grouped(n), grouped(c.Rows(split)), split)
		}
	}
	return nil
}

// eachPair walks the ids of user and item, those apart that train does not have.
func (c *cached) eachPair(s batch.Split, do func([2]int32)) error {
	next, stop := iter.Pull2(c.Field(s, 1))
	defer stop()
	for users, err := range c.Field(s, 0) {
		if err != nil {
			return err
		}
		items, err, _ := next()
		if err != nil {
			return err
		}
		for i, user := range users.IDs {
			if pair := [2]int32{user, items.IDs[i]}; pair[0] > 0 && pair[1] > 0 {
				do(pair)
			}
		}
	}
	return nil
}

// warnLacking counts the ratings of users or items that the files of attributes do not have: of users as their values are missing, of
// items as far as train has them, since an item may be known and have no genre.
func (c *cached) warnLacking(of *attributes) error {
	n := int64(0)
	for _, f := range c.notes.Fields {
		if f.Name != "user" && f.Name != "item" && f.Name != "genres" {
			n = f.Missing[batch.Train] + f.Missing[batch.Valid] + f.Missing[batch.Test] // the same of each attribute
		}
	}
	if n > 0 {
		c.warn("%d ratings are of users without attributes", n)
	}
	if of.bag == nil {
		return nil
	}
	lacking := make([]bool, c.Schema().Sparse[1].Rows)
	for id := 1; id < len(lacking); id++ {
		name, _ := c.Name(1, int32(id))
		value, _ := integer([]byte(name))
		_, known := of.bag[int32(value)]
		lacking[id] = !known
	}
	n = 0
	for s := range batch.Splits {
		for items, err := range c.Field(s, 1) {
			if err != nil {
				return err
			}
			for _, id := range items.IDs {
				if lacking[id] {
					n++
				}
			}
		}
	}
	if n > 0 {
		c.warn("%d ratings are of items without attributes", n)
	}
	return nil
}
