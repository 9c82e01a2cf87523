package mix

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"unsafe"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// The binary form of an index: the magic, the length of the head as 32 bits, the
// head as JSON, for each block of each column its base and its width, the words of
// all blocks, the numbers to prefer by where there are any, and the XXH3 of all
// that stands before it; then the hashes where there are any, whose XXH3 is in the
// head, so that who needs none need not read them. Numbers are little-endian.
const indexMagic = "datamix index 3\n"

// maxHead bounds the head, which holds the paths of the files and the values of the strata.
const maxHead = 1 << 30

// ErrIndex is in the error for data that is no index, is one of another version,
// or is damaged.
var ErrIndex = errors.New("datamix/mix: not an index, or a damaged one")

type indexHead struct {
	Rows   int            `json:"rows"`
	Tally  datamix.Tally  `json:"tally"`
	Bytes  int64          `json:"bytes"`
	Ledger datamix.Ledger `json:"ledger"`
	Slices []sliced       `json:"slices,omitempty"`
	Hashes string         `json:"hashes,omitempty"` // their XXH3 of 128 bits
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
	if _, err := n.Write(binary.LittleEndian.AppendUint64(nil, h.Sum64())); err != nil {
		return n.n, err
	}
	return n.n, x.hashes.write(n)
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

// write writes all but the hashes.
func (x *Index) write(w *bufio.Writer) error {
	form := indexHead{Rows: x.Len(), Tally: x.tally, Bytes: x.bytes, Ledger: x.Ledger, Slices: x.slices,
		Ranks: x.ranks.len() > 0, Values: x.values.list, Paths: x.paths.list, Policy: x.policy}
	if x.hashes.len() > 0 {
		form.Hashes = x.hashes.sum.String()
	}
	head, err := json.Marshal(form)
	if err != nil {
		return err
	}
	if len(head) > maxHead {
		return fmt.Errorf("datamix/mix: its paths and strata take %d bytes, and an index holds %d", len(head), maxHead)
	}
	buf := append(make([]byte, 0, columnBuffer), indexMagic...)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(head)))
	_, _ = w.Write(buf) // the writer keeps its first error
	_, _ = w.Write(head)
	for _, c := range x.columns.all() {
		for i := range c.blocks {
			buf = binary.LittleEndian.AppendUint64(buf[:0], c.blocks[i].base)
			_, _ = w.Write(append(buf, byte(c.blocks[i].width)))
		}
	}
	for _, c := range x.columns.all() {
		for i := range c.blocks {
			buf = buf[:0]
			for _, word := range c.blocks[i].words {
				buf = binary.LittleEndian.AppendUint64(buf, word)
			}
			_, _ = w.Write(buf)
		}
	}
	for _, chunk := range x.ranks.full {
		for _, rank := range chunk {
			_, _ = w.Write(binary.LittleEndian.AppendUint64(buf[:0], math.Float64bits(rank)))
		}
	}
	_, err = w.Write(nil)
	return err
}

// columnBuffer is how many bytes a block takes at most.
const columnBuffer = 8 * (blockRows + 1)

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
	d := &indexReader{r: bufio.NewReaderSize(r, indexBuffer), h: xxh3.New()}
	x, err := d.index()
	if err == nil && d.hashes > 0 {
		x.hashes, err = readHashes(d.r, d.hashes, d.sum)
	}
	if err == nil {
		if _, end := d.r.ReadByte(); !errors.Is(end, io.EOF) {
			err = errors.New("something stands behind it")
		}
	}
	return x, damaged(err)
}

// openIndex reads an index of which the hashes stay in the file.
func openIndex(path string) (*Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	d := &indexReader{r: bufio.NewReaderSize(f, indexBuffer), h: xxh3.New()}
	x, err := d.index()
	if err == nil {
		err = x.hashes.stay(f, d.n, d.hashes, d.sum)
	}
	return x, damaged(err)
}

func damaged(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it is cut short", ErrIndex)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return nil
}

var errChecksum = errors.New("the checksum is another one")

// indexBuffer is for what is no words, which are read to where they stay.
const indexBuffer = 1 << 13

// indexReader reads and takes the checksum.
type indexReader struct {
	r *bufio.Reader
	h *xxh3.Hasher
	n int64 // bytes that were read

	hashes int // that follow
	sum    datamix.Hash
}

