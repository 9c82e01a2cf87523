package filter

import (
	"unicode"
	"unicode/utf8"
)

// phraseTrie is the tree of the phrases, by bytes. Beside the tree there are
// detours: a space may be any white space, a letter may have its other case.
// They lead through nodes of their own to the node that the plain bytes lead to.
type phraseTrie struct{ nodes []phraseNode }

type phraseNode struct {
	edges []phraseEdge
	ends  int32 // the phrase that ends here, or -1
}

// phraseEdge leads on with a byte. A detour's last edge leads to a node that is
// not its child.
type phraseEdge struct {
	with   byte
	detour bool
	to     uint32
}

// Bytes that the automaton does not tell from a space. Outside ASCII it knows
// the no-break space too.
const (
	otherSpaces  = "\t\n\v\f\r"
	noBreakSpace = "\u00a0"
)

// add adds a normalised phrase with its number.
func (t *phraseTrie) add(phrase []rune, number int32, matchCase bool) {
	at := uint32(0)
	for _, c := range phrase {
		from := at
		at = t.step(from, string(c))
		switch {
		case c == ' ':
			t.detour(from, noBreakSpace, at)
			t.detour(at, noBreakSpace, at) // more of them
			t.detour(at, " ", at)
		case c == '\'':
			t.detour(from, "\u2019", at)
		case !matchCase && c >= utf8.RuneSelf: // classify sees to the letters of ASCII
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				t.detour(from, string(f), at)
			}
		}
	}
	if t.nodes[at].ends < 0 {
		t.nodes[at].ends = number
	}
}

// step returns the node to which the bytes lead in the tree, made if need be.
func (t *phraseTrie) step(at uint32, bytes string) uint32 {
	for _, b := range []byte(bytes) {
		next, ok := t.edge(at, b)
		if !ok {
			next = uint32(len(t.nodes))
			t.nodes = append(t.nodes, phraseNode{ends: -1})
			t.nodes[at].edges = append(t.nodes[at].edges, phraseEdge{b, false, next})
		}
		at = next
	}
	return at
}

// detour leads with the bytes from a node to another.
func (t *phraseTrie) detour(from uint32, bytes string, to uint32) {
	last := len(bytes) - 1
	from = t.step(from, bytes[:last])
	if _, known := t.edge(from, bytes[last]); !known {
		t.nodes[from].edges = append(t.nodes[from].edges, phraseEdge{bytes[last], true, to})
	}
}

func (t *phraseTrie) edge(at uint32, b byte) (uint32, bool) {
	for _, e := range t.nodes[at].edges {
		if e.with == b {
			return e.to, true
		}
	}
	return 0, false
}

// compile writes out the transitions of the automaton. Nodes are visited by
// depth, so that the row of a node's longest suffix is complete before its own.
func (p *phrases) compile(nodes []phraseNode) {
	p.classify(nodes)
	width := uint32(p.width)
	p.next = make([]uint32, len(nodes)*p.width)
	p.ends, p.fewer = make([]int32, len(nodes)), make([]uint32, len(nodes))
	suffix := make([]uint32, len(nodes))
	for queue := []uint32{0}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		row := p.next[at*width : (at+1)*width]
		if at != 0 {
			copy(row, p.next[suffix[at]*width:(suffix[at]+1)*width])
		}
		p.ends[at] = nodes[at].ends
		for _, e := range nodes[at].edges {
			column := p.class[e.with]
			if !e.detour {
				suffix[e.to] = row[column] / width
				queue = append(queue, e.to)
			}
			row[column] = e.to * width
		}
		if s := suffix[at]; nodes[s].ends >= 0 {
			p.fewer[at] = s
		} else {
			p.fewer[at] = p.fewer[s]
		}
	}
	for i, to := range p.next {
		if state := to / width; p.ends[state] >= 0 || p.fewer[state] != 0 {
			p.next[i] |= accepts
		}
	}
}

// classify numbers the bytes that lead anywhere, from 1; all others are 0. Bytes
// that lead to the same places share a number.
func (p *phrases) classify(nodes []phraseNode) {
	p.width = 1
	for _, n := range nodes {
		for _, e := range n.edges {
			if p.class[e.with] == 0 {
				p.class[e.with] = uint8(p.width)
				p.width++
			}
		}
	}
	for _, c := range []byte(otherSpaces) {
		p.class[c] = p.class[' ']
	}
	if !p.rules.matchCase {
		for c := byte('A'); c <= 'Z'; c++ {
			p.class[c] = p.class[c+'a'-'A']
		}
	}
}
