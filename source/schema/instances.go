package schema

import (
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// instances adapts tasks with nested instances, as in Self-Instruct.
type instances struct{ *settings }

// Adapt makes one record of the first instance, or one of each.
func (a instances) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	task, ok := firstOf(r, []string{"instruction"}, a.fold)
	if !ok {
		return missing(r, []string{"instruction"}, a.fold)
	}
	instruction, err := fieldText(r, task)
	if err != nil {
		return err
	}
	f, ok := firstOf(r, []string{"instances"}, a.fold)
	if !ok {
		return missing(r, []string{"instances"}, a.fold)
	}
	raw, isList, err := fieldJSON(r, f)
	if err != nil {
		return err
	}
	if !isList || jsonx.KindOf(raw) != jsonx.Array {
		return wrongKind(f.Name, bytesOf(f.JSON()), "a list of instances")
	}
	elements, fa := spans(nil, raw)
	if fa == nil && len(elements) == 0 {
		fa = &fault{msg: "is an empty list of instances"}
	}
	if fa != nil {
		return fa.in(f.Name)
	}
	if !a.allInstances {
		elements = elements[:1]
	}
	chats := make([][]datamix.Message, len(elements))
	for i, raw := range elements {
		chats[i] = r.NewMessages(2)
		if fa := a.instance(r, chats[i], instruction, raw); fa != nil {
			return fa.in(f.Name + "[" + strconv.Itoa(i) + "]")
		}
	}
	emitAll(r, chats, emit, task.Name, f.Name)
	return nil
}

// instance reads {"input", "output"} into the two messages.
func (a instances) instance(r *datamix.Record, ms []datamix.Message, instruction string, raw []byte) *fault {
	var texts [2]string
	for i, key := range [2]string{"input", "output"} {
		value, f := member(raw, key)
		if f != nil {
			return f
		}
		if value == nil || isNull(value) {
			if i == 0 {
				continue
			}
			return &fault{msg: "has no \"output\""}
		}
		if texts[i], f = decodeText(r, "."+key, value); f != nil {
			return f
		}
	}
	ms[0].Role, ms[0].Content = datamix.RoleUser, blankLine(r, instruction, texts[0])
	ms[1].Role, ms[1].Content = datamix.RoleAssistant, texts[1]
	return nil
}

// emitAll emits r with the first of the chats and copies of it with the others,
// numbered by Origin.Sub where there are several.
func emitAll(r *datamix.Record, chats [][]datamix.Message, emit func(*datamix.Record), used ...string) {
	out := make([]*datamix.Record, len(chats))
	out[0] = r
	for i := 1; i < len(out); i++ {
		out[i] = r.Copy()
	}
	for i, c := range out {
		c.Origin.Sub = i
		c.Adapt(chats[i], used...)
	}
	for _, c := range out {
		emit(c)
	}
}
