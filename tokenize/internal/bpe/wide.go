package bpe

import "math/bits"

// wideTable holds the counts of pieces of 16 to 31 bytes, which are the words of
// most scripts but Latin: their bytes, the length above 16 and the count fill 32
// bytes, as those of shorter pieces fill 16.
type wideTable []wideBucket

// wideBucket is two packed keys, as bucket has them; the count is in the top four
// bits of the last word.
type wideBucket [wideWays]wideKey

type wideKey [4]uint64

const (
	wideLen  = 31 // bytes of the longest piece that such a key has room for
	wideBits = 14 // buckets
	wideWays = 2
	wideSide = 4 // buckets side by side of which a key may be in any
)

// packWide returns the key of a piece of 16 to 31 bytes.
func packWide(piece string) wideKey {
	lo, hi := packString(piece[16:])
	return wideKey{load64(piece, 0), load64(piece, 8), lo, hi}
}

// hash returns the bucket of a key.
func (k *wideKey) hash() uint64 {
	a := k[0] ^ bits.RotateLeft64(k[1]*mixer, 29)
	b := k[2] ^ bits.RotateLeft64(k[3]*mixer, 29)
	return (bits.RotateLeft64(a*mixer, 32) ^ b) * 0xD6E8FEB86659FD93 >> (64 - wideBits)
}

// match returns the count of a key in the bucket, 0 if it is not there.
func (b *wideBucket) match(k *wideKey) (n uint64) {
	for w := range b {
		e := &b[w]
		differ := (e[0] ^ k[0]) | (e[1] ^ k[1]) | (e[2] ^ k[2]) | (e[3]^k[3])<<(64-countBits)
		n |= e[3] >> countBits &^ uint64(int64(differ|-differ)>>63)
	}
	return n
}

// probeWideGo looks up the pieces from one of froms to that of tos, all of 16 to
// 31 bytes, as probeGo does with shorter ones. Behind the start of each piece text
// has at least 32 bytes.
func (c *Counter) probeWideGo(text string, froms, tos []uint32) (sum, missed int) {
	total := uint64(0)
	tos = tos[:len(froms)]
	for i, p := range froms {
		k := wideKey{load64(text, int(p)), load64(text, int(p)+8)}
		k[2], k[3] = pack16(text, p+16, tos[i]-p-16)
		got := c.wide[k.hash()&(1<<wideBits-1)].match(&k)
		total += got
		c.misses[missed] = uint16(i)
		missed += int((got - 1) >> 63)
	}
	return int(total), missed
}

// find returns the count of a key, 0 if the table does not have it. A key that is
// found in a bucket beside its own changes places with one there.
func (t wideTable) find(k *wideKey, turn uint32) int {
	h := k.hash()
	b := &t[h]
	if n := b.match(k); n > 0 {
		return int(n)
	}
	for i := uint64(1); i < wideSide; i++ {
		side := &t[h^i]
		n := side.match(k)
		if n == 0 {
			continue
		}
		w := 0
		if side[1][0] == k[0] && side[1][1] == k[1] && side[1][2] == k[2] && side[1][3]&keyMask == k[3] {
			w = 1
		}
		own := turn % wideWays
		b[own], side[w] = side[w], b[own]
		return int(n)
	}
	return 0
}

// store puts a key that the table lacks into its bucket: in a free place or in that
// of another, which moves to a bucket beside it.
func (t wideTable) store(k wideKey, n int, turn uint32) {
	if n <= 0 || n > maxKeyCount {
		return
	}
	h := k.hash()
	place := t[h].free()
	if place == nil {
		to := &t[h^1][turn/2%wideWays]
		for i := uint64(1); i < wideSide; i++ {
			if free := t[h^i].free(); free != nil {
				to = free
				break
			}
		}
		place = &t[h][turn%wideWays]
		*to = *place
	}
	k[3] |= uint64(n) << countBits
	*place = k
}

func (b *wideBucket) free() *wideKey {
	for i := range b {
		if b[i][3] == 0 {
			return &b[i]
		}
	}
	return nil
}

// widePart counts a piece of 16 to 31 bytes that has no seam.
func (c *Counter) widePart(piece string) int {
	k := packWide(piece)
	n := c.wide.find(&k, c.next())
	if n == 0 {
		n = c.v.Count(&c.sc, piece)
		c.wide.store(k, n, c.next())
	}
	return n
}

// wides looks up the first pieces of wideFroms and wideTos, and leaves there those
// that it did not find.
func (c *Counter) wides(text string, pieces int) (sum, missed int) {
	sum, missed = c.probeWide(text, c.wideFroms[:pieces], c.wideTos[:pieces])
	for to, from := range c.misses[:missed] {
		c.wideFroms[to], c.wideTos[to] = c.wideFroms[from], c.wideTos[from]
	}
	return sum, missed
}

// fewParts is how many parts a piece may have for its count to be kept besides
// those of the parts. Sentences of scripts without spaces have more: they seldom
// come again.
const fewParts = 4
