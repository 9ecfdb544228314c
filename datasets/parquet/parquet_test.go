package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	library "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// row has a column of every type and encoding.
type row struct {
	Bool      bool      `parquet:"bool"`
	MaybeBool *bool     `parquet:"maybe_bool,optional"`
	Int       int32     `parquet:"int"`
	Dict      int32     `parquet:"dict,dict"`
	Delta     int32     `parquet:"delta,delta"`
	Delta64   int64     `parquet:"delta64,delta"`
	Maybe     *int64    `parquet:"maybe,optional"`
	Uint      uint32    `parquet:"uint"`
	Big       uint64    `parquet:"big,dict"`
	Float     float32   `parquet:"float"`
	Split     float32   `parquet:"split,split"`
	Double    float64   `parquet:"double,split"`
	MaybeReal *float64  `parquet:"maybe_real,optional,dict"`
	Text      string    `parquet:"text"`
	Word      string    `parquet:"word,dict"`
	Front     string    `parquet:"front,delta"`
	Maybes    *string   `parquet:"maybes,optional,dict"`
	Fixed     [5]byte   `parquet:"fixed"`
	ID        [16]byte  `parquet:"id,uuid"`
	Day       int32     `parquet:"day,date"`
	Time      time.Time `parquet:"time,timestamp(millisecond)"`
	Micro     time.Time `parquet:"micro,timestamp(microsecond)"`
	Nano      time.Time `parquet:"nano,timestamp(nanosecond),dict"`
	Price     int64     `parquet:"price,decimal(2:18)"`
	Old       deprecated.Int96
	Tags      []string `parquet:"tags,list,dict"`
	Numbers   []int64  `parquet:"numbers"`
	User      user     `parquet:"user"`
	Maybe2    *user    `parquet:"maybe2,optional"`
	Items     []item   `parquet:"items,list"`
	Deep      []group
}

type user struct {
	Age  int32   `parquet:"age"`
	City *string `parquet:"city,optional"`
}

type group struct {
	Of []int32 `parquet:"of"`
}

type item struct {
	Price float64 `parquet:"price"`
}

// someRows draws rows, and has with each column what the reader has to say of it.
func someRows(n int) (rows []row, want map[string][]string) {
	r := rand.New(rand.NewPCG(1, 2))
	want = map[string][]string{}
	put := func(name string, v any) { want[name] = append(want[name], fmt.Sprint(v)) }
	maybe := func() bool { return r.IntN(3) > 0 }
	for i := range n {
		at := time.Date(2014, 10, 21, 0, 0, i, r.IntN(1e9), time.UTC)
		x := row{
			Bool: r.IntN(2) > 0, Int: r.Int32() - 1<<30, Dict: r.Int32N(7), Delta: r.Int32() - 1<<30, Delta64: int64(r.Uint64()), Uint: r.Uint32(), Big: r.Uint64(),
			Float: r.Float32(), Split: r.Float32(), Double: r.NormFloat64(), Text: strings.Repeat("é", r.IntN(9)), Word: fmt.Sprint("w", r.IntN(50)),
			Front: fmt.Sprintf("%08d", i*i), Fixed: [5]byte{'a', 'b', byte('0' + i%10), 'c', 'd'},
			ID: [16]byte{0xa0, 0xee, 15: byte(i)}, Day: int32(i) - 5, Time: at, Micro: at, Nano: at, Price: r.Int64N(1e6),
			User: user{Age: r.Int32N(99)},
		}
		put("bool", x.Bool)
		put("int", x.Int)
		put("dict", x.Dict)
		put("delta", x.Delta)
		put("delta64", x.Delta64)
		put("uint", x.Uint)
		put("big", x.Big)
		put("float", float64(x.Float))
		put("split", float64(x.Split))
		put("double", x.Double)
		put("text", x.Text)
		put("word", x.Word)
		put("front", x.Front)
		put("fixed", string(x.Fixed[:]))
		put("id", fmt.Sprintf("a0ee0000-0000-0000-0000-0000000000%02x", byte(i)))
		put("day", int64(x.Day)*86400)
		for _, name := range []string{"time", "micro", "nano"} {
			put(name, at.Unix())
		}
		put("price", float64(x.Price)/100)
		x.Old = deprecated.Int96{0, 0, julian1970 + uint32(i)}
		put("Old", i*86400)
		put("user.age", x.User.Age)
		for _, name := range []string{"maybe", "maybe_bool", "maybe_real", "maybes", "user.city", "maybe2.age", "maybe2.city"} {
			want[name] = append(want[name], "none")
		}
		set := func(name string, v any) { want[name][i] = fmt.Sprint(v) }
		if maybe() {
			x.Maybe, x.MaybeBool, x.MaybeReal, x.Maybes = new(r.Int64()), new(r.IntN(2) > 0), new(float64(r.IntN(4))), new(fmt.Sprint(r.IntN(30)))
			x.User.City = new("Ulm")
			set("maybe", *x.Maybe)
			set("maybe_bool", *x.MaybeBool)
			set("maybe_real", *x.MaybeReal)
			set("maybes", *x.Maybes)
			set("user.city", "Ulm")
		}
		if maybe() {
			x.Maybe2 = &user{Age: 4}
			set("maybe2.age", 4)
		}
		for range r.IntN(4) {
			x.Tags, x.Numbers, x.Items = append(x.Tags, fmt.Sprint(r.IntN(5))), append(x.Numbers, r.Int64()), append(x.Items, item{r.Float64()})
		}
		var prices []float64
		for _, it := range x.Items {
			prices = append(prices, it.Price)
		}
		put("tags", x.Tags)
		put("numbers", x.Numbers)
		put("items.price", prices)
		rows = append(rows, x)
	}
	return rows, want
}

