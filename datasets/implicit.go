package datasets

import (
	"context"
	"fmt"

	"ctrlab/datasets/batch"
)

// Implicit are the keys of task = "implicit", where a rating is an interaction, a row of train one of them or a negative, an item
// that the user has not met in train, and a row of valid and test part of a list to rank.
type Implicit struct {
	PositiveFrom *float64 `json:"positive_from,omitempty"` // stars that make an interaction; absent: any
	Negatives    *int     `json:"negatives,omitempty"`     // drawn for each interaction, anew each epoch
	Candidates   *int     `json:"candidates,omitempty"`    // of a list; 0: all items that the user has not met in train
	TestNegative Paths    `json:"test_negative,omitempty"` // candidates of test as files give them
}

const (
	defaultNegatives  = 4
	defaultCandidates = 99
)

// given returns the first key that a file has.
func (o *Implicit) given() string {
	switch {
	case o.PositiveFrom != nil:
		return "positive_from"
	case o.Negatives != nil:
		return "negatives"
	case o.Candidates != nil:
		return "candidates"
	case o.TestNegative != nil:
		return "test_negative"
	}
	return ""
}

// resolve refuses values out of range and fills in the defaults.
func (o *Implicit) resolve(f *Files) error {
	if o.Negatives == nil {
		o.Negatives = new(defaultNegatives)
	}
	if o.Candidates == nil {
		o.Candidates = new(defaultCandidates)
	}
	switch {
	case *o.Negatives < 1 || *o.Negatives > maxBag:
		return fmt.Errorf("negatives is %d, want 1 to %d", *o.Negatives, maxBag)
	case *o.Candidates < 0 || *o.Candidates > maxRows:
		return fmt.Errorf("candidates is %d, want 0 (all items) to %d", *o.Candidates, maxRows)
	case o.PositiveFrom != nil && !between(*o.PositiveFrom, 0, 5):
		return fmt.Errorf("positive_from is %g, want 0 to 5", *o.PositiveFrom)
	case o.TestNegative != nil && f.Test == nil:
		return fmt.Errorf("test_negative is for the rows of test, and there is no test")
	}
	return o.holdOut(f)
}

// holdOut resolves the keys of Files, where valid_from has its own meaning: which interaction of each user is valid.
func (o *Implicit) holdOut(f *Files) error {
	from := f.ValidFrom
	if f.Train != nil && f.Valid == nil {
		switch {
		case f.ValidFraction != nil:
			return fmt.Errorf(`valid_fraction is of no use with task "implicit", where valid is one interaction of each user`)
		case from == "":
			from = "end"
		case from != "end" && from != "random" && from != "none":
			return fmt.Errorf("valid_from is %q, want end, random or none", from)
		}
		f.ValidFrom = ""
	}
	err := f.resolve([]string{"leave-one-out"}, "end")
	f.ValidFrom = from
	if f.Train != nil {
		f.ValidFraction = nil
	}
	if err == nil && f.Split != nil && f.Split.User != "user" {
		return fmt.Errorf(`split.user is %q, want "user"`, f.Split.User)
	}
	return err
}

func openImplicit(ctx context.Context, env Env, o *MovieLens, files []named, formats []*ratingFormat, of *attributes, sums []string) (Source, error) {
	if env.fitted != "" {
		return nil, fmt.Errorf(`data of task "implicit" are lists, and files of them cannot be added`)
	}
	rows, err := readRatings(ctx, env, o, files, formats)
	if err != nil {
		return nil, err
	}
	if o.PositiveFrom != nil && rows.unrated > 0 {
		return nil, fmt.Errorf("data.positive_from is %g, and %s without a rating", *o.PositiveFrom, counted(rows.unrated, "row"))
	}
	d := divide(o, rows)
	c := &implicit{about: rows.about, negatives: *o.Negatives, users: newNumbering(), items: newNumbering()}
	if err := c.train(rows, d.of); err != nil {
		return nil, err
	}
	named, err := c.hold(env, o, rows, d.of)
	if err != nil {
		return nil, err
	}
	c.describe(of, o.Features)
	c.warn(d)
	c.warnLacking(rows, of)
	c.about.Digests = c.digests()
	recipe := recipeOf("movielens", 2, o, files)
	c.identity = identify("movielens", 2, recipe, rows.sums, named, sums)
	return c, nil
}

// train numbers the users and items of training rows and groups them.
func (c *implicit) train(r *ratings, of []int8) error {
	var user, item []int32
	for i, split := range of {
		if split == int8(batch.Train) {
			user, item = append(user, c.users.of(r.user[i])), append(item, c.items.of(r.item[i]))
		}
	}
	if len(user) == 0 {
		return fmt.Errorf("data: %s leave no interaction to train on", counted(len(r.user), "row"))
	}
	c.users.fitted()
	c.items.fitted()
	c.seen = newSeen(user, item, c.users.trained, c.items.trained)
	for u := range int32(c.users.trained) {
		if len(c.seen.of(u+1)) == c.seen.all {
			return fmt.Errorf("data: user %d has all %d items of train: none is left to draw as a negative", c.users.values[u+1], c.seen.all)
		}
	}
	return nil
}

// hold makes the lists of valid and test, and returns the SHA-256 of files that name candidates.
func (c *implicit) hold(env Env, o *MovieLens, rows *ratings, of []int8) (sums []string, err error) {
	var user, held [batch.Splits][]int32
	met := map[int32][]int32{}
	for i, split := range of {
		if split > int8(batch.Train) {
			u, item := c.users.of(rows.user[i]), c.items.of(rows.item[i])
			user[split], held[split] = append(user[split], u), append(held[split], item)
			met[u] = append(met[u], item)
		}
	}
	for _, s := range heldOut {
		switch {
		case s == batch.Test && o.TestNegative != nil:
			if sums, err = c.named(env, o, user[s], held[s]); err != nil {
				return nil, err
			}
		case *o.Candidates == 0:
			c.lists[s] = c.seen.unseen(user[s], held[s])
		default:
			key := keyOf(o.SplitSeed, "candidates", s.String())
			c.lists[s] = c.seen.sampled(user[s], held[s], candidateDraw{*o.Candidates, key, met})
		}
	}
	return sums, nil
}

// named takes the candidates of test from files.
func (c *implicit) named(env Env, o *MovieLens, user, held []int32) (sums []string, err error) {
	g := &given{lists: map[[2]int32][]int32{}}
	for _, pattern := range o.TestNegative {
		files, err := expand(pattern, noDirectory)
		if err != nil {
			return nil, fmt.Errorf("data.test_negative: %w", err)
		}
		for _, file := range files {
			sum, err := eachLine(env, file, g.parse)
			if err != nil {
				return nil, err
			}
			sums = append(sums, sum)
		}
	}
	l := lists{candidates: []int32{}}
	for i, u := range user {
		key := [2]int32{c.users.values[u], c.items.values[held[i]]}
		if g.lists[key] == nil {
			return nil, fmt.Errorf("data.test_negative: no line is of (%d,%d), a row of test", key[0], key[1])
		}
		l.add(u, held[i], g.of(key, c.items))
	}
	c.lists[batch.Test] = l
	if g.twice > 0 {
		c.tell("%s of %s lists of test_negative name the item held out, or an item twice: it counts once", grouped(g.twice), grouped(len(user)))
	}
	if n := len(g.lists) - len(user); n > 0 {
		c.tell("%s of %s lines of test_negative are of no row of test", grouped(n), grouped(len(g.lists)))
	}
	return sums, nil
}
