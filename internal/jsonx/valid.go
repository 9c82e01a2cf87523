package jsonx

// Valid checks that raw is one JSON value, with nothing but white space around
// it, as RFC 8259 has it: numbers, literals, escapes, no control characters in
// strings, UTF-8 everywhere, at most [MaxDepth] levels. The escape of half of a
// surrogate pair is allowed by that grammar and so by Valid; [Text] rejects it.
// Keys may stand twice.
//
// The error is a [*SyntaxError]. Where text has both a wrong structure and
// invalid UTF-8, the structure is reported.
func Valid(raw []byte) error {
	w := walker{b: raw, strict: true}
	i := w.value(skipSpace(raw, 0), 0)
	if i < 0 {
		return w.err
	}
	if i = skipSpace(raw, i); i < len(raw) {
		w.unexpected(i, "the end of the text")
		return w.err
	}
	if w.high&lanes80 != 0 {
		w.err = checkUTF8(raw, 0)
	}
	return w.failure()
}

// Member is a member of an object as it stands in the text.
type Member struct {
	Key   string // decoded; it aliases the text unless it has escapes
	Value []byte // the raw span, without white space around it
}

// AppendMembers is [Valid] for an object, and appends its members to dst in the
// same pass. On an error dst comes back as it was.
func AppendMembers(dst []Member, raw []byte) ([]Member, error) {
	w := walker{b: raw, strict: true}
	start := skipSpace(raw, 0)
	if start >= len(raw) || raw[start] != '{' {
		if err := Valid(raw); err != nil {
			return dst, err
		}
		w.unexpected(start, "an object")
		return dst, w.err
	}
	out, badKey, i := w.members(dst, start)
	if i < 0 {
		return dst, w.err
	}
	if i = skipSpace(raw, i); i < len(raw) {
		w.unexpected(i, "the end of the text")
		return dst, w.err
	}
	if w.high&lanes80 != 0 {
		if err := checkUTF8(raw, 0); err != nil {
			return dst, err
		}
	}
	if badKey != nil {
		return dst, badKey
	}
	return out, nil
}

// members is object for the outermost one. What is wrong with a key that is a
// string is badKey and does not end the walk.
func (w *walker) members(dst []Member, i int) (out []Member, badKey *SyntaxError, next int) {
	i = skipSpace(w.b, i+1)
	if i < len(w.b) && w.b[i] == '}' {
		return dst, nil, i + 1
	}
	for {
		if i >= len(w.b) || w.b[i] != '"' {
			return dst, nil, w.unexpected(i, "a key")
		}
		start := i
		if i = w.str(i); i < 0 {
			return dst, nil, -1
		}
		key, err := text(w.b[start:i], nil)
		if err != nil && badKey == nil {
			badKey = &SyntaxError{Offset: start + err.Offset, Msg: err.Msg}
		}
		if i = w.colon(i); i < 0 {
			return dst, nil, -1
		}
		start = i
		if i = w.value(i, 1); i < 0 {
			return dst, nil, -1
		}
		dst = append(dst, Member{key, w.b[start:i:i]})
		i = skipSpace(w.b, i)
		if i < len(w.b) && w.b[i] == ',' {
			i = skipSpace(w.b, i+1)
			continue
		}
		if i < len(w.b) && w.b[i] == '}' {
			return dst, badKey, i + 1
		}
		return dst, nil, w.unexpected(i, "',' or '}'")
	}
}
