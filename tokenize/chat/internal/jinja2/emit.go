package jinja2

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// emitter writes a template again for the engine. Every block of jinja2 that has
// variables of its own is a scope here, whose variables get names of their own:
// the engine's loops keep what a turn has set for the next one, and here each turn
// begins with what the names mean outside, as in jinja2.
type emitter struct {
	out    strings.Builder
	used   map[string]bool // functions of this package
	scopes []*scope
	count  int // scopes and temporaries so far
	body   string
	soft   int // conditions around what is written
	height int // expressions around the one that is written
	err    error

	generation bool // some block is one
	noneTests  map[string]bool
}

// scope is the variables that a block sets.
type scope struct {
	names  map[string]string // to the engine's
	inLoop bool              // loop is known
	macro  bool              // nothing of outer loops is known
}

// globals are the functions that templates may call by name.
var globals = []string{"range", "namespace", "dict", "joiner", "cycler", "raise_exception", "strftime_now"}

// emit writes the engine's template.
func emit(list []*stmt) (*emitter, error) {
	e := &emitter{used: map[string]bool{}, noneTests: map[string]bool{}}
	e.push(stored(list, nil), func(name string) string { return "v_" + name })
	e.statements(list)
	return e, e.err
}

func (e *emitter) fail(line int, format string, args ...any) {
	if e.err == nil {
		e.err = &SyntaxError{line, fmt.Sprintf(format, args...)}
	}
}

// push opens a scope of the names.
func (e *emitter) push(names []string, engine func(string) string) *scope {
	s := &scope{names: map[string]string{}}
	if n := len(e.scopes); n > 0 {
		s.inLoop = e.scopes[n-1].inLoop
	}
	for _, n := range names {
		s.names[n] = engine(n)
	}
	e.scopes = append(e.scopes, s)
	return s
}

func (e *emitter) pop() { e.scopes = e.scopes[:len(e.scopes)-1] }

// inner opens a scope for a body, and gives each name that it sets the value that
// the name has outside. except are set before the body runs.
func (e *emitter) inner(names []string, except ...string) *scope {
	e.count++
	id := e.count
	outside := map[string]string{}
	for _, n := range names {
		outside[n] = e.lookup(n)
	}
	s := e.push(names, func(n string) string { return fmt.Sprintf("v%d_%s", id, n) })
	for _, n := range names {
		if !slices.Contains(except, n) {
			e.tag("set %s = %s", s.names[n], outside[n])
		}
	}
	return s
}

// lookup returns the engine's expression for a name.
func (e *emitter) lookup(name string) string {
	for i := len(e.scopes) - 1; i >= 0; i-- {
		if n, ok := e.scopes[i].names[name]; ok {
			return n
		}
		if e.scopes[i].macro && name == "caller" {
			return "caller"
		}
	}
	if name == "loop" && e.scopes[len(e.scopes)-1].inLoop {
		return "loop"
	}
	if slices.Contains(globals, name) {
		return e.use("g_" + name)
	}
	return "v_" + name
}

func (e *emitter) use(function string) string {
	e.used[function] = true
	return function
}

func (e *emitter) temporary() string {
	e.count++
	return fmt.Sprintf("t%d", e.count)
}

func (e *emitter) tag(format string, args ...any) {
	e.out.WriteString("{% ")
	fmt.Fprintf(&e.out, format, args...)
	e.out.WriteString(" %}")
}

func (e *emitter) write(expression string) {
	e.out.WriteString("{{ ")
	e.out.WriteString(expression)
	e.out.WriteString(" }}")
}

