package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// oldDictionary is what older writers call the encoding of a dictionary and of the numbers of its entries.
const oldDictionary = format.Encoding(2)

// nextPage goes to the next page of values, perhaps one without any.
func (r *Reader) nextPage() error {
	for {
		h, err := r.header()
		if err != nil {
			return err
		}
		switch h.Type {
		case format.IndexPage:
			if _, err := r.in.Discard(int(h.CompressedPageSize)); err != nil {
				return err
			}
		case format.DictionaryPage:
			if err := r.readDictionary(h); err != nil {
				return err
			}
		case format.DataPage, format.DataPageV2:
			return r.readPage(h)
		default:
			return fmt.Errorf("has a page of an unknown type, %d", h.Type)
		}
	}
}

var errPages = errors.New("has fewer pages than its values need")

// header reads that of a page, which then lies before the rest of the chunk.
func (r *Reader) header() (*format.PageHeader, error) {
	var h format.PageHeader
	for size := int64(256); ; size = min(size*8, mostHeader) {
		b, err := r.peekBytes(min(size, r.inside))
		if err != nil {
			return nil, err
		}
		if len(b) == 0 {
			return nil, errPages
		}
		n, err := structureLength(b)
		if errors.Is(err, errShort) && size < min(r.inside, mostHeader) {
			continue
		}
		if err == nil {
			err = thrift.Unmarshal(&thrift.CompactProtocol{}, b[:n], &h)
		}
		if err != nil {
			return nil, fmt.Errorf("has a damaged header of a page: %w", err)
		}
		if _, err := r.in.Discard(n); err != nil {
			return nil, err
		}
		r.inside -= int64(n)
		break
	}
	packed, size := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
	switch {
	case packed < 0 || packed > r.inside:
		return nil, fmt.Errorf("has a page of %d bytes, and its pages have %d more", packed, r.inside)
	case size < 0 || size > mostPage:
		return nil, fmt.Errorf("has a page of %d bytes decompressed, want at most %d", size, mostPage)
	}
	r.inside -= packed
	return &h, nil
}

