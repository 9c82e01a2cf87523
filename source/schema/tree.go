package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// tree adapts conversation trees as Open Assistant exports them.
type tree struct{ *settings }

// node is a message of a tree with the replies that are left of it.
type node struct {
	message datamix.Message
	lang    string
	rank    float64
	ranked  bool
	dropped bool // deleted or not accepted in review
	replies []*node
}

// Adapt makes records of the paths that the options ask for.
func (t tree) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	p := parser{r: r, roles: t.roles}
	root, used, err := t.root(&p)
	if err != nil {
		return err
	}
	if root.dropped {
		return fmt.Errorf("the first message of the tree is deleted or was rejected in review")
	}
	root.prune(t.replyLimit())
	if root.message.Role != datamix.RoleAssistant && len(root.replies) == 0 {
		return fmt.Errorf("no reply of an assistant is left in the tree: all are missing, deleted or were rejected in review")
	}
	var chats [][]datamix.Message
	root.paths(nil, &chats)
	if root.lang != "" {
		r.SetLabel("language", root.lang)
	}
	emitAll(r, chats, emit, used...)
	return nil
}

// replyLimit returns how many replies to a message are kept, 0 for all.
func (t tree) replyLimit() int {
	switch t.tree {
	case "top_k":
		return t.topK
	case "all":
		return 0
	}
	return 1
}

// root reads the tree of the row: the object in the column "prompt", or the row
// itself.
func (t tree) root(p *parser) (*node, []string, error) {
	if f, ok := firstOf(p.r, []string{"prompt"}, t.fold); ok {
		raw, isObject, err := fieldJSON(p.r, f)
		if err != nil {
			return nil, nil, err
		}
		if !isObject || jsonx.KindOf(raw) != jsonx.Object {
			return nil, nil, wrongKind(f.Name, bytesOf(f.JSON()), "a message with replies")
		}
		n, fa := p.node(raw)
		if fa != nil {
			return nil, nil, fa.in(f.Name)
		}
		return n, []string{f.Name}, nil
	}
	n := &node{}
	var used []string
	for _, f := range p.r.Fields() {
		taken, fa := p.nodeKey(n, f.Name, bytesOf(f.JSON()))
		if fa != nil {
			return nil, nil, fa.in(f.Name)
		}
		if taken {
			used = append(used, f.Name)
		}
	}
	if n.message.Role == "" {
		return nil, nil, missing(p.r, []string{"prompt", "role"}, t.fold)
	}
	n.message.Extra = nil // they are columns of the row
	return n, used, nil
}

// node reads a message and, below it, its replies.
func (p *parser) node(raw []byte) (*node, *fault) {
	if jsonx.KindOf(raw) != jsonx.Object {
		return nil, wrongKind("", raw, "a message: an object")
	}
	n := &node{}
	object, err := jsonx.OpenObject(raw)
	for err == nil {
		var key string
		var value []byte
		var ok bool
		if key, value, ok, err = object.Next(); !ok {
			break
		}
		if _, f := p.nodeKey(n, key, value); f != nil {
			return nil, f.in("." + key)
		}
	}
	if err != nil {
		return nil, &fault{"", "cannot be read: " + err.Error(), err}
	}
	if n.message.Role == "" {
		return nil, &fault{msg: "has no \"role\""}
	}
	return n, nil
}

// nodeKey reads one key of a message. taken says that the message's chat form
// holds the value. What it does not hold becomes Extra.
func (p *parser) nodeKey(n *node, key string, raw []byte) (taken bool, f *fault) {
	if isNull(raw) {
		return false, nil
	}
	switch key {
	case "text":
		n.message.Content, f = decodeText(p.r, "", raw)
		return true, f
	case "role":
		if n.message.Role, f = p.roleOf(raw); f != nil {
			f.at = ""
		}
		return true, f
	case "replies":
		n.replies, f = p.replies(raw)
		return true, f
	case "lang":
		n.lang, f = decodeText(p.r, "", raw)
	case "rank":
		rank, err := strconv.ParseFloat(stringOf(raw), 64)
		if err != nil {
			return false, wrongKind("", raw, "number")
		}
		n.rank, n.ranked = rank, true
	case "deleted":
		n.dropped = n.dropped || string(raw) == "true"
	case "review_result":
		n.dropped = n.dropped || string(raw) == "false"
	}
	n.message.Extra = append(n.message.Extra, datamix.JSONField(key, stringOf(raw)))
	return false, f
}

func (p *parser) replies(raw []byte) ([]*node, *fault) {
	elements, f := spans(nil, raw)
	if f != nil {
		return nil, f
	}
	nodes := make([]*node, len(elements))
	for i, raw := range elements {
		if nodes[i], f = p.node(raw); f != nil {
			return nil, f.in("[" + strconv.Itoa(i) + "]")
		}
	}
	return nodes, nil
}

// prune leaves out dropped messages, user turns that nobody answers, and all
// but the best limit replies to each message. Replies are ordered by rank, 0
// first; those without a rank come behind those with one, in the order of the
// file.
func (n *node) prune(limit int) {
	kept := n.replies[:0]
	for _, c := range n.replies {
		if c.dropped {
			continue
		}
		c.prune(limit)
		if c.message.Role == datamix.RoleAssistant || len(c.replies) > 0 {
			kept = append(kept, c)
		}
	}
	slices.SortStableFunc(kept, func(a, b *node) int {
		if a.ranked != b.ranked {
			if a.ranked {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.rank, b.rank)
	})
	if limit > 0 && len(kept) > limit {
		kept = kept[:limit]
	}
	n.replies = kept
}

// paths appends the chat from the root to each leaf below n, which ends with an
// assistant turn after prune.
func (n *node) paths(above []datamix.Message, out *[][]datamix.Message) {
	path := append(above[:len(above):len(above)], n.message)
	if len(n.replies) == 0 {
		*out = append(*out, path)
		return
	}
	for _, c := range n.replies {
		c.paths(path, out)
	}
}
