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
		return &source.Options{Adapter: schema.Named("sharegpt", 1, adapter(shareGPT))}
	case "parts":
		return &source.Options{Adapter: schema.Named("parts", 1, adapter(parts))}
	case "oasst":
		return &source.Options{Adapter: schema.Named("oasst", 1, adapter(bestPath))}
	}
	return nil
}

// adapter is one that keeps nothing of a row, so that its memory can be used again.
type adapter func(r *datamix.Record, emit func(*datamix.Record)) error

func (f adapter) Adapt(r *datamix.Record, emit func(*datamix.Record)) error { return f(r, emit) }

func (f adapter) Borrows() bool { return true }

// Lists of messages are read as the library does, but calls stay the text that they
// stand in.
var conversations, messages = listed("sharegpt"), listed("messages")

func listed(name string) schema.Adapter {
	a, err := schema.New(name, &schema.Options{Roles: map[string]string{"function_call": datamix.RoleAssistant}})
	if err != nil {
		panic(err) // the options are constants
	}
	return a
}

// withTools makes the turns of a list the record, behind its tools.
func withTools(r *datamix.Record, turns []datamix.Message, emit func(*datamix.Record)) {
	if tools, err := r.FieldText("tools"); err == nil && tools != "" {
		turns = append([]datamix.Message{datamix.System(tools)}, turns...)
	}
	r.AdaptTools("", "tools")
	r.Adapt(turns)
	emit(r)
}

func shareGPT(r *datamix.Record, emit func(*datamix.Record)) error {
	return conversations.Adapt(r, func(r *datamix.Record) { withTools(r, r.Messages(), emit) })
}

func parts(r *datamix.Record, emit func(*datamix.Record)) (err error) {
	fails := messages.Adapt(r, func(r *datamix.Record) {
		turns := r.NewMessages(len(r.Messages()))
		for i, m := range r.Messages() {
			var text strings.Builder
			for k, p := range m.Parts {
				if k > 0 {
					text.WriteByte('\n')
				}
				value := struct{ Value string }{p.Text}
				if p.Text == "" {
					err = cmp.Or(err, datamix.JSONField("part", p.JSON).Decode(&value))
				}
				text.WriteString(value.Value)
			}
			turns[i] = datamix.Message{Role: m.Role, Content: text.String()}
		}
		if err == nil {
			withTools(r, turns, emit)
		}
	})
	return cmp.Or(err, fails)
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
