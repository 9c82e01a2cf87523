package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// signs are characters that are in no text of a record: Unicode has set them
// apart for the use of programs, which is not to be exchanged.
type signs [5]string

func (s signs) blocks() [2]string { return [2]string{s[0], s[1]} }

// chooseSigns returns signs that no text of the record holds.
func chooseSigns(r *datamix.Record) (signs, error) {
	taken := func(text string) bool {
		if strings.Contains(r.Tools(), text) {
			return true
		}
		for s := range r.Texts() {
			if strings.Contains(s, text) {
				return true
			}
		}
		return false
	}
	any := taken("\xef\xb7")
	for first := rune(0xfdd0); first <= 0xfdef-8; first += 8 {
		var s signs
		free := true
		for i := range s {
			s[i] = string(first + rune(i))
			free = free && (!any || !taken(s[i]))
		}
		if free {
			return s, nil
		}
	}
	return signs{}, errors.New("its texts hold all of the characters that mark spans (U+FDD0 to U+FDEF)")
}

// places returns where the texts of the turns stand, for those that can be told:
// the chat is rendered with signs around them, which must change nothing else.
// White space around a text is inside of the signs at first, outside where a
// template trims, and then texts with reasoning in them, which templates cut up, go
// without signs.
func (f *finder) places() places {
	if f.known {
		return f.at
	}
	f.known, f.at = true, f.search()
	return f.at
}

// search looks for the places by renderings with signs.
func (f *finder) search() places {
	if f.open() != nil {
		return nil
	}
	all, simple := f.turns(false), f.turns(true)
	spaced := slices.ContainsFunc(all, func(i int) bool { return trim(f.ms[i].Content) != f.ms[i].Content })
	for _, try := range []struct {
		turns   []int
		outside bool
		when    bool
	}{{all, false, true}, {all, true, spaced}, {simple, true, len(simple) < len(all)}} {
		if !try.when {
			continue
		}
		if places, ok := f.signed(try.turns, try.outside); ok {
			return places
		}
	}
	return nil
}

// turns returns the numbers of the turns with text.
func (f *finder) turns(simple bool) (list []int) {
	for i := range f.ms {
		if c := f.ms[i].Content; trim(c) != "" && (!simple || !strings.Contains(c, "think>")) {
			list = append(list, i)
		}
	}
	return list
}

// signed is places with white space inside of the signs or outside; ok is false
// where the signs changed the text.
func (f *finder) signed(turns []int, outside bool) (at places, ok bool) {
	messages := slices.Clone(f.values.messages)
	for _, i := range turns {
		old := messages[i].AsDict()
		if c, _ := old.Get("content"); !c.IsString() && !f.t.parts || slices.ContainsFunc(f.ms[i].Parts, isMedia) {
			continue
		}
		value, d := jinja2.Dict(len(old.Keys))
		for _, k := range old.Keys {
			d.Set(k, old.Data[k])
		}
		before, core, after := "", f.ms[i].Content, ""
		if outside {
			core = trim(core)
			at := strings.Index(f.ms[i].Content, core)
			before, after = f.ms[i].Content[:at], f.ms[i].Content[at+len(core):]
		}
		d.Set("content", f.t.textValue(fmt.Sprintf("%s%s%d%s%s%s%s", before, f.signs[2], i, f.signs[3], core, f.signs[4], after)))
		messages[i] = value
	}
	text, _, err := f.jinja.Render(f.values.of(messages, false), f.signs.blocks())
	if err != nil {
		return nil, false
	}
	text, at = f.signs.read(text, len(f.ms))
	for i := range at {
		// A text that stands there in part is nowhere for certain.
		if s, ok := at.of(i); ok && !strings.Contains(text[s.from:s.to], trim(f.ms[i].Content)) {
			at[i] = nowhere
		}
	}
	return at, text == f.text
}

// read takes the signs out of a text and returns what stood between them by the
// number of the turn.
func (s signs) read(text string, turns int) (string, places) {
	at := make(places, turns)
	for i := range at {
		at[i] = nowhere
	}
	var b strings.Builder
	turn, from := -1, 0
	for {
		next, which := jinja2.NextMark(text, s[2:])
		b.WriteString(text[:next])
		if which < 0 {
			break
		}
		text = text[next+len(s[2]):]
		switch which {
		case 0:
			number, rest, ok := strings.Cut(text, s[3])
			n := 0
			if _, err := fmt.Sscanf(number, "%d", &n); !ok || err != nil {
				continue
			}
			text, turn, from = rest, n, b.Len()
		case 2:
			if turn >= 0 {
				at.add(turn, span{from, b.Len()})
			}
			turn = -1
		}
	}
	at.settle()
	return b.String(), at
}

// places are where the texts of turns stand, by the turn.
type places []span

// nowhere is the place of what cannot be told, twice that of a text that stands
// there more than once.
var nowhere, twice = span{-1, -1}, span{-2, -2}

// of returns the place of a turn.
func (ps places) of(i int) (span, bool) {
	if i >= len(ps) || ps[i].from < 0 {
		return span{}, false
	}
	return ps[i], true
}

// add notes a place. A text that stands there twice is nowhere for certain.
func (ps places) add(i int, s span) {
	switch {
	case i >= len(ps):
	case ps[i] == nowhere:
		ps[i] = s
	default:
		ps[i] = twice
	}
}

// settle ends adding.
func (ps places) settle() {
	for i := range ps {
		if ps[i] == twice {
			ps[i] = nowhere
		}
	}
}
