package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// renderJinja renders a chat by the Jinja template and finds the spans.
func (t *Template) renderJinja(p *page, r *datamix.Record) error {
	values, err := t.values(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	signs, err := chooseSigns(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	j := t.jinja
	if t.withTools != nil && values.vars["tools"].IsTruthy() {
		j = t.withTools
	}
	f := &finder{t: t, jinja: j, values: values, signs: signs, ms: r.Messages()}
	text, generated, err := j.Render(values.of(values.messages, false), signs.blocks())
	if err != nil {
		return f.refusal(err)
	}
	f.text = text
	if j.Generation {
		f.generated(p, generated)
	} else {
		f.found(p)
	}
	p.buf = append(p.buf, text...)
	slices.SortFunc(p.spans, func(a, b span) int { return a.from - b.from })
	return nil
}

// refusal says which turn an error is about: the last one of the shortest chat that
// meets the same error.
func (f *finder) refusal(err error) error {
	turn := len(f.ms)
	for n := 1; n < len(f.ms) && n <= 64 && !errors.Is(err, jinja2.ErrLimit); n++ {
		_, _, e := f.jinja.Render(f.values.of(f.values.messages[:n], false), f.signs.blocks())
		if e != nil && e.Error() == err.Error() {
			turn = n
			break
		}
	}
	var raised *jinja2.Raised
	if errors.As(err, &raised) {
		return fmt.Errorf("%w at turn %d (%s): %s", ErrTemplate, turn, f.ms[turn-1].Role, raised.Message)
	}
	return fmt.Errorf("%w at turn %d (%s): %s, %w", ErrTemplate, turn, f.ms[turn-1].Role, f.t.name, err)
}

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

// finder finds the spans of one chat.
type finder struct {
	t      *Template
	jinja  *jinja2.Template
	values *chatValues
	signs  signs
	ms     []message
	text   string
}

// generated takes the spans of {% generation %} blocks: each for the first turn
// from where the one before left off whose text it holds.
func (f *finder) generated(p *page, blocks []jinja2.Span) {
	owner := make([]bool, len(f.ms))
	next := 0
	for _, b := range blocks {
		i := next
		for i < len(f.ms) && (f.ms[i].Role != datamix.RoleAssistant || !holds(f.text[b.From:b.To], &f.ms[i])) {
			i++
		}
		if i == len(f.ms) {
			p.faults++
			continue
		}
		owner[i], next = true, i+1
		p.mark(f.ms, i, span{b.From, b.To})
	}
	var missing []int
	for i := range f.ms {
		flagged := f.ms[i].Train == datamix.TrainYes
		if !owner[i] && (flagged || i == len(f.ms)-1) {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return
	}
	places := f.places()
	for _, i := range missing {
		s, ok := places[i]
		switch {
		case ok && (f.ms[i].Train == datamix.TrainYes || !f.ms[i].Trains()):
			p.mark(f.ms, i, s)
		case ok: // the template does not train the turn
			p.last, p.known, p.final = s, true, f.ms[i].Role == datamix.RoleAssistant
		case f.ms[i].Train == datamix.TrainYes:
			p.faults++
		}
	}
}

// found finds the spans of a template without blocks.
func (f *finder) found(p *page) {
	places := f.places()
	for i := range f.ms {
		m := &f.ms[i]
		if !m.Trains() && i < len(f.ms)-1 {
			continue
		}
		place, ok := places[i]
		switch {
		case m.Role != datamix.RoleAssistant:
			if ok {
				p.mark(f.ms, i, place)
			} else if m.Trains() && !m.Empty() {
				p.faults++
			}
			continue
		case ok:
			s, whole := f.around(i, place, places)
			if !whole && m.Trains() {
				p.faults++ // the tool calls are not in it
			}
			p.mark(f.ms, i, s)
			continue
		}
		if s, ok := f.between(i, places); ok {
			p.mark(f.ms, i, s)
		} else if m.Trains() && !m.Empty() {
			p.faults++
		}
	}
}

// around returns the span of an assistant turn whose text stands at a place: from
// the generation prompt or the reasoning before it, if either stands there, to the
// end-of-turn token. whole is false if the turn has tool calls and they are not in
// the span.
func (f *finder) around(i int, place span, places map[int]span) (s span, whole bool) {
	s = place
	m := &f.ms[i]
	low, high := f.bounds(i, places)
	if low >= 0 && low <= place.from {
		gap := f.text[low:place.from]
		if at := strings.LastIndex(gap, f.t.prompt); at >= 0 && f.t.prompt != "" {
			s.from = low + at + len(f.t.prompt)
		} else if at := strings.Index(gap, trim(m.Reasoning)); at >= 0 && trim(m.Reasoning) != "" {
			s.from = low + at
		}
	}
	if len(m.ToolCalls) == 0 {
		s.to = f.withEnd(place.to, i)
		return s, true
	}
	if high < place.to {
		return s, false
	}
	to, ok := f.end(place.to, high, i)
	if !ok || !named(f.text[place.to:to], m) {
		s.to = f.withEnd(place.to, i)
		return s, false
	}
	s.to = to
	return s, true
}

// bounds returns where the text of the turn before ends and that of the next one
// begins, -1 where it is not known.
func (f *finder) bounds(i int, places map[int]span) (low, high int) {
	low, high = -1, -1
	if i == 0 {
		low = 0
	} else if s, ok := places[i-1]; ok {
		low = s.to
	}
	if i == len(f.ms)-1 {
		high = len(f.text)
	} else if s, ok := places[i+1]; ok {
		high = s.from
	}
	return low, high
}

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

// holds reports whether a span has the text of a turn: all of it, or what follows
// the reasoning in it, which templates cut off. The span of a turn with tool calls
// has their names; some templates leave out the text beside them.
func holds(text string, m *message) bool {
	if !named(text, m) {
		return false
	}
	core := trim(m.Content)
	if len(m.ToolCalls) > 0 || strings.Contains(text, core) {
		return true
	}
	_, after, ok := cutLast(core, "</think>")
	return ok && strings.Contains(text, trim(after))
}

// named reports whether a text has the names of all tool calls of a turn.
func named(text string, m *message) bool {
	for i := range m.ToolCalls {
		if !strings.Contains(text, m.ToolCalls[i].Name) {
			return false
		}
	}
	return true
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// places returns where the texts of the turns stand, for those that can be told:
// the chat is rendered with signs around them, which must change nothing else.
// White space around a text is inside of the signs at first, outside where a
// template trims, and then texts with reasoning in them, which templates cut up, go
// without signs.
func (f *finder) places() map[int]span {
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
func (f *finder) signed(turns []int, outside bool) (places map[int]span, ok bool) {
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
	text, places = f.signs.read(text)
	for i, s := range places {
		// A text that stands twice, or in part, is nowhere for certain.
		if !strings.Contains(text[s.from:s.to], trim(f.ms[i].Content)) {
			delete(places, i)
		}
	}
	return places, text == f.text
}

// read takes the signs out of a text and returns what stood between them by the
// number of the turn. A turn that stands there twice is left out.
func (s signs) read(text string) (string, map[int]span) {
	places := map[int]span{}
	twice := map[int]bool{}
	var b strings.Builder
	turn, from := -1, 0
	for {
		at, which := len(text), -1
		for i, sign := range s[2:] {
			if n := strings.Index(text[:at], sign); n >= 0 {
				at, which = n, i
			}
		}
		b.WriteString(text[:at])
		if which < 0 {
			break
		}
		text = text[at+len(s[2]):]
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
				_, known := places[turn]
				twice[turn] = known || twice[turn]
				places[turn] = span{from, b.Len()}
			}
			turn = -1
		}
	}
	for i, t := range twice {
		if t {
			delete(places, i)
		}
	}
	return b.String(), places
}

// between returns the part of the text from the generation prompt after the turns
// before turn i to the end of the turn.
func (f *finder) between(i int, places map[int]span) (s span, ok bool) {
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
	t.ends = [2]string{common, strings.TrimRightFunc(end, isSpace)}
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
	return strings.TrimRightFunc(strings.ToValidUTF8(s, ""), isSpace)
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