// Read reads, except for what a checksum is of, until b is full or there is no
// more.
func (d *indexReader) Read(b []byte) (int, error) {
	n, err := io.ReadFull(d.r, b)
	d.n += int64(n)
	_, _ = d.h.Write(b[:n]) // cannot fail
	return n, err
}

// index reads all but the hashes.
func (d *indexReader) index() (*Index, error) {
	head, err := d.head()
	if err != nil {
		return nil, err
	}
	x := &Index{Ledger: head.Ledger, tally: head.Tally, bytes: head.Bytes, slices: head.Slices,
		values: names{list: head.Values}, paths: names{list: head.Paths}, policy: head.Policy}
	buf := make([]byte, indexBuffer)
	for _, c := range x.columns.all() {
		if err := c.readBlocks(d, head.Rows, buf); err != nil {
			return nil, err
		}
	}
	var s wordReader
	for _, c := range x.columns.all() {
		for i := range c.blocks {
			if err := s.add(d, &c.blocks[i], packedWords(c.rows(i), c.blocks[i].width)); err != nil {
				return nil, err
			}
		}
	}
	if err := s.flush(d); err != nil {
		return nil, err
	}
	for i := 0; head.Ranks && i < head.Rows; i++ {
		if _, err := d.Read(buf[:8]); err != nil {
			return nil, err
		}
		x.ranks.add(math.Float64frombits(binary.LittleEndian.Uint64(buf)))
	}
	sum := d.h.Sum64()
	if _, err := d.Read(buf[:8]); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint64(buf) != sum {
		return nil, errChecksum
	}
	x.ready()
	return x, x.check()
}

// readBlocks reads the bases and widths of a column with n values. Memory grows
// with what is there to read, whatever n says.
func (c *column) readBlocks(r io.Reader, n int, buf []byte) error {
	const perBlock = 9
	c.n = n
	for left := (n + blockRows - 1) / blockRows; left > 0; {
		k := min(left, len(buf)/perBlock)
		if _, err := io.ReadFull(r, buf[:k*perBlock]); err != nil {
			return err
		}
		for i := range k {
			b := block{base: binary.LittleEndian.Uint64(buf[i*perBlock:]), width: int(buf[i*perBlock+8])}
			if b.width > 64 {
				return fmt.Errorf("a width of %d bits", b.width)
			}
			c.blocks = append(c.blocks, b)
		}
		left -= k
	}
	return nil
}

// wordReader reads the words of several blocks at a time.
type wordReader struct {
	blocks []*block
	words  []int // how many of each
	sum    int
}

// wordsAtOnce is how many words share memory, or a block more.
const wordsAtOnce = 1 << 15

func (s *wordReader) add(r io.Reader, b *block, words int) error {
	if words > 0 {
		s.blocks, s.words, s.sum = append(s.blocks, b), append(s.words, words), s.sum+words
	}
	if s.sum < wordsAtOnce {
		return nil
	}
	return s.flush(r)
}

// flush reads the words of the blocks that were added.
func (s *wordReader) flush(r io.Reader) error {
	all := make([]uint64, s.sum)
	raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(all))), 8*len(all))
	if _, err := io.ReadFull(r, raw); err != nil {
		return err
	}
	for i := range all { // nothing is done where the machine has numbers as the file does
		all[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	for i, b := range s.blocks {
		b.words, all = all[:s.words[i]:s.words[i]], all[s.words[i]:]
	}
	*s = wordReader{blocks: s.blocks[:0], words: s.words[:0]}
	return nil
}

func (d *indexReader) head() (*indexHead, error) {
	start := make([]byte, len(indexMagic)+4)
	if _, err := d.Read(start); err != nil {
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
	if head.Hashes != "" {
		if n, err := hex.Decode(d.sum[:], []byte(head.Hashes)); err != nil || n != hashBytes {
			return nil, fmt.Errorf("a checksum %q", head.Hashes)
		}
		d.hashes = head.Rows
	}
	return head, nil
}

// check holds what the columns say of each other.
func (x *Index) check() error {
	if int64(x.Len()) != x.tally.Rows || x.bytes < 0 {
		return fmt.Errorf("it has %d records, and its sums are of %d", x.Len(), x.tally.Rows)
	}
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
