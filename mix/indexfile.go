package mix

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// The binary form of an index: the magic, the length of the head as 32 bits, the
// head as JSON, the columns one after the other, then the hashes and the numbers
// to prefer by where there are any, and the XXH3 of all that stands before it.
// Numbers are little-endian.
const indexMagic = "datamix index 2\n"

// maxHead bounds the head, which holds the paths of the files and the values of the strata.
const maxHead = 1 << 30

// ErrIndex is in the error for data that is no index, is one of another version,
// or is damaged.
var ErrIndex = errors.New("datamix/mix: not an index, or a damaged one")

type indexHead struct {
	Rows   int            `json:"rows"`
	Ledger datamix.Ledger `json:"ledger"`
	Slices []sliced       `json:"slices,omitempty"`
	Hashes bool           `json:"hashes,omitempty"`
	Ranks  bool           `json:"ranks,omitempty"`
	Values []string       `json:"values,omitempty"`
	Paths  []string       `json:"paths,omitempty"`
	Policy string         `json:"policy,omitempty"`
}

// WriteTo writes the binary form of the index to w.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	h := xxh3.New()
	n := &counter{w: w}
	buf := bufio.NewWriterSize(io.MultiWriter(n, h), 1<<16)
	if err := x.write(buf); err != nil {
		return n.n, err
	}
	if err := buf.Flush(); err != nil {
		return n.n, err
	}
	_, err := n.Write(binary.LittleEndian.AppendUint64(nil, h.Sum64()))
	return n.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func (x *Index) write(w io.Writer) error {
	head, err := json.Marshal(indexHead{Rows: x.Len(), Ledger: x.Ledger, Slices: x.slices, Hashes: x.hashes.len() > 0,
		Ranks: x.ranks.len() > 0, Values: x.values.list, Paths: x.paths.list, Policy: x.policy})
	if err != nil {
		return err
	}
	if len(head) > maxHead {
		return fmt.Errorf("datamix/mix: its paths and strata take %d bytes, and an index holds %d", len(head), maxHead)
	}
	buf := append(make([]byte, 0, columnBuffer), indexMagic...)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(head)))
	if _, err := w.Write(buf); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, c := range x.columns.all() {
		if err := c.write(w, buf); err != nil {
			return err
		}
	}
	for _, chunk := range x.hashes.full {
		for i := range chunk {
			if _, err := w.Write(chunk[i][:]); err != nil {
				return err
			}
		}
	}
	for _, chunk := range x.ranks.full {
		for _, rank := range chunk {
			if _, err := w.Write(binary.LittleEndian.AppendUint64(buf[:0], math.Float64bits(rank))); err != nil {
				return err
			}
		}
	}
	return nil
}

// MarshalBinary returns the binary form of the index.
func (x *Index) MarshalBinary() ([]byte, error) {
	var b bytes.Buffer
	_, err := x.WriteTo(&b)
	return b.Bytes(), err
}

// UnmarshalBinary replaces x by the index that MarshalBinary wrote.
func (x *Index) UnmarshalBinary(data []byte) error {
	y, err := ReadIndex(bytes.NewReader(data))
	if err != nil {
		return err
	}
	*x = *y
	return nil
}

// ReadIndex reads an index that WriteTo wrote, and r to its end. Whatever else it
// reads is an error that wraps ErrIndex.
func ReadIndex(r io.Reader) (*Index, error) {
	d := &indexReader{r: bufio.NewReaderSize(r, 1<<16), h: xxh3.New()}
	x, err := d.index()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: it is cut short", ErrIndex)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return x, nil
}

// indexReader reads and takes the checksum.
type indexReader struct {
	r *bufio.Reader
	h *xxh3.Hasher
}

func (d *indexReader) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	_, _ = d.h.Write(b[:n]) // cannot fail
	return n, err
}

func (d *indexReader) index() (*Index, error) {
	head, err := d.head()
	if err != nil {
		return nil, err
	}
	x := &Index{Ledger: head.Ledger, slices: head.Slices, values: names{list: head.Values}, paths: names{list: head.Paths}, policy: head.Policy}
	buf := make([]byte, columnBuffer)
	for _, c := range x.columns.all() {
		if *c, err = readColumn(d, head.Rows, buf); err != nil {
			return nil, err
		}
	}
	for i := 0; head.Hashes && i < head.Rows; i++ {
		var h datamix.Hash
		if _, err := io.ReadFull(d, h[:]); err != nil {
			return nil, err
		}
		x.hashes.add(h)
	}
	for i := 0; head.Ranks && i < head.Rows; i++ {
		if _, err := io.ReadFull(d, buf[:8]); err != nil {
			return nil, err
		}
		x.ranks.add(math.Float64frombits(binary.LittleEndian.Uint64(buf)))
	}
	sum := d.h.Sum64()
	if _, err := io.ReadFull(d.r, buf[:8]); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint64(buf) != sum {
		return nil, errors.New("the checksum is another one")
	}
	if _, err := d.r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind it")
	}
	if err := x.check(); err != nil {
		return nil, err
	}
	x.trim()
	return x, nil
}

func (d *indexReader) head() (*indexHead, error) {
	start := make([]byte, len(indexMagic)+4)
	if _, err := io.ReadFull(d, start); err != nil {
		return nil, err
	}
	if string(start[:len(indexMagic)]) != indexMagic {
		return nil, errors.New("it begins with something else")
	}
	size := binary.LittleEndian.Uint32(start[len(indexMagic):])
	if size > maxHead {
		return nil, fmt.Errorf("a head of %d bytes", size)
	}
	var raw bytes.Buffer
	if _, err := io.CopyN(&raw, d, int64(size)); err != nil {
		return nil, err
	}
	head := &indexHead{}
	if err := json.Unmarshal(raw.Bytes(), head); err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	if head.Rows < 0 || head.Rows > maxRecords {
		return nil, fmt.Errorf("it has %d records", head.Rows)
	}
	return head, nil
}

// check holds what the columns say of each other.
func (x *Index) check() error {
	if int64(x.Len()) != x.Ledger.Kept {
		return fmt.Errorf("it has %d records, and the ledger says %d", x.Len(), x.Ledger.Kept)
	}
	if err := x.Ledger.Check(); err != nil {
		return err
	}
	rows := 0
	for i, s := range x.slices {
		if s.Of < 1 || s.Number < 0 || s.Number >= s.Of || s.Rows < 0 || s.Rows > x.Len() || s.Of != x.slices[0].Of || i > 0 && s.Number <= x.slices[i-1].Number {
			return fmt.Errorf("slice %d of %d with %d records", s.Number, s.Of, s.Rows)
		}
		rows += s.Rows
	}
	if len(x.slices) > 0 && rows != x.Len() {
		return fmt.Errorf("its slices have %d records, and it has %d", rows, x.Len())
	}
	c := &x.columns
	if n := len(x.values.list); !c.stratum.atMost(uint64(max(0, n-1))) {
		return fmt.Errorf("a record is of no stratum of %d", n)
	}
	if n := len(x.paths.list); x.Len() > 0 && (n == 0 || !c.path.atMost(uint64(n-1))) {
		return fmt.Errorf("a record is in no file of %d", n)
	}
	for _, column := range []*column{&c.row, &c.sub, &c.offset, &c.length} {
		if !column.atMost(math.MaxInt64) {
			return errors.New("the place of a record is out of range")
		}
	}
	for _, column := range []*column{&c.check, &c.total, &c.context, &c.final, &c.trainable, &c.faults, &c.turns} {
		if !column.atMost(math.MaxUint32) {
			return errors.New("a number of a record is out of range")
		}
	}
	return nil
}
