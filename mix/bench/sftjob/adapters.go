package main

import (
	"cmp"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
)

// readAs reads a set as the job's other programs do, so that rows and tokens can
// be compared: tools are a system turn there, calls stay the text that they stand
// in, and of a conversation tree the best ranked path is taken whatever reviewers
// said. All other schemas are detected.
func readAs(name string) *source.Options {
	switch name {
	case "sharegpt":
		return &source.Options{Adapter: schema.Func(shareGPT)}
	case "parts":
		return &source.Options{Adapter: schema.Func(parts)}
	case "oasst":
		return &source.Options{Adapter: schema.Func(bestPath)}
	}
	return nil
}

// emitWithTools puts the column tools in front of the turns.
func emitWithTools(r *datamix.Record, turns []datamix.Message, emit func(*datamix.Record), column string) error {
	if tools, err := r.FieldText("tools"); err == nil && tools != "" {
		turns = append([]datamix.Message{datamix.System(tools)}, turns...)
	}
	r.Adapt(turns, column, "tools")
	emit(r)
	return nil
}

var roles = map[string]string{"human": "user", "gpt": "assistant", "observation": "tool", "function_call": "assistant"}

func shareGPT(r *datamix.Record, emit func(*datamix.Record)) error {
	column, _ := r.Field("conversations")
	var list []struct {
		From  string `json:"from"`
		Value string `json:"value"`
	}
	if err := column.Decode(&list); err != nil {
		return err
	}
	turns := r.NewMessages(len(list))
	for i, t := range list {
		turns[i] = datamix.Message{Role: cmp.Or(roles[t.From], t.From), Content: t.Value}
	}
	return emitWithTools(r, turns, emit, "conversations")
}

func parts(r *datamix.Record, emit func(*datamix.Record)) error {
	column, _ := r.Field("messages")
	var list []struct {
		Role    string `json:"role"`
		Content []struct {
			Value string `json:"value"`
		} `json:"content"`
	}
	if err := column.Decode(&list); err != nil {
		return err
	}
	turns := r.NewMessages(len(list))
	for i, t := range list {
		var text strings.Builder
		for k, p := range t.Content {
			if k > 0 {
				text.WriteByte('\n')
			}
			text.WriteString(p.Value)
		}
		turns[i] = datamix.Message{Role: t.Role, Content: text.String()}
	}
	return emitWithTools(r, turns, emit, "messages")
}

type node struct {
	Text    string `json:"text"`
	Role    string `json:"role"`
	Rank    *int   `json:"rank"`
	Replies []node `json:"replies"`
}

func bestPath(r *datamix.Record, emit func(*datamix.Record)) error {
	prompt, _ := r.Field("prompt")
	var root node
	if err := prompt.Decode(&root); err != nil {
		return err
	}
	var turns []datamix.Message
	for n := &root; n != nil; n = n.best() {
		if n.Role == "prompter" {
			turns = append(turns, datamix.User(n.Text))
		} else {
			turns = append(turns, datamix.Assistant(n.Text))
		}
	}
	r.Adapt(turns, "prompt")
	emit(r)
	return nil
}

// best is the reply with the lowest rank, the first of several.
func (n *node) best() *node {
	var best *node
	rank := func(n *node) int {
		if n.Rank == nil {
			return 99
		}
		return *n.Rank
	}
	for i := range n.Replies {
		if best == nil || rank(&n.Replies[i]) < rank(best) {
			best = &n.Replies[i]
		}
	}
	return best
}
