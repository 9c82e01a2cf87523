package input

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// xzDecoder starts with the first Read, which the decoder needs for a header.
type xzDecoder struct {
	in    *bufio.Reader
	limit uint64
	r     *xz.Reader
}

func (d *xzDecoder) Read(p []byte) (int, error) {
	if d.r == nil {
		head, _ := d.in.Peek(xzHeaders)
		if dict := xzDictionary(head); dict > d.limit {
			return 0, errWindow
		}
		r, err := xz.ReaderConfig{DictCap: lzma.MinDictCap}.NewReader(d.in)
		if err != nil {
			return 0, err
		}
		d.r = r
	}
	return d.r.Read(p)
}

// xzHeaders is the most bytes that the headers of a stream and a block have.
const xzHeaders = 12 + 1024

// xzDictionary returns the size of the dictionary that the first block asks
// for, by the layout of "The .xz File Format" 1.2.0, sections 3.1 and 5.3.1; 0
// where it does not find one.
func xzDictionary(head []byte) uint64 {
	if len(head) < 14 || head[12] == 0 {
		return 0
	}
	flags, b := head[13], head[14:min(len(head), 12+4*(int(head[12])+1))]
	for _, flag := range []byte{0x40, 0x80} { // the two sizes of the block
		if flags&flag != 0 {
			_, n := binary.Uvarint(b)
			if n <= 0 {
				return 0
			}
			b = b[n:]
		}
	}
	if len(b) < 3 || b[0] != 0x21 || b[1] != 1 || b[2] > 40 {
		return 0
	}
	if b[2] == 40 {
		return 1<<32 - 1
	}
	return (2 | uint64(b[2]&1)) << (b[2]/2 + 11)
}

// xzFooter is the length of the footer of a stream.
const xzFooter = 12

// tail is the end of what was read of a file, without zeros behind it, which
// pad xz streams.
type tail struct {
	last  []byte // up to xzFooter bytes
	zeros int    // behind last
}

func (t *tail) add(p []byte) {
	data := bytes.TrimRight(p, "\x00")
	if len(data) == 0 {
		t.zeros = min(t.zeros+len(p), xzFooter)
		return
	}
	t.last = append(t.last, make([]byte, t.zeros)...)
	t.last = append(t.last, data[max(0, len(data)-xzFooter):]...)
	t.last = append(t.last[:0], t.last[max(0, len(t.last)-xzFooter):]...)
	t.zeros = min(len(p)-len(data), xzFooter)
}

// isXZFooter reports whether a file ended with a whole stream, by section 2.1.2
// of the format: a checksum of the six bytes behind it, and a magic.
func (t *tail) isXZFooter() bool {
	f := t.last
	return len(f) == xzFooter && string(f[10:]) == "YZ" && binary.LittleEndian.Uint32(f) == crc32.ChecksumIEEE(f[4:10])
}
