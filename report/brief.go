package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// brief shortens labels where one does not fit, so that no two that differ come out the same.
func brief(labels []string, fits func(string) bool) []string {
	if out, ok := abridge(labels, fits); ok {
		return out
	}
	short := each(labels, lastWords)
	for n := 2; n > 0; n-- {
		if out := telling(initials(short, n), fits); out != nil && len(twins(labels, out)) == 0 {
			return out
		}
	}
	out := each(short, func(l string) string { return cut(l, fits) })
	for i := range twins(labels, out) {
		number := fmt.Sprintf("…%d", i+1)
		out[i] = strings.TrimSuffix(cut(short[i], func(s string) bool { return fits(s + number) }), "…") + number
	}
	return out
}

// abridge leaves the words by which labels differ whole, where it can: the keys of matrix values become their last word,
// then the middle of what is too long goes, or if that makes two the same, what they share.
func abridge(labels []string, fits func(string) bool) (out []string, ok bool) {
	if !slices.ContainsFunc(labels, func(l string) bool { return !fits(l) }) {
		return slices.Clone(labels), true
	}
	short := each(labels, lastWords)
	unfit := func(l string) bool { return !fits(l) }
	for n := 4; n > 0; n-- { // keys are cut before values are
		if out = short; n < 4 {
			out = initials(short, n)
		}
		if !slices.ContainsFunc(out, unfit) && len(twins(labels, out)) == 0 {
			return out, true
		}
	}
	if out = each(short, func(l string) string { return cut(l, fits) }); len(twins(labels, out)) == 0 {
		return out, true
	}
	out = telling(short, fits)
	return out, out != nil && len(twins(labels, out)) == 0
}

func each(labels []string, short func(string) string) []string {
	var out []string
	for _, l := range labels {
		out = append(out, short(l))
	}
	return out
}

// cut clips the middle of a label until it fits.
func cut(label string, fits func(string) bool) string {
	out := label
	for n := Width(label); n > 3 && !fits(out); n-- {
		out = clip(label, n-1)
	}
	return out
}

// twins are the places of the labels whose short forms others have too.
func twins(labels, short []string) map[int]bool {
	first, shared := map[string]string{}, map[string]bool{} // by short form: a label that has it, and whether another has
	for i, s := range short {
		if l, ok := first[s]; !ok {
			first[s] = labels[i]
		} else if l != labels[i] {
			shared[s] = true
		}
	}
	out := map[int]bool{}
	for i, s := range short {
		if shared[s] {
			out[i] = true
		}
	}
	return out
}

// telling cuts from labels that do not fit and begin with the same word what these share: of the words before the first
// that differs as many letters stay as leave room for the words that differ, in all labels the same. It returns nil
// where that leaves not one letter.
func telling(labels []string, fits func(string) bool) []string {
	families := map[string][]int{} // places of the labels, by first word
	longest := 0
	for i, l := range labels {
		if !fits(l) {
			first := words(l)[0]
			families[first] = append(families[first], i)
			longest = max(longest, Width(l))
		}
	}
	for n := longest; n > 0; n-- {
		out := slices.Clone(labels)
		for _, at := range families {
			family(out, at, n)
		}
		if !slices.ContainsFunc(out, func(l string) bool { return !fits(l) }) {
			return out
		}
	}
	return nil
}

// family leaves of what labels share n letters.
func family(labels []string, at []int, n int) {
	count := map[string]int{}
	for _, i := range at {
		for _, w := range words(labels[i]) {
			count[w]++
		}
	}
	shared := func(w string) bool { return count[w] == len(at) }
	for _, i := range at {
		all := words(labels[i])
		from := slices.IndexFunc(all, func(w string) bool { return !shared(w) })
		if from < 0 || len(at) == 1 {
			labels[i] = clip(labels[i], max(n, 3))
			continue
		}
		name := strings.Join(all[:from], " ")
		if r := []rune(name); n < len(r) {
			name = strings.TrimRight(string(r[:n]), " ")
		}
		labels[i] = name + "… " + strings.Join(slices.DeleteFunc(all[from:], shared), " ")
	}
}

// lastWords shortens the keys in a label to their last word ("learning_rate=0.05" is "rate=0.05"), unless two then look the same.
func lastWords(label string) string {
	words, seen := strings.Split(label, " "), map[string]bool{}
	for i, w := range words {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			continue
		}
		key = key[strings.LastIndexAny(key, "_.")+1:]
		if seen[key] {
			return label
		}
		seen[key] = true
		words[i] = key + "=" + value
	}
	return strings.Join(words, " ")
}

// initials shortens the keys in labels to as many letters as tell them apart, n at least: "rate=0.1 size=64" is
// "r=0.1 s=64".
func initials(labels []string, n int) []string {
	var keys []string
	for _, l := range labels {
		for _, w := range words(l) {
			if key, _, ok := strings.Cut(w, "="); ok && !slices.Contains(keys, bareKey(key)) {
				keys = append(keys, bareKey(key))
			}
		}
	}
	return each(labels, func(l string) string {
		all := words(l)
		for i, w := range all {
			if key, value, ok := strings.Cut(w, "="); ok {
				all[i] = initial(bareKey(key), keys, n) + "=" + value
			}
		}
		return strings.Join(all, " ")
	})
}

// bareKey is a key without the table that it is of.
func bareKey(key string) string { return key[strings.LastIndex(key, ".")+1:] }

// initial is the shortest beginning of a key, of n bytes at least, that no other has.
func initial(key string, keys []string, least int) string {
	for n := range key {
		if n >= least && !slices.ContainsFunc(keys, func(k string) bool { return k != key && strings.HasPrefix(k, key[:n]) }) {
			return key[:n]
		}
	}
	return key
}

var list = regexp.MustCompile(`\[([^\[\]{}]*)\]`)

// counted puts the length of a list in its place, "features=[…3]", where that leaves labels apart.
func counted(labels []string) []string {
	short := each(labels, func(l string) string {
		return list.ReplaceAllStringFunc(l, func(s string) string {
			if n := strings.Count(s, ",") + 1; n > 1 {
				return fmt.Sprintf("[…%d]", n)
			}
			return s
		})
	})
	if len(twins(labels, short)) > 0 {
		return labels
	}
	return short
}
