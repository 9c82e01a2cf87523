package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// jsonBox walks over the objects around an array of records to the array, and
// behind it to the end of the file. Nothing it passes over is kept.
type jsonBox struct {
	w     *window
	path  []string // the keys that lead to the array, none to find it
	depth int      // objects open
	fresh bool     // in front of the first member
	found string   // key of the array
	empty bool     // an array was empty
	names []string // keys of the outermost object, the first few
}

// namesInMessage is how many keys an error message shows.
const namesInMessage = 12

func newJSONBox(w *window, at string) *jsonBox {
	b := &jsonBox{w: w}
	if at != "" {
		b.path = strings.Split(at, ".")
	}
	return b
}

// next moves to the first element of the array and returns true. Called again
// behind the array, it checks the rest of the file and returns false.
func (b *jsonBox) next() (bool, error) {
	if b.depth == 0 {
		if c, _ := b.w.nextByte(); c != '{' {
			return false, b.w.broken("want an object with the array inside")
		}
		b.enter()
	}
	for {
		key, more, err := b.member()
		if err != nil {
			return false, err
		}
		if !more {
			if b.depth--; b.depth > 0 {
				continue
			}
			return false, b.finish()
		}
		if found, err := b.visit(key); found || err != nil {
			return found, err
		}
	}
}

func (b *jsonBox) enter() {
	b.w.skip(1)
	b.depth++
	b.fresh = true
}

// member moves to the next member's value. At the end of the object more is
// false.
func (b *jsonBox) member() (key string, more bool, err error) {
	c, _ := b.w.nextByte()
	if c == '}' {
		b.w.skip(1)
		b.fresh = false
		return "", false, nil
	}
	if !b.fresh {
		if c != ',' {
			return "", false, b.expected("',' or '}'")
		}
		b.w.skip(1)
		c, _ = b.w.nextByte()
	}
	b.fresh = false
	if c != '"' {
		return "", false, b.expected("a key")
	}
	r, err := b.w.value()
	if err == nil {
		err = r.err
	}
	if err != nil {
		return "", false, err
	}
	if key, err = jsonx.Text(r.raw, nil); err != nil {
		return "", false, fmt.Errorf("byte %d: %w", r.off, err)
	}
	if c, _ = b.w.nextByte(); c != ':' {
		return "", false, b.expected("':'")
	}
	b.w.skip(1)
	if _, ok := b.w.nextByte(); !ok {
		return "", false, b.expected("a value")
	}
	if b.depth == 1 && len(b.names) < namesInMessage {
		b.names = append(b.names, strings.Clone(key))
	}
	return key, true, nil
}

func (b *jsonBox) expected(what string) error {
	if len(b.w.rest()) == 0 {
		return b.w.unfinished("an object", b.w.offset())
	}
	return b.w.broken(fmt.Sprintf("unexpected %q, want %s", b.w.rest()[0], what))
}

// visit decides about a member: enter it, take it for the array, or pass by.
func (b *jsonBox) visit(key string) (found bool, err error) {
	c := b.w.rest()[0]
	if b.path == nil {
		if c == '[' {
			return b.candidate(key)
		}
		return false, b.w.pastValue(jsonScan{})
	}
	if key != b.path[b.depth-1] || b.found != "" && b.depth < len(b.path) {
		return false, b.w.pastValue(jsonScan{})
	}
	if b.depth < len(b.path) {
		if c != '{' {
			return false, b.w.broken(fmt.Sprintf("the option \"at\": %q is no object", strings.Join(b.path[:b.depth], ".")))
		}
		b.enter()
		return false, nil
	}
	if b.found != "" {
		return false, b.w.broken(fmt.Sprintf("the option \"at\": the key %q stands twice", key))
	}
	if c != '[' {
		return false, b.w.broken(fmt.Sprintf("the option \"at\": %q is no array", strings.Join(b.path, ".")))
	}
	b.found = key
	b.w.skip(1)
	return true, nil
}

// candidate looks into an array without being told that it is the one.
func (b *jsonBox) candidate(key string) (found bool, err error) {
	at := b.w.offset()
	b.w.skip(1)
	c, ok := b.w.nextByte()
	switch {
	case !ok:
		return false, b.expected("an element")
	case c == '{' && b.found != "":
		return false, fmt.Errorf("byte %d: two arrays of objects, %q and %q: set the option \"at\" to the one that holds the records", at, b.found, key)
	case c == '{':
		b.found = key
		return true, nil
	}
	b.empty = b.empty || c == ']'
	var s jsonScan
	s.open('[')
	return false, b.w.pastValue(s)
}

// finish checks the file behind the outermost object.
func (b *jsonBox) finish() error {
	if err := b.w.nothingElse("the object"); err != nil {
		return err
	}
	switch {
	case b.found != "" || b.empty && b.path == nil:
		return nil
	case b.path != nil:
		return fmt.Errorf("the option \"at\": the file has no %q; its object has %s", strings.Join(b.path, "."), quoteAll(b.names))
	case len(b.names) == 0:
		return errors.New("the object in the file is empty")
	}
	return fmt.Errorf("no array of objects in the object; it has %s: set the option \"at\", or format to jsonl where the object is a record", quoteAll(b.names))
}

// quoteAll lists names for a message, at most namesInMessage of them.
func quoteAll(names []string) string {
	quoted := make([]string, 0, len(names))
	for _, n := range names[:min(len(names), namesInMessage)] {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if len(names) > namesInMessage {
		quoted = append(quoted, "...")
	}
	return strings.Join(slices.Clip(quoted), ", ")
}
