package datamix

import (
	"encoding/hex"

	"github.com/zeebo/xxh3"
)

// Hash is a 128-bit content hash (XXH3). It is stable across runs and machines;
// it is no defence against somebody who makes collisions on purpose.
type Hash [16]byte

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ContentHash returns a hash of what the record says: for a chat the roles,
// reasoning, contents and tool calls of its turns and its tools, for a plain
// text the text. Where the record came from, its other columns, labels and loss
// flags do not matter, nor does the schema that it was read in.
func (r *Record) ContentHash() Hash {
	var h chainHash
	if r.isText {
		h.add(r.text)
		return h.sum("text")
	}
	for i := range r.messages {
		m := &r.messages[i]
		h.add(m.Role)
		h.add(m.Content)
		if m.Reasoning != "" {
			h.add("reasoning")
			h.add(m.Reasoning)
		}
		for _, c := range m.ToolCalls {
			h.add("call")
			h.add(c.Name)
			h.add(c.Arguments)
		}
	}
	if r.tools != "" {
		h.add(r.tools)
	}
	return h.sum("chat")
}

// HashText returns the content hash of a plain text.
func HashText(text string) Hash {
	var h chainHash
	h.add(text)
	return h.sum("text")
}

// chainHash hashes a sequence of strings: each is hashed with a seed that
// depends on all before it, so that borders matter.
type chainHash struct{ hi, lo uint64 }

func (h *chainHash) add(s string) {
	x := xxh3.HashString128Seed(s, mix64(h.lo)+h.hi)
	h.hi, h.lo = mix64(h.hi)^x.Hi, h.lo^x.Lo
}

func (h *chainHash) sum(kind string) Hash {
	h.add(kind)
	return xxh3.Uint128{Hi: h.hi, Lo: h.lo}.Bytes()
}
