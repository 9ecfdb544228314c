package runner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
)

// canonical returns JSON of v with sorted keys and no blanks. Numbers stand as encoding/json writes them: the
// shortest text that reads back as the same value.
func canonical(v any) string {
	b, err := json.Marshal(v)
	if err == nil {
		b, err = json.Marshal(decode(b))
	}
	if err != nil {
		panic("runner: options that JSON cannot hold: " + err.Error())
	}
	return string(b)
}

// decode keeps numbers as they stand.
func decode(b []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic("runner: encoding/json does not read what it wrote")
	}
	return v
}

// digest is the SHA-256 of canonical JSON, in hex.
func digest(v any) string { return sum(canonical(v)) }

func sum(text string) string {
	b := sha256.Sum256([]byte(text))
	return hex.EncodeToString(b[:])
}

// Build returns the SHA-256 of the executable: trials done by the same one are not run again.
func Build() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
