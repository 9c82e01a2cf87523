package jsonx

// phase is how far an iteration has come.
type phase uint8

const (
	atFirst phase = iota // behind the opening bracket
	between              // behind a value
	over                 // at the end, or failed
)

// Members iterates over the members of a JSON object. [OpenObject] makes one;
// the zero value reports the end of empty text as an error.
type Members struct {
	w     walker
	pos   int // behind what has been read
	phase phase
}

// OpenObject starts an iteration over the object raw, which may have white
// space around it. The error is a [*SyntaxError] when raw is no object.
func OpenObject(raw []byte) (Members, error) {
	o := Members{w: walker{b: raw}}
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		o.phase = over
		o.w.unexpected(i, "an object")
		return o, o.w.err
	}
	o.pos = i + 1
	return o, nil
}

// Next returns the next member in the order of the text. The key is decoded and
// aliases raw unless it has escapes. The value is its raw span, without white
// space around it and with its capacity cut to its length. Keys that stand
// twice are returned twice.
//
// At the end, ok is false and err nil; white space only may follow the object.
// After an error, a [*SyntaxError] with an offset in the text given to
// OpenObject, every further call returns the same.
func (o *Members) Next() (key string, value []byte, ok bool, err error) {
	if o.phase == over {
		return "", nil, false, o.w.failure()
	}
	i, more := o.w.step(o.pos, o.phase, '}')
	if !more {
		o.phase = over
		return "", nil, false, o.w.failure()
	}
	key, i = o.w.key(i)
	if i >= 0 {
		i = o.w.colon(i)
	}
	if i < 0 {
		o.phase = over
		return "", nil, false, o.w.failure()
	}
	end := o.w.value(i, 1)
	if end < 0 {
		o.phase = over
		return "", nil, false, o.w.failure()
	}
	o.pos, o.phase = end, between
	return key, o.w.b[i:end:end], true, nil
}

// Elements iterates over the elements of a JSON array. [OpenArray] makes one;
// the zero value reports the end of empty text as an error.
type Elements struct {
	w     walker
	pos   int
	phase phase
}

// OpenArray starts an iteration over the array raw, which may have white space
// around it. The error is a [*SyntaxError] when raw is no array.
func OpenArray(raw []byte) (Elements, error) {
	a := Elements{w: walker{b: raw}}
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		a.phase = over
		a.w.unexpected(i, "an array")
		return a, a.w.err
	}
	a.pos = i + 1
	return a, nil
}

// Next returns the next element: its raw span, without white space around it
// and with its capacity cut to its length. The end and errors are as with
// [Members.Next].
func (a *Elements) Next() (value []byte, ok bool, err error) {
	if a.phase == over {
		return nil, false, a.w.failure()
	}
	i, more := a.w.step(a.pos, a.phase, ']')
	if !more {
		a.phase = over
		return nil, false, a.w.failure()
	}
	end := a.w.value(i, 1)
	if end < 0 {
		a.phase = over
		return nil, false, a.w.failure()
	}
	a.pos, a.phase = end, between
	return a.w.b[i:end:end], true, nil
}

// step walks from behind the opening bracket or a value to the next member or
// element. At the end of the composite, and on an error, more is false.
func (w *walker) step(i int, p phase, bracket byte) (next int, more bool) {
	i = skipSpace(w.b, i)
	switch {
	case i < len(w.b) && w.b[i] == bracket:
		if i = skipSpace(w.b, i+1); i < len(w.b) {
			w.unexpected(i, "the end of the text")
		}
		return i, false
	case p == atFirst:
		return i, true
	case i < len(w.b) && w.b[i] == ',':
		return skipSpace(w.b, i+1), true
	default:
		w.unexpected(i, "',' or '"+string(bracket)+"'")
		return i, false
	}
}

// key decodes the key that starts at i and returns the offset behind it, -1 on
// an error.
func (w *walker) key(i int) (string, int) {
	if i >= len(w.b) || w.b[i] != '"' {
		return "", w.unexpected(i, "a key")
	}
	end := closing(w.b, i+1)
	if end < 0 {
		return "", w.unterminated()
	}
	key, err := text(w.b[i:end+1], nil)
	if err != nil {
		return "", w.fail(i+err.Offset, err.Msg)
	}
	return key, end + 1
}

// failure returns err as an error that is nil when there is none.
func (w *walker) failure() error {
	if w.err == nil {
		return nil
	}
	return w.err
}

// Element is an element of an array as it stands in the text.
type Element struct {
	Raw []byte // without white space around it
	// First and Count say which of the members that AppendElements returns are
	// those of this element; Count is -1 where it is no object.
	First, Count int
}

// AppendElements appends the elements of the array raw to dst, and in the same
// pass the members of those that are objects to members. Errors are as with
// [Elements.Next]; what was appended means nothing then.
func AppendElements(dst []Element, members []Member, raw []byte) ([]Element, []Member, error) {
	a, err := OpenArray(raw)
	if err != nil {
		return dst, members, err
	}
	for p := atFirst; ; p = between {
		i, more := a.w.step(a.pos, p, ']')
		if !more {
			return dst, members, a.w.failure()
		}
		e := Element{First: len(members), Count: -1}
		end := 0
		if i < len(raw) && raw[i] == '{' {
			var badKey *SyntaxError
			if members, badKey, end = a.w.members(members, i); badKey != nil {
				end = a.w.fail(badKey.Offset, badKey.Msg)
			}
			e.Count = len(members) - e.First
		} else {
			end = a.w.value(i, 1)
		}
		if end < 0 {
			return dst, members, a.w.failure()
		}
		e.Raw, a.pos = raw[i:end:end], end
		dst = append(dst, e)
	}
}
