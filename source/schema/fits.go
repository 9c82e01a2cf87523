package schema

import (
	"strings"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// exchangeOf is the table's row for a schema of one exchange in columns.
func exchangeOf(name string, user []slot, assistant ...string) definition {
	var columns strings.Builder
	for i, s := range user {
		if i > 0 {
			columns.WriteString(", ")
		}
		text := strings.Join(s.names, "|")
		if s.optional {
			text = "[" + text + "]"
		}
		columns.WriteString(text)
	}
	columns.WriteString(", " + strings.Join(assistant, "|"))
	adapter := newPair(user, assistant...)
	if name == "alpaca" {
		adapter = newAlpaca(user, assistant)
		columns.WriteString(" [history]")
	}
	return definition{name, columns.String(), columned, []string{"roles"}, fitsPair(user, assistant), adapter}
}

// newAlpaca makes a pair with earlier exchanges.
func newAlpaca(user []slot, assistant []string) func(*settings) Adapter {
	plain := newPair(user, assistant...)
	return func(s *settings) Adapter {
		p := plain(s).(*pair)
		p.history = []string{"history"}
		return p
	}
}

// fitsPair fits rows that have the columns of an exchange. The answer's column
// is the last of those returned.
func fitsPair(user []slot, assistant []string) func(view) []string {
	return func(v view) []string {
		answer := v.column(assistant...)
		if answer == "" {
			return nil
		}
		var columns []string
		for _, s := range user {
			name := v.column(s.names...)
			if name == "" && !s.optional || name == answer {
				return nil
			}
			if name != "" {
				columns = append(columns, name)
			}
		}
		return append(columns, answer)
	}
}

func fitsTree(v view) []string {
	if v.column("message_tree_id") != "" && jsonx.KindOf(v.json("prompt")) == jsonx.Object {
		return []string{"message_tree_id", "prompt"}
	}
	if v.column("message_id") != "" && v.column("role") != "" && jsonx.KindOf(v.json("replies")) == jsonx.Array {
		return []string{"message_id", "replies"}
	}
	return nil
}

func fitsPreference(v view) []string {
	name, rejected := v.column(chosenColumns...), v.column(rejectedColumns...)
	if name == "" || rejected == "" {
		return nil
	}
	chosen, _ := find(v.r, name, v.fold)
	if k := chosen.Kind(); k != "string" && k != "array" && k != "object" && k != "null" {
		return nil
	}
	return []string{name, rejected}
}

// fitsCode fits rows that have source code with its place in a repository.
func fitsCode(v view) []string {
	if f, ok := find(v.r, "code", v.fold); !ok || f.Kind() != "string" || v.column("path", "repo_name", "repository_name", "file_path") == "" {
		return nil
	}
	return []string{"code"}
}

func fitsBFCL(v view) []string {
	raw := v.json("question")
	if jsonx.KindOf(raw) != jsonx.Array {
		return nil
	}
	list, _ := jsonx.OpenArray(raw)
	if first, ok, err := list.Next(); err != nil || !ok || jsonx.KindOf(first) != jsonx.Array {
		return nil
	}
	return []string{"question"}
}

func fitsRequest(v view) []string {
	raw := v.json("request")
	if jsonx.KindOf(raw) != jsonx.Object {
		return nil
	}
	if context, f := member(raw, "context"); f != nil || context == nil {
		return nil
	}
	return []string{"request"}
}

// fitsChoice fits questions whose choices are a list, or stand in columns A and
// B at least.
func fitsChoice(v view) []string {
	if v.column("question") == "" || v.column(choiceAnswers...) == "" {
		return nil
	}
	if list := v.column(choiceLists...); list != "" {
		if k := jsonx.KindOf(v.json(list)); k == jsonx.Array || k == jsonx.Object {
			return []string{"question", list}
		}
		return nil
	}
	_, a := find(v.r, "A", false)
	_, b := find(v.r, "B", false)
	if !a || !b {
		return nil
	}
	return []string{"question", "A", "B"}
}

// fitsText fits rows that have a text, except those that are one message of a
// conversation spread over several rows.
func fitsText(v view) []string {
	if v.column("role") != "" && v.column("message_id", "parent_id", "conversation_id") != "" {
		return nil
	}
	name := v.column(textColumns...)
	if name == "" {
		return nil
	}
	if f, _ := find(v.r, name, v.fold); f.Kind() != "string" && f.Kind() != "null" {
		return nil
	}
	return []string{name}
}

// answerWords are in the names of columns that answer a prompt.
var answerWords = []string{"answer", "response", "completion", "output", "chosen", "solution", "reply"}

// answered reports whether the row has the columns of an exchange in any
// spelling, be it with null in them, or columns whose names say that they are
// answers. A prompt is not alone there.
func (v view) answered() bool {
	for _, f := range v.r.Fields() {
		name := folded(f.Name)
		if k := f.Kind(); k != "string" && k != "array" && k != "object" {
			continue
		}
		for _, word := range answerWords {
			if strings.Contains(name, word) {
				return true
			}
		}
	}
	all := view{r: v.r, fold: true, nulls: true}
	for i := range definitions {
		if d := &definitions[i]; d.tier == columned && d.fits(all) != nil {
			return true
		}
	}
	return false
}
