package source

import "bytes"

// jsonScan finds the end of one JSON value in text that comes in pieces. It
// knows quotes, backslashes and brackets and leaves everything else to the one
// who decodes the value. The zero value stands before a value.
type jsonScan struct {
	depth   int
	text    bool // inside a string
	odd     bool // behind an odd number of backslashes
	scalar  bool // inside a number, literal or something that is none
	objects [jsonTyped / 64]uint64
}

// jsonTyped is the depth down to which the scan remembers which bracket was
// opened, enough for what jsonx accepts. Deeper down it counts only.
const jsonTyped = 512

// scanState is how a scan of a piece ended.
type scanState uint8

const (
	scanMore   scanState = iota // the value goes on behind the piece
	scanDone                    // the value ends in the piece
	scanBroken                  // a bracket closes what was not opened
)

const (
	jsonOther = iota
	jsonQuote
	jsonOpen
	jsonClose
	jsonEnd // ends a scalar
)

var jsonClass = [256]uint8{
	'"': jsonQuote, '{': jsonOpen, '[': jsonOpen, '}': jsonClose, ']': jsonClose,
	',': jsonEnd, ' ': jsonEnd, '\n': jsonEnd, '\r': jsonEnd, '\t': jsonEnd, ':': jsonEnd,
}

// next goes on at d[i] and returns the offset behind the value when it is done,
// that of the bracket at fault when it is broken, and len(d) when it needs more.
func (s *jsonScan) next(d []byte, i int) (int, scanState) {
	for i < len(d) {
		if s.text {
			if i = s.inText(d, i); !s.text && s.depth == 0 {
				return i, scanDone
			}
			continue
		}
		switch jsonClass[d[i]] {
		case jsonQuote:
			if s.scalar {
				return i, scanDone
			}
			s.text = true
		case jsonOpen:
			if s.scalar {
				return i, scanDone
			}
			s.open(d[i])
		case jsonClose:
			if s.scalar {
				return i, scanDone
			}
			if !s.closes(d[i]) {
				return i, scanBroken
			}
			if s.depth == 0 {
				return i + 1, scanDone
			}
		case jsonEnd:
			if s.depth == 0 {
				return i, scanDone
			}
		default:
			s.scalar = s.depth == 0
		}
		i++
	}
	return i, scanMore
}

// inText goes on inside a string and returns the offset behind its closing
// quote, or len(d).
func (s *jsonScan) inText(d []byte, i int) int {
	if s.odd {
		s.odd = false
		return i + 1
	}
	n := bytes.IndexByte(d[i:], '"')
	end := i + n
	if n < 0 {
		end = len(d)
	}
	k := end
	for k > i && d[k-1] == '\\' {
		k--
	}
	s.odd = (end-k)&1 == 1
	if n < 0 {
		return end
	}
	if s.odd {
		s.odd = false
	} else {
		s.text = false
	}
	return end + 1
}

func (s *jsonScan) open(c byte) {
	if s.depth < jsonTyped {
		bit := uint64(1) << (s.depth & 63)
		if c == '{' {
			s.objects[s.depth>>6] |= bit
		} else {
			s.objects[s.depth>>6] &^= bit
		}
	}
	s.depth++
}

func (s *jsonScan) closes(c byte) bool {
	s.depth--
	if s.depth < 0 {
		return false
	}
	return s.depth >= jsonTyped || (s.objects[s.depth>>6]>>(s.depth&63)&1 == 1) == (c == '}')
}
