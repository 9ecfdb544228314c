package prepare

import (
	"encoding/binary"
	"io"
)

// names are the texts of a field's keys.
type names struct {
	keys, text *writer // key and length of its text; the texts one after the other
	recent     recent
}

// recent is a set of keys that forgets: it says of many that they were there a moment ago.
type recent []uint64

func (r recent) has(key uint64) bool {
	place := &r[key%uint64(len(r))]
	if *place == key {
		return true
	}
	*place = key
	return false
}

// addNames keeps the texts of keys, at least once each.
func (a *appender) addNames(field int, names map[uint64]string) error {
	n := &a.names[field]
	for key, text := range names {
		if n.recent.has(key) {
			continue
		}
		a.record = binary.NativeEndian.AppendUint64(a.record[:0], key)
		a.record = binary.NativeEndian.AppendUint64(a.record, uint64(len(text)))
		if _, err := n.keys.Write(a.record); err != nil {
			return err
		}
		if _, err := io.WriteString(n.text, text); err != nil {
			return err
		}
	}
	return nil
}
