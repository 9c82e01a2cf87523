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
