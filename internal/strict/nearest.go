package strict

import "strings"

// Nearest returns the word among some that a person may have meant, "" if none is near: an edit for every three
// letters, at least one, the case of letters apart; or else one that has the word in it. Of several as near, the first.
func Nearest(word string, among []string) string {
	word = strings.ToLower(word)
	best, found := max(1, len(word)/3)+1, ""
	for _, w := range among {
		if d := edits(word, strings.ToLower(w)); d < best {
			best, found = d, w
		}
	}
	for _, w := range among {
		if found == "" && len(word) > 2 && strings.Contains(w, word) {
			found = w
		}
	}
	return found
}

// edits counts the letters to insert, delete, replace, or swap with their neighbours that lead from a to b.
func edits(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
