package datasets

import (
	"slices"
	"sort"
)

// numbering gives values numbers from 1 as they come. The first trained of them are ids; the others, which no row of train
// has, are told apart here and are id 0 in batches.
type numbering struct {
	numbers map[int32]int32
	values  []int32 // by number; values[0] stands for nothing
	trained int
}

func newNumbering() *numbering { return &numbering{numbers: map[int32]int32{}, values: []int32{0}} }

func (n *numbering) of(value int32) int32 {
	number, ok := n.numbers[value]
	if !ok {
		number = int32(len(n.values))
		n.numbers[value] = number
		n.values = append(n.values, value)
	}
	return number
}

// fitted ends the values of train.
func (n *numbering) fitted() { n.trained = len(n.values) - 1 }

func (n *numbering) id(number int32) int32 {
	if int(number) > n.trained {
		return 0
	}
	return number
}

// seen is who has met what in train, by number.
type seen struct {
	start []int   // of each user's items, from user 0, who has none
	items []int32 // each user's in ascending order
	users []int32 // of each of items
	all   int     // items there are: 1 … all
}

// newSeen groups pairs of numbers by user.
func newSeen(user, item []int32, users, items int) *seen {
	s := &seen{start: make([]int, users+2), items: make([]int32, len(item)), users: make([]int32, len(user)), all: items}
	for _, u := range user {
		s.start[u+1]++
	}
	for u := range users + 1 {
		s.start[u+1] += s.start[u]
	}
	next := slices.Clone(s.start)
	for i, u := range user {
		s.items[next[u]], s.users[next[u]] = item[i], u
		next[u]++
	}
	for u := range int32(users + 1) {
		slices.Sort(s.of(u))
	}
	return s
}

// of returns the items of a user; one that train does not have has none.
func (s *seen) of(user int32) []int32 {
	if int(user) >= len(s.start)-1 {
		return nil
	}
	return s.items[s.start[user]:s.start[user+1]]
}

func (s *seen) has(user, item int32) bool {
	_, found := slices.BinarySearch(s.of(user), item)
	return found
}

// gap returns the k-th number, from 0, of 1, 2, … that ascending numbers leave out: before the i-th are taken[i]−1−i of them.
func gap(taken []int32, k int) int32 {
	return int32(k + 1 + sort.Search(len(taken), func(i int) bool { return int(taken[i])-1-i > k }))
}
