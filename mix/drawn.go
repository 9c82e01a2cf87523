package mix

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// A source that cannot seek, because it is compressed for example, has to be read
// from its start for the few records that are drawn. The cache keeps those of each
// such part, and some that would be drawn next: a mix with another share finds its
// records there. The file has the magic, each record behind its ordinal in the
// index and its size, 32 bits each, in the order of the index, then their number
// and the XXH3 of all that stands before it, 64 bits each.
const drawnMagic = "datamix drawn 1\n"

const (
	drawnHeader = 8
	drawnEnd    = 16
	// drawnMost is about how many bytes of records of a part are kept. Where more
	// are drawn, none are.
	drawnMost = 256 << 20
	// drawnAhead is about how many bytes of others are kept beside them, and not
	// more than are drawn.
	drawnAhead = 16 << 20
)

// drawnFile returns the path of the file for the records of part i, "" where there
// can be none.
func (d *drawing) drawnFile(ctx context.Context, i int) string {
	m, part := d.mix, &d.mix.leaves[i]
	if m.options.CacheDir == "" || m.options.Indexes[part.Name] != nil || d.drawnRows(i) == 0 {
		return ""
	}
	key, ok := m.cacheKey(ctx, part)
	if !ok {
		return ""
	}
	// What is in the records beside what the key is of, and the index that their
	// ordinals are of: the files may have changed since it was measured.
	baked, err := json.Marshal([]any{drawnMagic, part.Name, part.Labels, d.deals[i].part.content()})
	if err != nil {
		return ""
	}
	return filepath.Join(m.options.CacheDir, datamix.Hash(xxh3.Hash128(append(key, baked...)).Bytes()).String()+".drawn")
}

// drawnRows is how many of the first records of a pass over part i are kept.
func (d *drawing) drawnRows(i int) int64 {
	dl := d.deals[i]
	rows, size := min(dl.rows, dl.usable), dl.part.recordSize()
	if rows > drawnMost/size {
		return 0
	}
	return min(dl.usable, rows+min(rows+256, drawnAhead/size))
}

// ahead returns the chosen records of part i and those that are kept beside them.
func (d *drawing) ahead(i int, chosen *bitmap) *bitmap {
	dl := d.deals[i]
	if chosen == dl.part.live { // all there are
		return chosen
	}
	b := newBitmap(dl.part.Len())
	copy(b.words, chosen.words)
	n := d.drawnRows(i)
	for _, ordinal := range dl.first(n)[:n] {
		b.set(int(ordinal))
	}
	b.count()
	return b
}

// drawnWriter writes the file.
type drawnWriter struct {
	file *cacheWriter
	to   *bufio.Writer
	sum  *xxh3.Hasher
	n    uint64
	left int64 // bytes that it may have still
}

// newDrawnWriter returns nil, of which all methods do nothing, where the file
// cannot be.
func newDrawnWriter(path string) *drawnWriter {
	if path == "" {
		return nil
	}
	f, err := newCacheWriter(path)
	if err != nil {
		return nil
	}
	w := &drawnWriter{file: f, sum: xxh3.New(), left: 2 * (drawnMost + drawnAhead)}
	w.to = bufio.NewWriterSize(io.MultiWriter(f, w.sum), storeBuffer)
	_, _ = w.to.WriteString(drawnMagic) // the writer keeps its first error
	return w
}

func (w *drawnWriter) add(ordinal int, data []byte) {
	if w == nil || w.left < 0 {
		return
	}
	var header [drawnHeader]byte
	binary.LittleEndian.PutUint32(header[:], uint32(ordinal))
	binary.LittleEndian.PutUint32(header[4:], uint32(len(data)))
	_, _ = w.to.Write(header[:])
	_, _ = w.to.Write(data)
	w.left -= drawnHeader + int64(len(data))
	w.n++
}

// close puts the file in its place if it is whole.
func (w *drawnWriter) close(whole bool) {
	if w == nil {
		return
	}
	_, _ = w.to.Write(binary.LittleEndian.AppendUint64(nil, w.n))
	err := w.to.Flush()
	if err == nil {
		_, err = w.file.Write(binary.LittleEndian.AppendUint64(nil, w.sum.Sum64()))
	}
	w.file.close(whole && err == nil && w.left >= 0)
}

// replay adds the chosen records out of a file. It returns false, and has added
// none, where the file is not there or of no use.
func replay(path string, chosen *bitmap, n int, add func(ordinal int, data []byte) error) (bool, error) {
	if path == "" {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, nil
	}
	defer func() { _ = f.Close() }()
	found, sum := 0, xxh3.New()
	all, err := eachDrawn(f, sum, chosen, func(int, []byte) error { found++; return nil })
	if err != nil || !all || found != n {
		return false, nil
	}
	_, err = eachDrawn(f, nil, chosen, add)
	return true, err
}

// eachDrawn calls do with the chosen records of a file. It returns whether the file
// is whole, by the checksum if a hasher is given.
func eachDrawn(f *os.File, sum *xxh3.Hasher, chosen *bitmap, do func(ordinal int, data []byte) error) (whole bool, err error) {
	st, err := f.Stat()
	if err != nil {
		return false, err
	}
	left := st.Size() - int64(len(drawnMagic)) - drawnEnd
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, st.Size()), storeBuffer)
	var buf []byte
	read := func(n int) error {
		if cap(buf) < n {
			buf = make([]byte, n+n/2)
		}
		buf = buf[:n]
		_, err := io.ReadFull(r, buf)
		if sum != nil {
			_, _ = sum.Write(buf) // a hash does not fail
		}
		return err
	}
	if err := read(len(drawnMagic)); err != nil || !bytes.Equal(buf, []byte(drawnMagic)) {
		return false, err
	}
	n, last := uint64(0), -1
	for ; left >= drawnHeader; n++ {
		if err := read(drawnHeader); err != nil {
			return false, err
		}
		ordinal, size := int(binary.LittleEndian.Uint32(buf)), int64(binary.LittleEndian.Uint32(buf[4:]))
		if left -= drawnHeader + size; left < 0 || ordinal <= last {
			return false, nil
		}
		last = ordinal
		if err := read(int(size)); err != nil {
			return false, err
		}
		if chosen == nil || ordinal < len(chosen.words)*64 && chosen.has(ordinal) {
			if err := do(ordinal, buf); err != nil {
				return false, err
			}
		}
	}
	if err := read(8); err != nil || left != 0 || binary.LittleEndian.Uint64(buf) != n {
		return false, err
	}
	if sum == nil {
		return true, nil
	}
	want := sum.Sum64()
	if err := read(8); err != nil || binary.LittleEndian.Uint64(buf) != want {
		return false, err
	}
	return true, nil
}
