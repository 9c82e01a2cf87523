package bpe

import "math/bits"

// trie finds the longest token at a place, and from each token the next shorter
// one that begins it. Nodes are linked by an open-addressing table.
type trie struct {
	edges   []uint64 // node<<8|byte in the high half, the node it leads to in the low half
	shift   uint
	token   []uint32    // the symbol that ends at a node, or None
	first   [256]uint32 // the nodes of the first byte; 0 is none
	shorter []uint32    // by symbol
}

// newTrie indexes the symbols that merging makes.
func newTrie(v *Vocab) *trie {
	t := &trie{shorter: make([]uint32, v.reach)}
	size := 0
	for _, s := range v.symbols[:v.reach] {
		size += len(s.text)
	}
	t.edges = make([]uint64, 1<<bits.Len(uint(size)))
	t.shift = uint(64 - bits.TrailingZeros(uint(len(t.edges))))
	t.token = append(t.token, None) // the root
	for s := range v.reach {
		if s < v.bytes {
			continue // fallback bytes begin no character
		}
		t.insert(v.symbols[s].text, uint32(s))
	}
	for s := range v.reach {
		t.shorter[s] = t.longestBelow(v.symbols[s].text)
	}
	return t
}

func (t *trie) insert(text string, s uint32) {
	node := uint32(0)
	for i := range len(text) {
		to := t.child(node, text[i])
		if to == 0 {
			to = uint32(len(t.token))
			t.token = append(t.token, None)
			t.link(node, text[i], to)
		}
		node = to
	}
	if t.token[node] == None {
		t.token[node] = s
	}
}

func (t *trie) link(node uint32, b byte, to uint32) {
	if node == 0 {
		t.first[b] = to
		return
	}
	key := uint64(node)<<8 | uint64(b)
	i := key * mixer >> t.shift
	for t.edges[i] != 0 {
		i = (i + 1) & uint64(len(t.edges)-1)
	}
	t.edges[i] = key<<32 | uint64(to)
}

// child returns the node that b leads to from node, 0 if none.
func (t *trie) child(node uint32, b byte) uint32 {
	if node == 0 {
		return t.first[b]
	}
	key := uint64(node)<<8 | uint64(b)
	for i := key * mixer >> t.shift; ; i++ {
		e := t.edges[i&uint64(len(t.edges)-1)]
		if e>>32 == key {
			return uint32(e)
		}
		if e == 0 {
			return 0
		}
	}
}

// longest returns the longest symbol that text begins with.
func (t *trie) longest(text string) uint32 {
	found, node := None, uint32(0)
	for i := range len(text) {
		if node = t.child(node, text[i]); node == 0 {
			break
		}
		if s := t.token[node]; s != None {
			found = s
		}
	}
	return found
}

// longestBelow returns the longest symbol that begins text and is shorter.
func (t *trie) longestBelow(text string) uint32 {
	if text == "" {
		return None
	}
	return t.longest(text[:len(text)-1])
}
