package parquetrows

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"sort"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// The Parquet library reads pages that are compressed with LZ4_RAW wrongly where
// they are less than three times as long decompressed: its codec decompresses
// them into memory that the caller never looks at (version 0.32.0). So files
// with such pages are shown to it as if they were not compressed: behind the
// bytes of the file lie, at places that only this file knows, the column chunks
// with their pages decompressed, and a footer that points there. A page is
// decompressed when its bytes are asked for.

// expanded is a file with the LZ4 pages decompressed.
type expanded struct {
	file   io.ReaderAt
	size   int64  // of the file
	pages  []page // in order, behind size
	footer []byte // behind the pages

	mu   sync.Mutex
	last int    // the page in body
	body []byte // decompressed
}

// page is a page of the expanded file.
type page struct {
	at     int64 // in the expanded file
	header []byte
	length int64 // decompressed
	from   int64 // of the compressed bytes in the file
	packed int64
	levels int64 // bytes at the start that are not compressed
	crc    uint32
	err    error // why there is nothing more of the chunk
}

func (p *page) end() int64 { return p.at + int64(len(p.header)) + p.length }

// expand returns the file as the Parquet library can read it, and its size.
func expand(r io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	meta, err := readFooter(r, size)
	if err != nil {
		return nil, 0, err
	}
	e := &expanded{file: r, size: size, last: -1}
	next := size
	for i := range meta.RowGroups {
		for j := range meta.RowGroups[i].Columns {
			c := &meta.RowGroups[i].Columns[j]
			if c.MetaData.Codec == format.Lz4Raw {
				if next, err = e.chunk(&c.MetaData, next); err != nil {
					return nil, 0, err
				}
			}
		}
	}
	if next == size { // nothing to do
		return r, size, nil
	}
	footer, err := thrift.Marshal(&thrift.CompactProtocol{}, meta)
	if err != nil {
		return nil, 0, fmt.Errorf("damaged footer: %w", err)
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	e.footer = append(footer, magic...)
	return e, next + int64(len(e.footer)), nil
}

// readFooter reads the footer of a file that checkEnds has checked.
func readFooter(r io.ReaderAt, size int64) (*format.FileMetaData, error) {
	var tail [8]byte
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return nil, fmt.Errorf("cannot read the footer: %w", err)
	}
	b := make([]byte, binary.LittleEndian.Uint32(tail[:]))
	if n, err := r.ReadAt(b, size-8-int64(len(b))); n < len(b) {
		return nil, fmt.Errorf("cannot read the footer: %w", err)
	}
	if err := checkFooter(b); err != nil {
		return nil, err
	}
	meta := new(format.FileMetaData)
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, b, meta); err != nil {
		return nil, fmt.Errorf("damaged footer: %w", err)
	}
	return meta, nil
}

// chunk lays the pages of a column chunk out from next on, and changes the
// footer's entry to say so. It returns what is behind them.
func (e *expanded) chunk(m *format.ColumnMetaData, next int64) (int64, error) {
	at := m.DataPageOffset
	if m.DictionaryPageOffset > 0 {
		at = min(at, m.DictionaryPageOffset)
	}
	end := at + m.TotalCompressedSize
	if at < 0 || end < at || end > e.size {
		return 0, fmt.Errorf("damaged footer: its bytes %d to %d are not in the file", at, end)
	}
	start := next
	dictionary := m.DictionaryPageOffset > 0
	m.DictionaryPageOffset, m.DataPageOffset = 0, start
	for values := int64(0); at < end && values < m.NumValues; {
		h, length, err := readHeader(e.file, at, end)
		var p page
		if err == nil {
			p, err = newPage(h, at, length, end, max(m.TotalUncompressedSize, lenientPage))
		}
		if p.at = next; err != nil {
			p = page{at: next, length: 1, err: fmt.Errorf("damaged page header at byte %d: %w", at, err)}
			at = end
		}
		e.pages = append(e.pages, p)
		if h != nil && h.DictionaryPageHeader.Valid && dictionary {
			m.DictionaryPageOffset, m.DataPageOffset = next, p.end()
		}
		next = p.end()
		if err == nil {
			at += length + p.packed
			values += int64(h.DataPageHeader.V.NumValues) + int64(h.DataPageHeaderV2.V.NumValues)
		}
	}
	m.Codec, m.TotalCompressedSize, m.TotalUncompressedSize = format.Uncompressed, next-start, max(next-start, m.TotalUncompressedSize)
	return next, nil
}

