package strict

import (
	"bytes"
	"sort"
	"strconv"
	"strings"
)

// index maps every key, table and list element of a TOML document, spelt in full, to its line. The document has
// been parsed already, so that this scanner may believe it valid; of one that is not it makes some index or other.
func index(src []byte) map[string]int {
	s := scanner{src: src, lines: map[string]int{}, count: map[string]int{}}
	for i, c := range src {
		if c == '\n' {
			s.breaks = append(s.breaks, i)
		}
	}
	s.document()
	return s.lines
}

type scanner struct {
	src    []byte
	i      int
	breaks []int          // offsets of the line feeds
	lines  map[string]int // what index returns
	count  map[string]int // elements so far of [[arrays of tables]]
}

func (s *scanner) document() {
	prefix := ""
	for s.space("\ufeff \t\r\n,"); s.i < len(s.src); s.space(" \t\r\n") {
		start := s.i
		if s.src[s.i] == '[' {
			s.i++
			array := s.peek() == '['
			if array {
				s.i++
			}
			prefix = s.header(s.key(), array)
			s.until("#\n")
		} else {
			s.pair(prefix)
		}
		if s.i == start {
			s.i++
		}
	}
}

// header returns the path that a [header] or an [[array]] header opens.
func (s *scanner) header(keys []string, array bool) string {
	path := ""
	for i, k := range keys {
		path = join(path, k)
		s.mark(path)
		if array && i == len(keys)-1 {
			s.count[path]++
		}
		if n := s.count[path]; n > 0 {
			path = elementKey(path, n-1)
			s.mark(path)
		}
	}
	return path
}

// pair scans key = value below a path.
func (s *scanner) pair(path string) {
	for _, k := range s.key() {
		path = join(path, k)
		s.mark(path)
	}
	if s.peek() == '=' {
		s.i++
		s.value(path)
	}
}

func (s *scanner) value(path string) {
	s.space(" \t\r\n")
	switch s.peek() {
	case '"', '\'':
		s.quoted()
	case '[':
		s.list(']', func(i int) { s.mark(elementKey(path, i)); s.value(elementKey(path, i)) })
	case '{':
		s.list('}', func(int) { s.pair(path) })
	default:
		s.until(",]}#\n")
	}
}

// list scans elements up to the closing bracket; the scanner stands on the opening one.
func (s *scanner) list(end byte, element func(i int)) {
	s.i++
	for i := 0; ; i++ {
		s.space(" \t\r\n,")
		if s.i >= len(s.src) {
			return
		}
		if s.src[s.i] == end {
			s.i++
			return
		}
		start := s.i
		element(i)
		if s.i == start {
			s.i++
		}
	}
}

// key scans a dotted key and the blanks behind it.
func (s *scanner) key() (parts []string) {
	for {
		s.blanks()
		if c := s.peek(); c == '"' || c == '\'' {
			parts = append(parts, s.quoted())
		} else {
			parts = append(parts, s.until(" \t\r\n.=[]{},#"))
		}
		s.blanks()
		if s.peek() != '.' {
			return parts
		}
		s.i++
	}
}

// quoted scans a string of any of the four kinds.
func (s *scanner) quoted() string {
	q := s.src[s.i]
	mark := bytes.Repeat([]byte{q}, 3)
	if !bytes.HasPrefix(s.src[s.i:], mark) {
		mark = mark[:1]
	}
	start := s.i
	for s.i += len(mark); s.i < len(s.src); s.i++ {
		if q == '"' && s.src[s.i] == '\\' {
			s.i++
		} else if bytes.HasPrefix(s.src[s.i:], mark) {
			break
		}
	}
	s.i = min(s.i+len(mark), len(s.src))
	for len(mark) == 3 && s.peek() == q { // """ends with quotes"""""
		s.i++
	}
	raw := string(s.src[start:s.i])
	if q == '"' {
		if text, err := strconv.Unquote(raw); err == nil {
			return text
		}
	}
	return strings.Trim(raw, string(q))
}

// space passes over characters of a set, and over comments.
func (s *scanner) space(set string) {
	for s.i < len(s.src) {
		if s.src[s.i] == '#' {
			s.until("\n")
		} else if strings.IndexByte(set, s.src[s.i]) >= 0 {
			s.i++
		} else {
			return
		}
	}
}

func (s *scanner) blanks() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.i++
	}
}

func (s *scanner) until(stop string) string {
	start := s.i
	for s.i < len(s.src) && strings.IndexByte(stop, s.src[s.i]) < 0 {
		s.i++
	}
	return string(s.src[start:s.i])
}

func (s *scanner) peek() byte {
	if s.i < len(s.src) {
		return s.src[s.i]
	}
	return 0
}

// mark notes the line of a path, once.
func (s *scanner) mark(path string) {
	if _, ok := s.lines[path]; !ok {
		s.lines[path] = lineOf(s.breaks, s.i)
	}
}

// lineOf returns the line, from 1, of an offset, given those of the line feeds.
func lineOf(breaks []int, offset int) int { return sort.SearchInts(breaks, offset) + 1 }
