package datasets

import (
	"bytes"
	"fmt"
	"slices"
	"sort"

	"ctrlab/datasets/order"
)

// lists are the rows of a split to rank: of each list the item held out, then its candidates. Users and items are numbers.
type lists struct {
	user, held []int32
	start      []int   // the first row of each list, and the end
	candidates []int32 // of all lists; nil: whatever the user has not seen
}

func (l *lists) add(user, held int32, candidates []int32) {
	l.user, l.held = append(l.user, user), append(l.held, held)
	l.candidates = append(l.candidates, candidates...)
	l.end(len(candidates))
}

func (l *lists) end(candidates int) {
	if l.start == nil {
		l.start = []int{0}
	}
	l.start = append(l.start, l.start[len(l.start)-1]+1+candidates)
}

func (l *lists) rows() int {
	if len(l.start) == 0 {
		return 0
	}
	return l.start[len(l.start)-1]
}

// find returns the list of a row; it is most often that of the last, or the next.
func (l *lists) find(row, last int) int {
	for list := last; list < min(last+2, len(l.user)); list++ {
		if row >= l.start[list] && row < l.start[list+1] {
			return list
		}
	}
	return sort.SearchInts(l.start, row+1) - 1
}

// item returns the item of a row of a list, and its label.
func (l *lists) item(s *seen, list, row int) (item int32, label float32) {
	k := row - l.start[list]
	switch {
	case k == 0:
		return l.held[list], 1
	case l.candidates != nil:
		return l.candidates[row-list-1], 0
	}
	met := s.of(l.user[list])
	if i, found := slices.BinarySearch(met, l.held[list]); !found && k > int(l.held[list])-1-i {
		k++ // the item held out is itself a gap, and not its own candidate
	}
	return gap(met, k-1), 0
}

// unseen are lists of all items that the user has not met in train.
func (s *seen) unseen(user, held []int32) lists {
	l := lists{user: user, held: held}
	for i, u := range user {
		n := s.all - len(s.of(u))
		if int(held[i]) <= s.all && !s.has(u, held[i]) {
			n--
		}
		l.end(n)
	}
	return l
}

// candidateDraw is a draw of candidates: so many for each list, of the items that the user has in no split.
type candidateDraw struct {
	most int
	key  uint64
	met  map[int32][]int32 // what a user has in valid and test
}

func (s *seen) sampled(user, held []int32, d candidateDraw) lists {
	l := lists{candidates: []int32{}}
	var taken, drawn []int32
	for i, u := range user {
		taken = append(append(taken[:0], s.of(u)...), d.met[u]...)
		slices.Sort(taken)
		taken = slices.Compact(taken)
		for len(taken) > 0 && int(taken[len(taken)-1]) > s.all {
			taken = taken[:len(taken)-1]
		}
		free := s.all - len(taken)
		p := order.New(free, mix(d.key^(uint64(u)<<32|uint64(uint32(held[i])))))
		drawn = drawn[:0]
		for k := range min(d.most, free) {
			drawn = append(drawn, gap(taken, p.At(k)))
		}
		l.add(u, held[i], drawn)
	}
	return l
}

// given are the candidates that a file names, by values of user and item held out.
type given struct {
	lists map[[2]int32][]int32
	twice int // lists that name the item held out, or an item twice
}

// parse reads a line of the NCF repository's test.negative: (user,item) and the candidates, with tabs between.
func (g *given) parse(line []byte) error {
	cells := bytes.Split(line, []byte("\t"))
	var key [2]int32
	head := cells[0]
	comma := slices.Index(head, ',')
	if len(head) < 5 || head[0] != '(' || head[len(head)-1] != ')' || comma < 0 {
		return fmt.Errorf("column 1 is %s, want (user,item)", quoted(head))
	}
	for i, v := range [][]byte{head[1:comma], head[comma+1 : len(head)-1]} {
		id, err := identifier(v, 1, [...]string{"user", "item"}[i])
		if err != nil {
			return err
		}
		key[i] = id
	}
	if _, ok := g.lists[key]; ok {
		return fmt.Errorf("column 1 is %s, which an earlier line has", quoted(head))
	}
	list := make([]int32, 0, len(cells)-1)
	for i, v := range cells[1:] {
		item, err := identifier(v, i+2, "item")
		if err != nil {
			return err
		}
		list = append(list, item)
	}
	g.lists[key] = list
	return nil
}

// of returns the candidates of a list by number, each once, and without the item held out.
func (g *given) of(key [2]int32, items *numbering) []int32 {
	values := g.lists[key]
	seen := map[int32]bool{key[1]: true}
	var list []int32
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			list = append(list, items.of(v))
		}
	}
	if len(list) < len(values) {
		g.twice++
	}
	return list
}

// few counts lists whose item held out is among the first ten whatever the model says.
func (l *lists) few() (n int) {
	for i := range l.user {
		if l.start[i+1]-l.start[i] <= 10 {
			n++
		}
	}
	return n
}