// newPage returns the page of a header of that length at a place of the file,
// with a header that says it is not compressed.
func newPage(h *format.PageHeader, at, length, end, limit int64) (page, error) {
	p := page{from: at + length, packed: int64(h.CompressedPageSize), length: int64(h.UncompressedPageSize), crc: uint32(h.CRC)}
	p.levels = p.packed // where the page is not compressed
	switch {
	case !h.DataPageHeaderV2.Valid:
		p.levels = 0
	case !h.DataPageHeaderV2.V.IsCompressed.Valid || h.DataPageHeaderV2.V.IsCompressed.V:
		p.levels = int64(h.DataPageHeaderV2.V.DefinitionLevelsByteLength) + int64(h.DataPageHeaderV2.V.RepetitionLevelsByteLength)
	}
	if p.packed < 0 || p.packed > end-p.from || p.length < 0 || p.length > limit || p.levels < 0 || p.levels > min(p.packed, p.length) {
		return p, fmt.Errorf("it claims %d bytes compressed and %d not", p.packed, p.length)
	}
	plain := *h
	plain.CompressedPageSize, plain.CRC = plain.UncompressedPageSize, 0
	if plain.DataPageHeaderV2.Valid {
		plain.DataPageHeaderV2.V.IsCompressed.V, plain.DataPageHeaderV2.V.IsCompressed.Valid = false, true
	}
	var err error
	p.header, err = thrift.Marshal(&thrift.CompactProtocol{}, &plain)
	return p, err
}

// ReadAt reads bytes of the expanded file.
func (e *expanded) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = e.readSome(b[n:], off+int64(n))
		n += m
	}
	return n, err
}

// readSome reads from one of the parts that the expanded file consists of.
func (e *expanded) readSome(b []byte, off int64) (int, error) {
	pages := e.size
	if len(e.pages) > 0 {
		pages = e.pages[len(e.pages)-1].end()
	}
	switch {
	case off < e.size:
		return e.file.ReadAt(b[:min(int64(len(b)), e.size-off)], off)
	case off >= pages+int64(len(e.footer)):
		return 0, io.EOF
	case off >= pages:
		return copy(b, e.footer[off-pages:]), nil
	}
	i := sort.Search(len(e.pages), func(i int) bool { return e.pages[i].end() > off })
	p := &e.pages[i]
	if off -= p.at; off < int64(len(p.header)) {
		return copy(b, p.header[off:]), nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last != i {
		body, err := e.decompress(p)
		if err != nil {
			return 0, err
		}
		e.last, e.body = i, body
	}
	return copy(b, e.body[off-int64(len(p.header)):]), nil
}

// decompress returns the decompressed bytes of a page.
func (e *expanded) decompress(p *page) ([]byte, error) {
	if p.err != nil {
		return nil, p.err
	}
	packed := make([]byte, p.packed)
	if n, err := e.file.ReadAt(packed, p.from); n < len(packed) {
		return nil, err
	}
	if p.crc != 0 && p.crc != crc32.ChecksumIEEE(packed) {
		return nil, fmt.Errorf("damaged page at byte %d: its checksum does not fit", p.from)
	}
	body := slices.Grow(packed[:p.levels:p.levels], int(p.length-p.levels))[:p.length]
	if p.levels == p.packed {
		return body, nil
	}
	n, err := lz4.UncompressBlock(packed[p.levels:], body[p.levels:])
	if err != nil || int64(n) != p.length-p.levels {
		return nil, fmt.Errorf("damaged page at byte %d: %d bytes of LZ4 that do not make %d", p.from, p.packed, p.length)
	}
	return body, nil
}
