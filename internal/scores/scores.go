// Package scores keeps what a trial's model said of every example of test, compressed, so that any later test can be made.
//
// A folder of artifacts has a file of scores a trial, TRIAL/scores.bin, and one of labels for all trials with the same test split,
// labels/DIGEST.bin. A file is a line that says what it is, a line of JSON, zstd of the columns, and SHA-256 of all that. A
// column is its numbers of 32 bits by significance of their bytes, least first: all first bytes, all second bytes, ….
package scores

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// What a score is.
const (
	Logit  = "logit"
	Margin = "margin" // it orders, and parts classes at 0
	Rating = "rating"
	Rank   = "rank" // it orders the candidates of a list
)

// Header is the line of JSON.
type Header struct {
	Trial   string `json:"trial"`             // id
	Dataset string `json:"dataset"`           // identity of the data
	Output  string `json:"output"`            // what a score is
	Rows    int    `json:"rows"`              // of test, in its own order
	Cluster string `json:"cluster,omitempty"` // the field that Scores.Cluster has ids of: examples that are not independent
	Labels  string `json:"labels"`            // the other file, from the folder on
}

// Scores are those of a trial.
type Scores struct {
	Header
	Score   []float32
	Label   []float32
	Cluster []int32 // nil where there is none
}

// File is one that was written: an artifact.
type File struct {
	Kind, Path string // Path from the folder on
	Digest     string // SHA-256 (hex)
	Bytes      int64
}

const (
	first = "ctrlab scores 1\n"
	name  = "scores.bin"
	most  = 1 << 31 // bytes of a column
)

// Save writes s, whose Header wants no Labels, into a folder of artifacts.
func Save(folder string, s Scores) ([]File, error) {
	labels, err := encode(labelsHeader{len(s.Label), s.Cluster != nil}, floatBits(s.Label), intBits(s.Cluster))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(labels)
	s.Labels = filepath.Join("labels", hex.EncodeToString(sum[:16])+".bin")
	body, err := encode(s.Header, floatBits(s.Score))
	if err != nil {
		return nil, err
	}
	files := []File{fileOf("labels", s.Labels, labels), fileOf("scores", filepath.Join(s.Trial, name), body)}
	if there, err := os.Stat(filepath.Join(folder, s.Labels)); err != nil || there.Size() != int64(len(labels)) {
		if err := put(filepath.Join(folder, s.Labels), labels); err != nil {
			return nil, err
		}
	}
	return files, put(filepath.Join(folder, s.Trial, name), body)
}

// labelsHeader is the line of JSON of a file of labels.
type labelsHeader struct {
	Rows     int  `json:"rows"`
	Clusters bool `json:"clusters"`
}

func fileOf(kind, path string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{kind, path, hex.EncodeToString(sum[:]), int64(len(content))}
}

// put makes a file in one step, with its folder.
func put(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing after the renaming
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Open reads the scores of a trial from a folder of artifacts.
func Open(folder, trial string) (*Scores, error) {
	s := &Scores{}
	columns, err := read(filepath.Join(folder, trial, name), &s.Header)
	if err != nil {
		return nil, err
	}
	var l labelsHeader
	labels, err := read(filepath.Join(folder, filepath.Clean("/"+s.Labels)), &l)
	if err != nil {
		return nil, err
	}
	want := 1
	if l.Clusters {
		want = 2
	}
	if len(columns) != s.Rows || len(labels) != want*s.Rows || l.Rows != s.Rows {
		return nil, fmt.Errorf("%s: damaged: %d scores and %d labels, want %d", filepath.Join(folder, trial, name), len(columns), l.Rows, s.Rows)
	}
	s.Score, s.Label = floatsOf(columns), floatsOf(labels[:s.Rows])
	if l.Clusters {
		s.Cluster = make([]int32, s.Rows)
		for i, b := range labels[s.Rows:] {
			s.Cluster[i] = int32(b)
		}
	}
	return s, nil
}

// encoder is for any number of goroutines; to make one takes longer than to pack a small split.
var encoder = sync.OnceValue(func() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic("scores: options of zstd do not fit")
	}
	return w
})

func encode(header any, columns ...[]uint32) ([]byte, error) {
	line, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	var planes []byte
	for _, c := range columns {
		for shift := 0; shift < 32; shift += 8 {
			for _, v := range c {
				planes = append(planes, byte(v>>shift))
			}
		}
	}
	out := encoder().EncodeAll(planes, append(append([]byte(first), line...), '\n'))
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// read returns the numbers of a file's columns, which all have as many.
func read(path string, header interface{ columns() (n, rows int) }) ([]uint32, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	numbers, err := decode(content, header)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return numbers, nil
}

func (h *Header) columns() (n, rows int) { return 1, h.Rows }

func (h *labelsHeader) columns() (n, rows int) {
	if h.Clusters {
		return 2, h.Rows
	}
	return 1, h.Rows
}

var errDamaged = errors.New("damaged, or no file of scores")

func decode(content []byte, header interface{ columns() (n, rows int) }) ([]uint32, error) {
	end := len(content) - sha256.Size
	if end < 0 || !bytes.HasPrefix(content, []byte(first)) {
		return nil, errDamaged
	}
	if sum := sha256.Sum256(content[:end]); !bytes.Equal(sum[:], content[end:]) {
		return nil, errDamaged
	}
	line, packed, ok := bytes.Cut(content[len(first):end], []byte("\n"))
	if !ok || json.Unmarshal(line, header) != nil {
		return nil, errDamaged
	}
	n, rows := header.columns()
	if rows < 0 || rows > most/4/n {
		return nil, errDamaged
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(max(4*n*rows, 1<<20))))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	planes, err := r.DecodeAll(packed, nil)
	if err != nil || len(planes) != 4*n*rows {
		return nil, errDamaged
	}
	out := make([]uint32, n*rows)
	for c := range n {
		for shift := range 4 {
			for i := range rows {
				out[c*rows+i] |= uint32(planes[(4*c+shift)*rows+i]) << (8 * shift)
			}
		}
	}
	return out, nil
}

func floatBits(v []float32) []uint32 {
	out := make([]uint32, len(v))
	for i, x := range v {
		out[i] = math.Float32bits(x)
	}
	return out
}

func intBits(v []int32) []uint32 {
	out := make([]uint32, len(v))
	for i, x := range v {
		out[i] = uint32(x)
	}
	return out
}

func floatsOf(v []uint32) []float32 {
	out := make([]float32, len(v))
	for i, b := range v {
		out[i] = math.Float32frombits(b)
	}
	return out
}