func (r *Reader) peekBytes(n int64) ([]byte, error) {
	if n > int64(r.in.Size()) { // twice at most: to mostHeader
		r.in = bufio.NewReaderSize(r.in, mostHeader)
	}
	b, err := r.in.Peek(int(n))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// resize is a buffer of n bytes, counted before it is made.
func (r *Reader) resize(b []byte, n int) ([]byte, error) {
	if n <= cap(b) {
		return b[:n], nil
	}
	if err := r.f.hold(n - cap(b)); err != nil {
		return nil, err
	}
	return make([]byte, n), nil
}

// load reads a page as it lies.
func (r *Reader) load(h *format.PageHeader) (err error) {
	if r.packed, err = r.resize(r.packed, int(h.CompressedPageSize)); err != nil {
		return err
	}
	if _, err := io.ReadFull(r.in, r.packed); err != nil {
		return err
	}
	if h.CRC != 0 && uint32(h.CRC) != crc32.ChecksumIEEE(r.packed) {
		return errors.New("has a damaged page: its checksum is another")
	}
	return nil
}

// unpackInto decompresses what follows the first bytes of a page, which are not packed, behind them.
func (r *Reader) unpackInto(b []byte, size, first int, packed bool) ([]byte, error) {
	b, err := r.resize(b, size)
	if err != nil {
		return nil, err
	}
	copy(b, r.packed[:first])
	if !packed || r.meta.Codec == format.Uncompressed {
		if len(r.packed) != size {
			return nil, fmt.Errorf("has a page of %d bytes, and its header says %d", len(r.packed), size)
		}
		copy(b, r.packed)
		return b, nil
	}
	if size == first && len(r.packed) == first {
		return b, nil
	}
	if err := r.unpack(r.meta.Codec, b[first:], r.packed[first:]); err != nil {
		return nil, fmt.Errorf("has a page that does not unpack: %w", err)
	}
	return b, nil
}

func (r *Reader) readDictionary(h *format.PageHeader) error {
	d := h.DictionaryPageHeader.V
	switch {
	case r.hasEntries:
		return errors.New("has two dictionaries")
	case d.Encoding != format.Plain && d.Encoding != oldDictionary || r.c.physical == format.Boolean:
		return fmt.Errorf("has a dictionary in %v, want PLAIN", d.Encoding)
	case d.NumValues < 0 || d.NumValues > h.UncompressedPageSize:
		return fmt.Errorf("has a dictionary of %d entries in %d bytes", d.NumValues, h.UncompressedPageSize)
	}
	if err := r.load(h); err != nil {
		return err
	}
	var err error
	if r.entries, err = r.unpackInto(r.entries, int(h.UncompressedPageSize), 0, true); err != nil {
		return err
	}
	if n := int(d.NumValues); n > r.counted {
		if err := r.f.hold((n - r.counted) * dictionaryMemory); err != nil {
			return err
		}
		r.counted = n
	}
	r.hasEntries = true
	if err := r.dictionary.read(r.entries, int(d.NumValues), r.c); err != nil {
		return fmt.Errorf("has a dictionary that %w", err)
	}
	return nil
}

// readPage sets what reads the values of a page.
func (r *Reader) readPage(h *format.PageHeader) (err error) {
	if err := r.load(h); err != nil {
		return err
	}
	var n int32
	var encoding format.Encoding
	var rest []byte
	if h.Type == format.DataPage {
		n, encoding = h.DataPageHeader.V.NumValues, h.DataPageHeader.V.Encoding
		if r.page, err = r.unpackInto(r.page, int(h.UncompressedPageSize), 0, true); err == nil {
			rest, err = r.levels(h.DataPageHeader.V)
		}
	} else {
		n, encoding = h.DataPageHeaderV2.V.NumValues, h.DataPageHeaderV2.V.Encoding
		rest, err = r.levelsV2(h)
	}
	if err != nil {
		return err
	}
	if n < 0 || int64(n) > r.left {
		return fmt.Errorf("has a page of %d values, and %d more are said to be there", n, r.left)
	}
	if r.values, err = r.decoder(encoding, rest); err != nil {
		return err
	}
	r.inPage, r.left = int(n), r.left-int64(n)
	return nil
}

// levels reads those that a page begins with, each after its length.
func (r *Reader) levels(h format.DataPageHeader) (rest []byte, err error) {
	rest = r.page
	part := func(most int, encoding format.Encoding) (hybrid, error) {
		if most == 0 {
			return hybrid{}, nil
		}
		if encoding != format.RLE {
			return hybrid{}, fmt.Errorf("has levels in %v, want RLE", encoding)
		}
		if len(rest) < 4 || uint64(binary.LittleEndian.Uint32(rest)) > uint64(len(rest)-4) {
			return hybrid{}, errFew
		}
		b := rest[4:][:binary.LittleEndian.Uint32(rest)]
		rest = rest[4+len(b):]
		return newHybrid(b, width(most))
	}
	if r.repeat, err = part(r.c.Depth, h.RepetitionLevelEncoding); err != nil {
		return nil, err
	}
	r.def, err = part(r.c.levels, h.DefinitionLevelEncoding)
	return rest, err
}

// levelsV2 unpacks a page of the second version, whose levels are not packed.
func (r *Reader) levelsV2(h *format.PageHeader) (rest []byte, err error) {
	v := h.DataPageHeaderV2.V
	repeat, def := int64(v.RepetitionLevelsByteLength), int64(v.DefinitionLevelsByteLength)
	if repeat < 0 || def < 0 || repeat+def > int64(min(len(r.packed), int(h.UncompressedPageSize))) {
		return nil, fmt.Errorf("has a page of %d bytes with %d and %d of levels", len(r.packed), repeat, def)
	}
	first := int(repeat + def)
	if r.page, err = r.unpackInto(r.page, int(h.UncompressedPageSize), first, !v.IsCompressed.Valid || v.IsCompressed.V); err != nil {
		return nil, err
	}
	if r.repeat, err = newHybrid(r.page[:repeat], width(r.c.Depth)); err != nil {
		return nil, err
	}
	r.def, err = newHybrid(r.page[repeat:first], width(r.c.levels))
	return r.page[first:], err
}

func width(most int) uint { return uint(bits.Len(uint(most))) }

func (r *Reader) decoder(e format.Encoding, b []byte) (decoder, error) {
	c := r.c
	whole := c.physical == format.Int32 || c.physical == format.Int64
	switch {
	case e == format.Plain || len(b) == 0: // nothing but missing values
		return &plain{src: b, physical: c.physical, length: c.length}, nil
	case e == oldDictionary || e == format.RLEDictionary:
		return r.named(b)
	case e == format.RLE && c.physical == format.Boolean:
		if len(b) < 4 {
			return nil, errFew
		}
		h, err := newHybrid(b[4:], 1) // after its length
		return &truths{h}, err
	case e == format.DeltaBinaryPacked && whole:
		return newDeltas(b, c.physical == format.Int32)
	case e == format.DeltaLengthByteArray && c.physical == format.ByteArray:
		return newLengths(b)
	case e == format.DeltaByteArray && (c.physical == format.ByteArray || c.physical == format.FixedLenByteArray):
		return newFronts(b, c)
	case e == format.ByteStreamSplit:
		return newStreams(b, c)
	}
	return nil, fmt.Errorf("has values of type %s in the encoding %v", c.Type, e)
}

func (r *Reader) named(b []byte) (decoder, error) {
	if !r.hasEntries {
		return nil, errors.New("has numbers of entries, and no dictionary before them")
	}
	h, err := newHybrid(b[1:], uint(b[0]))
	return &named{h, &r.dictionary}, err
}