func written[T any](t testing.TB, rows []T, options ...library.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := library.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(data []byte) (*File, error) { return New("f", bytes.NewReader(data), int64(len(data))) }

// spelled are all values of a column, of a row in which it is a list together.
func spelled(f *File, c *Column, size int) (all []string, err error) {
	r := f.Reader(c)
	for g := range f.Groups() {
		if err := r.Begin(g); err != nil {
			return all, err
		}
		for left := int(f.Rows(g)); left > 0; left -= size {
			n := min(size, left)
			rows := make([][]string, n)
			if err := r.Read(n, func(row int, v *Value) error { rows[row] = append(rows[row], spell(c, v)); return nil }); err != nil {
				return all, err
			}
			for _, row := range rows {
				if c.Depth > 0 {
					all = append(all, fmt.Sprint(row))
				} else {
					all = append(all, row...)
				}
			}
		}
		if err := r.End(); err != nil {
			return all, err
		}
	}
	return all, nil
}

func spell(c *Column, v *Value) string {
	switch {
	case v.None:
		return "none"
	case c.Kind == Bool:
		return fmt.Sprint(v.Int != 0)
	case c.Kind == Uint:
		return fmt.Sprint(uint64(v.Int))
	case c.Kind == Float:
		return fmt.Sprint(v.Float)
	case c.Kind == Text:
		return string(v.Text)
	}
	return fmt.Sprint(v.Int)
}

var codecs = []compress.Codec{&library.Uncompressed, &library.Snappy, &library.Gzip, &library.Zstd, &library.Brotli, &library.Lz4Raw}

// What the library writes is read: all types, encodings, codecs, versions of pages, and row groups.
func TestRead(t *testing.T) {
	rows, want := someRows(1500)
	for _, codec := range codecs {
		for version := 1; version <= 2; version++ {
			data := written(t, rows, library.Compression(codec), library.DataPageVersion(version), library.PageBufferSize(700), library.MaxRowsPerRowGroup(400))
			f, err := opened(data)
			if err != nil {
				t.Fatal(err)
			}
			if f.Groups() != 4 || f.Rows(3) != 300 || len(f.Columns()) != len(want)+1 {
				t.Fatalf("%d groups, %d columns, want 4 and %d", f.Groups(), len(f.Columns()), len(want)+1)
			}
			for _, c := range f.Columns()[:len(want)] {
				if got, err := spelled(f, c, 333); err != nil || !slices.Equal(got, want[c.Name]) {
					i := 0
					for i < len(got) && i < len(want[c.Name]) && got[i] == want[c.Name][i] {
						i++
					}
					t.Errorf("%v, version %d: %s differs from row %d of %d and %d on: %q, want %q; %v", codec, version, c.Name, i, len(got), len(want[c.Name]), got[i:min(len(got), i+3)], want[c.Name][i:min(len(want[c.Name]), i+3)], err)
				}
			}
		}
	}
}

func TestColumns(t *testing.T) {
	rows, _ := someRows(1)
	f, err := opened(written(t, rows))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range f.Columns() {
		got = append(got, c.Name+" "+c.Type)
	}
	want := []string{"bool bool", "maybe_bool bool", "int int32", "dict int32", "delta int32", "delta64 int64", "maybe int64", "uint uint32", "big uint64", "float float",
		"split float", "double double", "maybe_real double", "text string", "word string", "front string", "maybes string", "fixed binary(5)", "id uuid",
		"day date", "time timestamp in ms", "micro timestamp in µs", "nano timestamp in ns", "price decimal", "Old int96 timestamp", "tags list of string",
		"numbers list of int64", "user.age int32", "user.city string", "maybe2.age int32", "maybe2.city string", "items.price list of double", "Deep.of list of list of int32"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// changed is a file whose footer says something else.
func changed(t testing.TB, data []byte, change func(m *format.FileMetaData)) []byte {
	t.Helper()
	n := int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	body := len(data) - 8 - n
	var m format.FileMetaData
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, data[body:len(data)-8], &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	footer, err := thrift.Marshal(&thrift.CompactProtocol{}, &m)
	if err != nil {
		t.Fatal(err)
	}
	return closed(data[:body], footer)
}

func closed(body, footer []byte) []byte {
	b := append(slices.Clone(body), footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), magic...)
}

// Claims that the file does not keep are errors before anything is made of them.
func TestHostile(t *testing.T) {
	type few struct {
		A int64  `parquet:"a"`
		B string `parquet:"b,dict"`
	}
	data := written(t, []few{{1, "x"}, {2, "y"}, {3, "x"}}, library.Compression(&library.Zstd))
	chunk := func(change func(m *format.ColumnMetaData)) []byte {
		return changed(t, data, func(m *format.FileMetaData) { change(&m.RowGroups[0].Columns[0].MetaData) })
	}
	for _, c := range []struct {
		data []byte
		err  string
	}{
		{nil, "f: does not begin and end with PAR1: it is not a Parquet file, or is cut off"},
		{[]byte("a,b,c\n1,2,3\n"), "f: does not begin and end with PAR1: it is not a Parquet file, or is cut off"},
		{data[:len(data)-1], "f: does not begin and end with PAR1: it is not a Parquet file, or is cut off"},
		{closed([]byte("PAR1"), nil), "f: its footer is damaged: it is cut off"},
		{[]byte("PAR1\xff\xff\xff\x7fPAR1"), "f: its footer says that it has 2147483647 bytes, and the file has 12"},
		{closed([]byte("PAR1"), []byte("\x29\xfc\xff\xff\xff\xff\x07\x00")), "f: its footer is damaged: it is cut off"}, // a schema of 2³¹−1 elements
		{closed([]byte("PAR1"), bytes.Repeat([]byte("\x1c"), 99)), "f: its footer is damaged: it is nested too deep"},
		{closed([]byte("PAR1"), append([]byte("\x29\xfc\x80\x80\x80\x01"), make([]byte, 2<<20)...)), "f: its footer is damaged: it has too many parts"},
		{changed(t, data, func(m *format.FileMetaData) { m.Schema = m.Schema[:1] }), "f: its schema does not fit together"},
		{changed(t, data, func(m *format.FileMetaData) { m.Schema[0].NumChildren.V = 1 << 30 }), "f: its schema does not fit together"},
		{changed(t, data, func(m *format.FileMetaData) { m.RowGroups[0].NumRows = 1 << 60 }), fmt.Sprintf("f: row group 0 says that it has %d rows: too many for a file of ", 1<<60)},
		{changed(t, data, func(m *format.FileMetaData) { m.NumRows = 4 }), "f: its footer says that it has 4 rows, and its row groups have 3"},
		{changed(t, data, func(m *format.FileMetaData) { m.RowGroups[0].Columns = m.RowGroups[0].Columns[:1] }), "f: row group 0 has 1 columns, and the schema has 2"},
		{chunk(func(m *format.ColumnMetaData) { m.Type = format.Int32 }), "f: row group 0 has column a as INT32, and the schema as INT64"},
		{chunk(func(m *format.ColumnMetaData) { m.NumValues = 2 }), "f: row group 0 says that column a has 2 values in 3 rows"},
		{chunk(func(m *format.ColumnMetaData) { m.TotalCompressedSize = 1 << 40 }), "f: row group 0: column a its pages are said to be"},
		{chunk(func(m *format.ColumnMetaData) { m.DataPageOffset = -1 }), "f: row group 0: column a its pages are said to be"},
		{chunk(func(m *format.ColumnMetaData) { m.Codec = format.LZO }), "f: row group 0: column a has a page that does not unpack: is packed with LZO, want none"},
		{chunk(func(m *format.ColumnMetaData) { m.Codec = format.Snappy }), "f: row group 0: column a has a page that does not unpack: "},
		{changed(t, data, func(m *format.FileMetaData) { // more rows than pages have
			m.NumRows, m.RowGroups[0].NumRows = 9000, 9000
			for i := range m.RowGroups[0].Columns {
				m.RowGroups[0].Columns[i].MetaData.NumValues = 9000
			}
		}), "f: row group 0: column a has fewer pages than its values need"},
		{changed(t, data, func(m *format.FileMetaData) {
			m.NumRows, m.RowGroups[0].NumRows = 2, 2
			for i := range m.RowGroups[0].Columns {
				m.RowGroups[0].Columns[i].MetaData.NumValues = 2
			}
		}), "f: row group 0: column a has a page of 3 values, and 2 more are said to be there"},
	} {
		err := readAll(c.data)
		if err == nil || !strings.HasPrefix(err.Error(), c.err) {
			t.Errorf("%q\ngot %v\nwant %s", c.data[:min(len(c.data), 100)], err, c.err)
		}
	}
}

// What a page claims is held to its column chunk and to bounds before memory is taken.
func TestHostilePages(t *testing.T) {
	type one struct {
		A int64 `parquet:"a"`
	}
	data := written(t, []one{{1}, {2}, {3}})
	values := func(n int32, encoding format.Encoding) format.PageHeader {
		var h format.PageHeader
		h.Type, h.DataPageHeader.Valid = format.DataPage, true
		h.DataPageHeader.V.NumValues, h.DataPageHeader.V.Encoding = n, encoding
		return h
	}
	entries := format.PageHeader{Type: format.DictionaryPage}
	entries.DictionaryPageHeader.Valid, entries.DictionaryPageHeader.V.NumValues = true, 2
	for _, c := range []struct {
		header format.PageHeader
		packed string
		size   int32 // decompressed, as the header has it
		err    string
	}{
		{values(3, format.Plain), "", mostPage + 1, "has a page of 268435457 bytes decompressed, want at most 268435456"},
		{values(3, format.Plain), "", -1, "has a page of -1 bytes decompressed, want at most 268435456"},
		{values(3, format.Plain), "\x18\x00", 24, "has a page that does not unpack: "},
		{values(3, format.Plain), "\xff\xff\xff\xff\x0f", 24, "has a page that does not unpack: "}, // 4 GB, says snappy
		{values(-1, format.Plain), "\x01\x00a", 1, "has a page of -1 values, and 3 more are said to be there"},
		{values(3, format.Plain), "\x01\x00a", 1, "has fewer values than its header says"},
		{values(3, format.RLEDictionary), "\x01\x00a", 1, "has numbers of entries, and no dictionary before them"},
		{values(3, format.DeltaByteArray), "\x01\x00a", 1, "has values of type int64 in the encoding DELTA_BYTE_ARRAY"},
		{values(3, format.DeltaBinaryPacked), "\x05\x10\x80\x01\x04\x03\x00", 5, "has differences that are damaged"}, // no block
		{entries, "\x01\x00a", 1, "has a dictionary of 2 entries in 1 bytes"},
		{entries, "\x02\x04ab", 2, "has a dictionary that has fewer values than its header says"},
		{format.PageHeader{Type: 9}, "", 0, "has a page of an unknown type, 9"},
	} {
		c.header.CompressedPageSize, c.header.UncompressedPageSize = int32(len(c.packed)), c.size
		head, err := thrift.Marshal(&thrift.CompactProtocol{}, &c.header)
		if err != nil {
			t.Fatal(err)
		}
		page := append(head, c.packed...)
		hostile := changed(t, data, func(m *format.FileMetaData) {
			chunk := &m.RowGroups[0].Columns[0].MetaData
			chunk.DataPageOffset, chunk.DictionaryPageOffset, chunk.TotalCompressedSize = int64(len(magic)), 0, int64(len(page))
			chunk.Codec = format.Snappy
		})
		n := int(binary.LittleEndian.Uint32(hostile[len(hostile)-8:]))
		hostile = closed(append([]byte(magic), page...), hostile[len(hostile)-8-n:len(hostile)-8])
		if err := readAll(hostile); err == nil || !strings.HasPrefix(err.Error(), "f: row group 0: column a "+c.err) {
			t.Errorf("%q: got %v, want %s", c.packed, err, c.err)
		}
	}
}

// Pages of several columns are held together.
func TestHeld(t *testing.T) {
	f := &File{}
	for range 4 {
		if err := f.hold(mostPage); err != nil {
			t.Error(err)
		}
	}
	if err := f.hold(1); err == nil {
		t.Error("more than 1 GB was held")
	}
}

// readAll reads all columns of a file.
func readAll(data []byte) error {
	f, err := opened(data)
	if err != nil {
		return err
	}
	for _, c := range f.Columns() {
		if _, err := spelledFew(f, c); err != nil {
			return err
		}
	}
	return nil
}

// spelledFew is spelled of files that may claim many rows.
func spelledFew(f *File, c *Column) (n int, err error) {
	r := f.Reader(c)
	for g := range f.Groups() {
		if err := r.Begin(g); err != nil {
			return n, err
		}
		for left := f.Rows(g); left > 0; left -= 1 << 16 {
			if err := r.Read(int(min(left, 1<<16)), func(_ int, v *Value) error { n++; return nil }); err != nil {
				return n, err
			}
		}
		if err := r.End(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// FuzzParquet seeks panics, endless loops and memory: panics are errors to users, and failures here.
func FuzzParquet(f *testing.F) {
	rows, _ := someRows(40)
	for _, codec := range codecs {
		for version := 1; version <= 2; version++ {
			f.Add(written(f, rows, library.Compression(codec), library.DataPageVersion(version), library.PageBufferSize(200), library.MaxRowsPerRowGroup(25)))
		}
	}
	type small struct {
		A int64    `parquet:"a,delta"`
		B *string  `parquet:"b,optional,dict"`
		C []string `parquet:"c,list"`
		D bool     `parquet:"d"`
	}
	s := make([]small, 20)
	for i := range s {
		s[i] = small{A: int64(i * i), B: new("x"), C: []string{"a", "ab"}[:i%3]}
	}
	for _, codec := range codecs {
		f.Add(written(f, s, library.Compression(codec)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readAll(data); err != nil && strings.Contains(err.Error(), "panicked") {
			t.Error(err)
		}
	})
}

// FuzzPage leaves the footer as it was, so that what changes is in pages.
func FuzzPage(f *testing.F) {
	rows, _ := someRows(40)
	var files [][]byte
	for _, codec := range codecs {
		for version := 1; version <= 2; version++ {
			files = append(files, written(f, rows, library.Compression(codec), library.DataPageVersion(version), library.PageBufferSize(200)))
		}
	}
	f.Add(uint8(0), uint16(4), []byte("\x15\x00"))
	f.Add(uint8(3), uint16(400), []byte("\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, patch []byte) {
		data := slices.Clone(files[int(which)%len(files)])
		body := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
		copy(data[4+int(at)%(body-4):body], patch)
		if err := readAll(data); err != nil && strings.Contains(err.Error(), "panicked") {
			t.Error(err)
		}
	})
}
