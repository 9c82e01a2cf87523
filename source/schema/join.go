package schema

import (
	"errors"
	"fmt"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// Joiner is an Adapter of a schema that spreads a record over several rows, one
// behind the other. A source calls Key for each row, and Join for the rows of a
// key when another one comes; it does not call Adapt.
type Joiner interface {
	Adapter
	// Key says to what a row belongs.
	Key(r *datamix.Record) (string, error)
	// Join makes records of rows with the same key, of which there is one at
	// least, as Adapt does of one row.
	Join(rows []*datamix.Record, emit func(*datamix.Record)) error
}

// treeRows joins conversation trees whose messages are a row each, as in the
// data sets oasst1 and oasst2 on the Hub.
type treeRows struct{ tree }

// Adapt refuses a single row.
func (t treeRows) Adapt(*datamix.Record, func(*datamix.Record)) error {
	return errors.New("the row is one message of a tree: its rows must be joined, as a source does that is given the schema's name")
}

// Key returns the identity of the row's tree.
func (t treeRows) Key(r *datamix.Record) (string, error) {
	f, ok := firstOf(r, []string{"message_tree_id"}, t.fold)
	if !ok {
		return "", missing(r, []string{"message_tree_id"}, t.fold)
	}
	return fieldText(r, f)
}

// Join makes one row of the tree, that of its first message with the others as
// its replies, and adapts it.
func (t treeRows) Join(rows []*datamix.Record, emit func(*datamix.Record)) error {
	ids := make([]string, len(rows))
	replies := map[string][]int{} // by the message that they reply to
	known := map[string]bool{}
	root := -1
	for i, r := range rows {
		id, ok := firstOf(r, []string{"message_id"}, t.fold)
		if !ok {
			return missing(r, []string{"message_id"}, t.fold)
		}
		var err error
		if ids[i], err = fieldText(r, id); err != nil {
			return err
		}
		if known[ids[i]] {
			return fmt.Errorf("the message %q stands twice in its tree", ids[i])
		}
		known[ids[i]] = true
		parent, ok := firstOf(r, []string{"parent_id"}, t.fold)
		if !ok && root >= 0 {
			return fmt.Errorf("the messages %q and %q of one tree have no parent_id, want one first message", ids[root], ids[i])
		}
		if !ok {
			root = i
			continue
		}
		above, err := fieldText(r, parent)
		if err != nil {
			return err
		}
		replies[above] = append(replies[above], i)
	}
	if root < 0 {
		return errors.New("the tree has no first message, one without a parent_id: its rows must follow each other in the file")
	}
	for above := range replies {
		if !known[above] {
			return fmt.Errorf("the tree lacks the message %q, to which others reply: its rows must follow each other in the file", firstUnknown(rows, known, t.fold))
		}
	}
	raw, depth := []byte(nil), 0
	var add func(i int) error
	add = func(i int) error {
		if depth++; depth > jsonx.MaxDepth/2-2 {
			return errors.New("the replies of the tree are nested too deeply, or in a circle")
		}
		raw = append(raw, '{')
		for _, f := range rows[i].Fields() {
			if f.Name != "replies" {
				raw = append(jsonx.AppendString(raw, f.Name), ':')
				raw = append(f.AppendJSON(raw), ',')
			}
		}
		raw = append(raw, `"replies":[`...)
		for k, reply := range replies[ids[i]] {
			if k > 0 {
				raw = append(raw, ',')
			}
			if err := add(reply); err != nil {
				return err
			}
		}
		raw = append(raw, "]}"...)
		depth--
		return nil
	}
	if err := add(root); err != nil {
		return err
	}
	whole, err := (*datamix.Arena)(nil).JSON(raw, rows[0].Origin)
	if err != nil {
		return err
	}
	return t.tree.Adapt(whole, emit)
}

// firstUnknown returns the first message in the order of the rows that is replied
// to and missing.
func firstUnknown(rows []*datamix.Record, known map[string]bool, fold bool) string {
	i := slices.IndexFunc(rows, func(r *datamix.Record) bool {
		f, ok := firstOf(r, []string{"parent_id"}, fold)
		if !ok {
			return false
		}
		id, err := fieldText(r, f)
		return err == nil && !known[id]
	})
	f, _ := firstOf(rows[i], []string{"parent_id"}, fold)
	id, _ := fieldText(rows[i], f)
	return id
}