// stored adds the names that statements set in their own scope.
func stored(list []*stmt, names []string) []string {
	add := func(ns ...string) {
		for _, n := range ns {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	for _, s := range list {
		switch s.op {
		case "set", "setblock":
			if s.target.attr == "" {
				add(s.target.names...)
			}
		case "macro":
			add(s.text)
		case "if":
			names = stored(s.other, stored(s.body, names))
		case "for":
			names = stored(nil, names)
		}
	}
	return names
}

func (e *emitter) statements(list []*stmt) {
	for _, s := range list {
		e.statement(s)
	}
}

func (e *emitter) statement(s *stmt) {
	switch s.op {
	case "text":
		e.write(quote(s.text))
	case "write":
		e.write(e.printed(s.e))
	case "if":
		e.tag("if %s", e.expr(s.e))
		e.soft++
		e.statements(s.body)
		if s.other != nil {
			e.tag("else")
			e.statements(s.other)
		}
		e.soft--
		e.tag("endif")
	case "for":
		e.loop(s)
	case "set":
		e.assign(s.target, e.expr(s.e), s.line)
	case "setblock":
		t := e.captured(s.body)
		value := t
		if s.e != nil {
			e.body = t
			value = e.expr(s.e)
		}
		e.assign(s.target, value, s.line)
	case "filter":
		e.body = e.captured(s.body)
		e.write(e.call("o_str", s.line, e.expr(s.e)))
	case "macro":
		e.macro(s)
	case "call":
		e.callBlock(s)
	case "generation":
		e.generation = true
		e.tag("call %s()", e.use("g_generation"))
		e.inner(stored(s.body, nil))
		e.statements(s.body)
		e.pop()
		e.tag("endcall")
	case "with":
		e.with(s)
	case "break", "continue":
		if !e.scopes[len(e.scopes)-1].inLoop {
			e.fail(s.line, "%s stands outside a loop", s.op)
		}
		e.tag("%s", s.op)
	}
}

// captured writes a body whose text becomes the value of a temporary.
func (e *emitter) captured(body []*stmt) string {
	t := e.temporary()
	e.tag("set %s", t)
	e.inner(stored(body, nil))
	e.statements(body)
	e.pop()
	e.tag("endset")
	return t
}

// assign sets a target to a value.
func (e *emitter) assign(t *target, value string, line int) {
	switch {
	case t.attr != "":
		e.write(e.call("o_setattr", line, e.lookup(t.names[0]), quote(t.attr), value))
	case !t.tuple:
		e.tag("set %s = %s", e.lookup(t.names[0]), value)
	default:
		temp := e.temporary()
		e.tag("set %s = %s", temp, value)
		e.unpack(t, temp, line)
	}
}

func (e *emitter) unpack(t *target, value string, line int) {
	for i, n := range t.names {
		e.tag("set %s = %s", e.lookup(n), e.call("o_part", line, value, strconv.Itoa(i), strconv.Itoa(len(t.names))))
	}
}

func (e *emitter) loop(s *stmt) {
	item := e.temporary()
	over := e.call("o_iter", s.line, e.expr(s.e))
	if s.test != nil {
		// In the condition the targets are parts of the item.
		f := e.push(nil, nil)
		for i, n := range s.target.names {
			f.names[n] = item
			if s.target.tuple {
				f.names[n] = e.call("o_part", s.line, item, strconv.Itoa(i), strconv.Itoa(len(s.target.names)))
			}
		}
		over += " if (" + e.expr(s.test) + ")"
		e.pop()
	}
	e.tag("for %s in %s", item, over)
	e.write(e.call("o_tick", s.line))
	names := stored(s.body, slices.Clone(s.target.names))
	sc := e.inner(names, s.target.names...)
	sc.inLoop = true
	if s.target.tuple {
		e.unpack(s.target, item, s.line)
	} else {
		e.tag("set %s = %s", sc.names[s.target.names[0]], item)
	}
	e.statements(s.body)
	e.pop()
	if s.other != nil {
		e.tag("else")
		e.inner(stored(s.other, nil))
		e.statements(s.other)
		e.pop()
	}
	e.tag("endfor")
}

func (e *emitter) macro(s *stmt) {
	names := make([]string, len(s.params))
	for i, p := range s.params {
		names[i] = "v_" + p.name
	}
	e.tag("macro %s(%s)", e.lookup(s.text), strings.Join(names, ", "))
	e.write(e.call("o_enter", s.line))
	e.parameters(s)
	e.write(e.call("o_leave", s.line))
	e.tag("endmacro")
}

// parameters writes the body of a macro or a call block in a scope that holds its
// parameters.
func (e *emitter) parameters(s *stmt) {
	sc := e.push(nil, nil)
	sc.macro, sc.inLoop = s.op == "macro", s.op != "macro" && sc.inLoop
	for _, p := range s.params {
		sc.names[p.name] = "v_" + p.name
		if p.value != nil {
			e.tag("if %s", e.call("o_missing", s.line, "v_"+p.name))
			e.tag("set v_%s = %s", p.name, e.expr(p.value))
			e.tag("endif")
		}
	}
	own := slices.DeleteFunc(stored(s.body, nil), func(n string) bool { return sc.names[n] != "" })
	inner := e.inner(own)
	inner.inLoop = sc.inLoop
	e.statements(s.body)
	e.pop()
	e.pop()
}

func (e *emitter) callBlock(s *stmt) {
	names := make([]string, len(s.params))
	for i, p := range s.params {
		names[i] = "v_" + p.name
	}
	f, args := s.e.args[0], e.list(s.e.args[1:])
	for _, k := range s.e.keys {
		args = append(args, "v_"+k.name+"="+e.expr(k.value))
	}
	callee := e.expr(f)
	e.tag("call(%s) %s(%s)", strings.Join(names, ", "), callee, strings.Join(args, ", "))
	e.parameters(s)
	e.tag("endcall")
}

func (e *emitter) with(s *stmt) {
	values := make([]string, len(s.values))
	var names []string
	for i, a := range s.values {
		values[i] = e.temporary()
		e.tag("set %s = %s", values[i], e.expr(a.value))
		names = append(names, a.target.names...)
	}
	e.inner(stored(s.body, slices.Clone(names)), names...)
	for i, a := range s.values {
		e.assign(a.target, values[i], s.line)
	}
	e.statements(s.body)
	e.pop()
}

var _ = jinja.Undefined
