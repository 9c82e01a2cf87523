package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// choice adapts multiple-choice questions. The user turn is the question and a
// line "A. text" for each choice, the assistant's the letter of the right one.
type choice struct{ *settings }

var (
	choiceLists   = []string{"choices", "options"}
	choiceLetters = []string{"A", "B", "C", "D", "E", "F", "G", "H"}
	choiceAnswers = []string{"answer", "answerKey", "answer_key", "answer_idx", "gold", "label", "target"}
)

// Adapt makes r the question and its answer.
func (c choice) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	f, ok := firstOf(r, []string{"question"}, c.fold)
	if !ok {
		return missing(r, []string{"question"}, c.fold)
	}
	question, err := fieldText(r, f)
	if err != nil {
		return err
	}
	used := []string{f.Name}
	if text, ok, err := filled(r, []string{"context", "passage", "article"}, c.fold, fieldText); err != nil {
		return err
	} else if ok && !text.list && text.text != "" {
		question = blankLine(r, text.text, question)
		used = append(used, text.Name)
	}
	letters, texts, used, err := c.choices(r, used)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(question)
	for i, text := range texts {
		b.WriteString("\n" + letters[i] + ". " + text)
	}
	a, ok := firstOf(r, choiceAnswers, c.fold)
	if !ok {
		return missing(r, choiceAnswers, c.fold)
	}
	letter, err := rightLetter(r, a, letters, texts)
	if err != nil {
		return err
	}
	ms := r.NewMessages(2)
	ms[0].Role, ms[0].Content = datamix.RoleUser, b.String()
	ms[1].Role, ms[1].Content = datamix.RoleAssistant, letter
	r.Adapt(ms, append(used, a.Name)...)
	emit(r)
	return nil
}

// choices returns the letters and texts of the choices, from one list or from a
// column for each letter, and used with their columns.
func (c choice) choices(r *datamix.Record, used []string) (letters, texts, names []string, err error) {
	f, ok := firstOf(r, choiceLists, c.fold)
	if ok {
		letters, texts, err = choiceList(r, f)
		return letters, texts, append(used, f.Name), err
	}
	for _, letter := range choiceLetters {
		f, ok := find(r, letter, false)
		if !ok || f.IsNull() {
			break
		}
		text, err := fieldText(r, f)
		if err != nil {
			return nil, nil, nil, err
		}
		letters, texts, used = append(letters, letter), append(texts, text), append(used, f.Name)
	}
	if len(texts) < 2 {
		return nil, nil, nil, fmt.Errorf("the row has no list of choices: want the column choices or options, or A, B and so on; it has %s", columnsOf(r))
	}
	return letters, texts, used, nil
}

// choiceList reads a list of texts, or {"text": [...], "label": [...]}.
func choiceList(r *datamix.Record, f datamix.Field) (letters, texts []string, err error) {
	raw, ok, err := fieldJSON(r, f)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, wrongKind(f.Name, bytesOf(f.JSON()), "a list of choices")
	}
	at, labels := f.Name, []byte(nil)
	if jsonx.KindOf(raw) == jsonx.Object {
		inner, _ := member(raw, "text")
		if jsonx.KindOf(inner) != jsonx.Array {
			return lettered(r, at, raw)
		}
		labels, _ = member(raw, "label")
		raw, at = inner, at+".text"
	}
	if texts, err = textList(r, at, raw); err != nil {
		return nil, nil, err
	}
	if len(texts) == 0 || len(texts) > 26 {
		return nil, nil, &fault{at: at, msg: fmt.Sprintf("has %d choices, want 1 to 26", len(texts))}
	}
	if labels != nil {
		letters, err = textList(r, f.Name+".label", labels)
		if err == nil && len(letters) != len(texts) {
			err = &fault{at: f.Name, msg: fmt.Sprintf("has %d labels for %d choices", len(letters), len(texts))}
		}
		return letters, texts, err
	}
	for i := range texts {
		letters = append(letters, string(rune('A'+i)))
	}
	return letters, texts, nil
}

// lettered reads choices that are an object: {"A": "...", "B": "..."}.
func lettered(r *datamix.Record, at string, raw []byte) (letters, texts []string, err error) {
	object, err := jsonx.OpenObject(raw)
	for err == nil {
		var key string
		var value []byte
		var ok bool
		if key, value, ok, err = object.Next(); !ok {
			break
		}
		text, f := decodeText(r, at+"."+key, value)
		if f != nil {
			return nil, nil, f
		}
		letters, texts = append(letters, key), append(texts, text)
	}
	if err == nil && len(texts) == 0 {
		err = &fault{at: at, msg: "holds no choice"}
	}
	return letters, texts, err
}

// textList reads a list of strings.
func textList(r *datamix.Record, at string, raw []byte) ([]string, error) {
	if jsonx.KindOf(raw) != jsonx.Array {
		return nil, wrongKind(at, raw, "a list of strings")
	}
	elements, f := spans(nil, raw)
	if f != nil {
		return nil, f.in(at)
	}
	texts := make([]string, len(elements))
	for i, raw := range elements {
		if texts[i], f = decodeText(r, at+"["+strconv.Itoa(i)+"]", raw); f != nil {
			return nil, f
		}
	}
	return texts, nil
}

// rightLetter returns the letter that an answer names: the letter itself, the
// index of the choice from 0 as a number, or the choice's text.
func rightLetter(r *datamix.Record, f datamix.Field, letters, texts []string) (string, error) {
	if f.Kind() == "number" {
		i, err := strconv.Atoi(f.JSON())
		if err != nil || i < 0 || i >= len(letters) {
			return "", &fault{at: f.Name, msg: fmt.Sprintf("is %s, want the index of one of %d choices", f.JSON(), len(letters))}
		}
		return letters[i], nil
	}
	text, err := fieldText(r, f)
	if err != nil {
		return "", err
	}
	for i := range letters {
		if text == letters[i] {
			return text, nil
		}
	}
	for i := range texts {
		if text == texts[i] {
			return letters[i], nil
		}
	}
	return "", &fault{at: f.Name, msg: fmt.Sprintf("is %q, which is none of the choices", text)}
}
