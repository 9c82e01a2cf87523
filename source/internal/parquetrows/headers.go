package parquetrows

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// headerBytes is what is read for a page header at first. Statistics can
	// make it longer, up to maxHeader.
	headerBytes = 256
	maxHeader   = 1 << 20
	// lenientPage is a page size that is taken on trust, for writers whose
	// footers give wrong sums.
	lenientPage = 16 << 20
)

// checkHeaders reads the page headers of a column chunk and refuses those that
// claim more than the footer has: the Parquet library would allocate what they
// claim, up to some gigabytes, before it reads a byte.
func checkHeaders(chunk parquet.ColumnChunk, meta *format.ColumnMetaData) error {
	f, ok := chunk.(*parquet.FileColumnChunk)
	if !ok {
		return nil
	}
	at := meta.DataPageOffset
	if meta.DictionaryPageOffset > 0 {
		at = min(at, meta.DictionaryPageOffset)
	}
	end := at + meta.TotalCompressedSize
	if at < 0 || end < at || end > f.File().Size() {
		return fmt.Errorf("damaged footer: its bytes %d to %d are not in the file", at, end)
	}
	leaf := leafOf(f.File().Root(), f.Column())
	for values := int64(0); at < end && values < meta.NumValues; {
		h, length, err := readHeader(f.File(), at, end)
		if err != nil {
			return fmt.Errorf("damaged page header at byte %d: %w", at, err)
		}
		n := int64(0)
		switch {
		case h.DataPageHeader.Valid:
			n = int64(h.DataPageHeader.V.NumValues)
		case h.DataPageHeaderV2.Valid:
			n = int64(h.DataPageHeaderV2.V.NumValues)
		}
		compressed, size := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
		dictionary := h.DictionaryPageHeader.Valid && int64(h.DictionaryPageHeader.V.NumValues) > 8*size
		if compressed < 0 || compressed > end-at-length || size < 0 || size > max(meta.TotalUncompressedSize, lenientPage) ||
			n < 0 || n > meta.NumValues-values || dictionary {
			return fmt.Errorf("damaged page header at byte %d: it claims %d values, %d bytes compressed and %d not", at, n, compressed, size)
		}
		if err := checkRuns(f.File(), at+length, h, leaf, meta.Codec); err != nil {
			return fmt.Errorf("damaged page at byte %d: %w", at, err)
		}
		values += n
		at += length + compressed
	}
	return nil
}

// readHeader returns the page header at an offset, and its length.
func readHeader(r io.ReaderAt, at, end int64) (h *format.PageHeader, length int64, err error) {
	for size := min(headerBytes, end-at); ; size = min(size*8, end-at) {
		b := make([]byte, size)
		if n, err := r.ReadAt(b, at); n < len(b) {
			return nil, 0, err
		}
		h = new(format.PageHeader)
		br := (&thrift.CompactProtocol{}).NewReaderFromBytes(b)
		if err = thrift.NewDecoder(br).Decode(h); err == nil {
			return h, int64(br.BytesRead()), nil
		}
		if size == end-at || size > maxHeader {
			return nil, 0, err
		}
	}
}
