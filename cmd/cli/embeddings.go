package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
	"ctrlab/report"
	"ctrlab/runner"
)

// embeddingsFlags are the flags of embeddings.
type embeddingsFlags struct {
	envFlags
	db, field, out    string
	of                words
	neighbours, least int
	json              bool
}

func showEmbeddings(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o embeddingsFlags
	o.envFlags.declare(f)
	f.StringVar(&o.db, "db", defaultDB, "the database's `FILE`")
	f.StringVar(&o.field, "field", "", "of the field `NAME` (item where there is one, else that of the most ids)")
	f.Var(&o.of, "of", "show what is nearest to `NAME`, a title or an id; several times for several (the five most frequent)")
	o.neighbours = 5
	f.Var((*count)(&o.neighbours), "neighbours", "show the `N` nearest")
	o.least = 20
	f.Var((*count)(&o.least), "least", "leave out ids that fewer than `N` training rows have")
	f.StringVar(&o.out, "out", "", "write a map, embeddings-FIELD.png, to `DIR`")
	f.BoolVar(&o.json, "json", false, "print a JSON object a neighbour")
	return func(ctx context.Context, a *app, names []string) error {
		if len(names) != 1 {
			return usage("embeddings: got %s, want one: see ctrlab help embeddings", plural(len(names), "name"))
		}
		return o.run(ctx, a, names[0])
	}
}

func (o *embeddingsFlags) run(ctx context.Context, a *app, name string) error {
	path, _, err := modelFile(o.db, name)
	if err != nil {
		return err
	}
	s, err := runner.OpenStored(path, 1)
	if err != nil {
		return err
	}
	env, end := o.env(0, a.stderr)
	data, err := s.Trial.Data.Open(ctx, env)
	end()
	if err != nil {
		return o.blame(err)
	}
	if err := s.Fits(data.Schema()); err != nil {
		return err
	}
	v, err := o.vectors(ctx, s, data, env)
	if err != nil {
		return err
	}
	asked, err := v.find(o.of)
	if err != nil {
		return err
	}
	if err := o.show(a, v, asked); err != nil {
		return environment(err)
	}
	if o.out == "" {
		return nil
	}
	file, err := v.draw(o.out, asked, s.Trial.Label)
	if err == nil && !o.json {
		_, err = fmt.Fprintf(a.stdout, "\nMap: %s\n", file)
	}
	return environment(err)
}

// vectors are embeddings of the ids of a field, the most frequent first.
type vectors struct {
	field  string
	names  []string
	counts []int     // training rows
	x      []float64 // [ids, d], less their mean
	d      int
}

// vectors makes those of the ids that enough training rows have.
func (o *embeddingsFlags) vectors(ctx context.Context, s *runner.Stored, data datasets.Source, env datasets.Env) (*vectors, error) {
	f, err := o.fieldOf(s.Schema)
	if err != nil {
		return nil, err
	}
	counts, err := frequencies(ctx, data, f)
	if err != nil {
		return nil, err
	}
	var ids []int32
	for id, n := range counts {
		if n >= o.least {
			ids = append(ids, int32(id))
		}
	}
	if len(ids) < 2 {
		return nil, fmt.Errorf("%s of the field %s stand in %d or more training rows: want two, or a smaller --least", plural(len(ids), "id"), s.Schema.Sparse[f].Name, o.least)
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return counts[b] - counts[a] })
	v := &vectors{field: s.Schema.Sparse[f].Name}
	titles, err := s.Trial.Data.Titles(env, v.field)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		v.names, v.counts = append(v.names, nameOf(data, titles, f, id)), append(v.counts, counts[id])
	}
	return v, v.look(s, f, ids)
}

// fieldOf is the field to show.
func (o *embeddingsFlags) fieldOf(schema batch.Schema) (int, error) {
	var names []string
	most := 0
	for i, f := range schema.Sparse {
		if names = append(names, f.Name); f.Name == cmp.Or(o.field, "item") {
			return i, nil
		}
		if f.Rows > schema.Sparse[most].Rows {
			most = i
		}
	}
	switch {
	case len(names) == 0:
		return 0, fmt.Errorf("the data has no categorical fields")
	case o.field == "":
		return most, nil
	}
	if near := strict.Nearest(o.field, names); near != "" {
		return 0, usage("--field is %q, which is no field of the data; did you mean %s?", o.field, near)
	}
	return 0, usage("--field is %q, want one of %s", o.field, strings.Join(names, ", "))
}

// frequencies counts the training rows of every id of a field.
func frequencies(ctx context.Context, data datasets.Source, f int) ([]int, error) {
	counts := make([]int, data.Schema().Sparse[f].Rows)
	for b, err := range data.Batches(batch.Train, 1<<13, 0) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		for _, id := range b.Sparse[f].IDs {
			counts[id]++
		}
	}
	return counts, nil
}

