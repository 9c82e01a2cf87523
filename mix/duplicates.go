package mix

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// Which records are duplicates depends on the hashes of all parts and on their
// order, and on nothing else. The cache keeps it too, so that another ratio needs
// no hashes. The file has the magic, for each part the number of its duplicates
// and a bit for each record, and the XXH3 of all that stands before it.
const duplicatesMagic = "datamix duplicates 1\n"

// duplicatesFile returns the path of the file for the duplicates among indexes,
// "" where there is no cache.
func (m *Mix) duplicatesFile(indexes []*Index) string {
	if m.options.CacheDir == "" {
		return ""
	}
	key := []byte(duplicatesMagic)
	for _, x := range indexes {
		key = binary.LittleEndian.AppendUint64(key, uint64(x.Len()))
		key = append(key, x.hashes.sum[:]...)
	}
	return filepath.Join(m.options.CacheDir, datamix.Hash(xxh3.Hash128(key).Bytes()).String()+".duplicates")
}

// cachedDuplicates reads the duplicates among indexes, nil where the cache has
// nothing that is of use.
func cachedDuplicates(file string, indexes []*Index) []*dropped {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	size := len(duplicatesMagic) + 8
	for _, x := range indexes {
		size += 8 + 8*len(newDropped(x).bits)
	}
	if len(data) != size || !bytes.HasPrefix(data, []byte(duplicatesMagic)) {
		return nil
	}
	body, sum := data[:size-8], data[size-8:]
	if xxh3.Hash(body) != binary.LittleEndian.Uint64(sum) {
		return nil
	}
	body = body[len(duplicatesMagic):]
	next := func() uint64 {
		n := binary.LittleEndian.Uint64(body)
		body = body[8:]
		return n
	}
	out := make([]*dropped, len(indexes))
	for i, x := range indexes {
		out[i] = newDropped(x)
		out[i].n = int64(next())
		for k := range out[i].bits {
			out[i].bits[k] = next()
		}
	}
	return out
}

// allDropped is the duplicates of all parts.
type allDropped []*dropped

// WriteTo writes the file.
func (all allDropped) WriteTo(w io.Writer) (int64, error) {
	data := []byte(duplicatesMagic)
	for _, d := range all {
		data = binary.LittleEndian.AppendUint64(data, uint64(d.n))
		for _, word := range d.bits {
			data = binary.LittleEndian.AppendUint64(data, word)
		}
	}
	n, err := w.Write(binary.LittleEndian.AppendUint64(data, xxh3.Hash(data)))
	return int64(n), err
}
