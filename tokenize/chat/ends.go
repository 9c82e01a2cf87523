package chat

import (
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// end returns the end of the first end-of-turn token in a part of the text.
func (f *finder) end(from, to, i int) (int, bool) {
	for _, end := range f.endsOf(i) {
		if at := strings.Index(f.text[from:to], end); at >= 0 && end != "" {
			return from + at + len(end), true
		}
	}
	return to, i == len(f.ms)-1
}

// endsOf returns the end-of-turn tokens in the order in which turn i may have them.
func (f *finder) endsOf(i int) [2]string {
	ends := f.t.ends
	if i == len(f.ms)-1 {
		ends[0], ends[1] = ends[1], ends[0]
	}
	return ends
}

// between returns the part of the text from the generation prompt after the turns
// before turn i to the end of the turn.
func (f *finder) between(i int, places places) (s span, ok bool) {
	if f.open() != nil {
		return s, false
	}
	before, _, err := f.jinja.Render(f.values.of(f.values.messages[:i], true), f.signs.blocks())
	if err != nil || len(before) == 0 || !strings.HasPrefix(f.text, before) {
		return s, false
	}
	s = span{len(before), len(f.text)}
	if i < len(f.ms)-1 {
		through, _, err := f.jinja.Render(f.values.of(f.values.messages[:i+1], false), f.signs.blocks())
		_, high := f.bounds(i, places)
		switch {
		case err == nil && len(through) > s.from && strings.HasPrefix(f.text, through):
			s.to = len(through)
		case high > s.from && f.ms[i+1].Role != datamix.RoleAssistant: // whose reasoning could stand before high
			s.to = high
		default:
			return s, false
		}
	}
	// The end-of-turn token is the last one there, and must be there inside of a chat.
	for _, end := range f.endsOf(i) {
		if at := strings.LastIndex(f.text[s.from:s.to], end); at >= 0 && end != "" {
			s.to = s.from + at + len(end)
			return s, holds(f.text[s.from:s.to], &f.ms[i])
		}
	}
	return s, (i == len(f.ms)-1 || f.t.ends[0] == "" && len(f.ms[i].ToolCalls) == 0) && holds(f.text[s.from:s.to], &f.ms[i])
}

// withEnd returns the end of a span with the end-of-turn token that stands there.
func (f *finder) withEnd(to, i int) int {
	for _, end := range f.endsOf(i) {
		if end != "" && strings.HasPrefix(f.text[to:], end) {
			return to + len(end)
		}
	}
	return to
}

// trial is a chat to try templates on.
func trial() *datamix.Record {
	return datamix.NewChat(datamix.User("first question"), datamix.Assistant("first answer"), datamix.User("second question"), datamix.Assistant("second answer"))
}

var trialMarks = [2]string{"\ufdd0", "\ufdd1"}

// takesParts finds out whether a template takes contents as lists of parts alone,
// as those of models that see do: whether texts come through that way only.
func (t *Template) takesParts() {
	for _, parts := range []bool{false, true} {
		t.parts = parts
		values, err := t.values(trial())
		if err != nil {
			break
		}
		text, _, err := t.jinja.Render(values.of(values.messages, false), trialMarks)
		if err == nil && strings.Contains(text, "second question") && strings.Contains(text, "second answer") {
			return
		}
	}
	t.parts = false
}

// findEnds finds the generation prompt of a template without blocks, and its
// end-of-turn token: what follows the texts of assistant turns, inside of a chat and
// at its end.
func (t *Template) findEnds() {
	t.takesParts()
	if t.jinja.Generation {
		return
	}
	values, err := t.values(trial())
	if err != nil {
		return
	}
	marks := trialMarks
	without, _, errWithout := t.jinja.Render(values.of(values.messages[:1], false), marks)
	with, _, errWith := t.jinja.Render(values.of(values.messages[:1], true), marks)
	if prompt, ok := strings.CutPrefix(with, without); ok && errWithout == nil && errWith == nil {
		t.prompt = prompt
	}
	text, _, err := t.jinja.Render(values.of(values.messages, false), marks)
	if err != nil {
		return
	}
	_, end, ok := cutLast(text, "second answer")
	if !ok {
		return
	}
	_, rest, _ := strings.Cut(text, "first answer")
	inside, _, ok := strings.Cut(rest, "second question")
	if !ok {
		inside = end // the template leaves out old answers
	}
	n := 0
	for n < min(len(inside), len(end)) && inside[n] == end[n] {
		n++
	}
	common := closed(inside[:n])
	if common == "" && bracketed(end) != "" {
		// The last turn ends with a token of its own, as in gpt-oss.
		common = bracketed(inside)
	}
	t.ends = [2]string{common, strings.TrimRightFunc(end, jinja2.IsSpace)}
	if strings.HasPrefix(end, common) {
		t.ends[1] = common
	}
}

// closed returns a text without white space at its end and without a bracket that
// opens there and does not close.
func closed(s string) string {
	for _, pair := range []string{"<>", "[]"} {
		if open := strings.LastIndexByte(s, pair[0]); open > strings.LastIndexByte(s, pair[1]) {
			s = s[:open]
		}
	}
	return strings.TrimRightFunc(strings.ToValidUTF8(s, ""), jinja2.IsSpace)
}

// bracketed returns the token in brackets that a text begins with, or "".
func bracketed(s string) string {
	if strings.HasPrefix(s, "<") {
		if before, _, ok := strings.Cut(s, ">"); ok {
			return before + ">"
		}
	}
	return ""
}