// nameOf is what people call an id: its title, its value in the files, or its number.
func nameOf(data datasets.Source, titles map[string]string, f int, id int32) string {
	if named, ok := data.(interface {
		Name(field int, id int32) (string, bool)
	}); ok {
		if name, ok := named.Name(f, id); ok {
			return cmp.Or(titles[name], name)
		}
	}
	return fmt.Sprintf("id %d", id)
}

// look takes the vectors of ids from a model: those of its first embedding group, as its operators see them.
func (v *vectors) look(s *runner.Stored, f int, ids []int32) error {
	b := &batch.Batch{N: len(ids), Dense: make([]float32, len(ids)*len(s.Schema.Dense))}
	for i, of := range s.Schema.Sparse {
		bags := batch.Bags{IDs: make([]int32, len(ids))}
		if i == f {
			bags.IDs = ids
		}
		if of.MultiHot {
			for n := range len(ids) + 1 {
				bags.Offsets = append(bags.Offsets, int32(n))
			}
		}
		b.Sparse = append(b.Sparse, bags)
	}
	fields, x, _ := s.Model.Embedded(b)
	at := slices.Index(fields, v.field)
	if at < 0 {
		return fmt.Errorf("%s has no embeddings of %s", s.Trial.Model.Name, v.field)
	}
	x = x.Centred()
	for n := range b.N {
		for _, c := range x.Of(n, at) {
			v.x = append(v.x, float64(c))
		}
	}
	v.d = len(v.x) / b.N
	return nil
}

// find returns the places of names; without any, of the most frequent ids.
func (v *vectors) find(names []string) (places []int, err error) {
	for _, name := range names {
		i := slices.IndexFunc(v.names, func(s string) bool { return strings.EqualFold(s, name) })
		if i < 0 {
			i = slices.IndexFunc(v.names, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(name)) })
		}
		if i < 0 {
			hint := ""
			if near := strict.Nearest(name, v.names); near != "" {
				hint = "; did you mean " + near + "?"
			}
			return nil, usage("--of is %q, which is none of the %d ids of %s with enough training rows%s", name, len(v.names), v.field, hint)
		}
		places = append(places, i)
	}
	for i := 0; names == nil && i < min(5, len(v.names)); i++ {
		places = append(places, i)
	}
	return places, nil
}

// neighbour is an id by how near it is to another.
type neighbour struct {
	Of         string  `json:"of"`
	Rank       int     `json:"rank"`
	Name       string  `json:"name"`
	Similarity float64 `json:"similarity"` // cosine
	Rows       int     `json:"rows"`       // of train
}

// near returns the n ids nearest to one.
func (v *vectors) near(i, n int) []neighbour {
	var all []neighbour
	for k := range v.names {
		if k != i {
			all = append(all, neighbour{Of: v.names[i], Name: v.names[k], Similarity: v.cosine(i, k), Rows: v.counts[k]})
		}
	}
	slices.SortStableFunc(all, func(a, b neighbour) int { return cmp.Compare(b.Similarity, a.Similarity) })
	all = all[:min(n, len(all))]
	for k := range all {
		all[k].Rank = k + 1
	}
	return all
}

func (v *vectors) cosine(i, k int) float64 {
	var ab, aa, bb float64
	for c, a := range v.x[i*v.d:][:v.d] {
		b := v.x[k*v.d+c]
		ab, aa, bb = ab+a*b, aa+a*a, bb+b*b
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func (o *embeddingsFlags) show(a *app, v *vectors, asked []int) error {
	out := newLines(a.stdout)
	for k, i := range asked {
		if !o.json {
			if k > 0 {
				fmt.Fprintln(a.stdout)
			}
			fmt.Fprintf(a.stdout, "%s (%s)\n", v.names[i], plural(v.counts[i], "row"))
		}
		for _, n := range v.near(i, o.neighbours) {
			if o.json {
				out.write(n)
			} else if _, err := fmt.Fprintf(a.stdout, "  %5.2f  %s (%d)\n", n.Similarity, n.Name, n.Rows); err != nil {
				return err
			}
		}
	}
	return out.err
}

// draw writes the map: names stand beside the ids asked for and the most frequent ones.
func (v *vectors) draw(dir string, asked []int, what string) (file string, err error) {
	const named = 30
	xy, shares := metric.Plane(v.x, len(v.names))
	var spots []report.Spot
	for i, p := range xy {
		s := report.Spot{X: p[0], Y: p[1]}
		if i < named || slices.Contains(asked, i) {
			s.Label = v.names[i]
		}
		spots = append(spots, s)
	}
	return report.WriteMap(dir, v.field, spots, shares, what)
}
