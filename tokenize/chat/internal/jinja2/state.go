package jinja2

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ardanlabs/jinja"
)

// state is what one rendering needs. Its functions are bound to it once.
type state struct {
	t     *Template
	vars  map[string]Value
	marks [2]string
	buf   []byte
	steps int
	work  int
	depth int

	tracer *Tracer // nil but for Trace
}

func (t *Template) newState() *state {
	s := &state{t: t, vars: make(map[string]Value, len(t.used)+8)}
	for _, name := range t.used {
		f := find(name)
		if f == nil {
			panic("jinja2: no function " + name)
		}
		s.vars[name] = jinja.NewCallable(name, func(args []Value, keys map[string]Value) (Value, error) {
			if s.steps += cost(args); s.steps > maxSteps {
				return jinja.Undefined(), errTooLong
			}
			line := int(args[0].AsInt())
			if s.tracer != nil {
				v, done, err := s.tracer.call(name, args[1:], keys)
				if done {
					return v, err
				}
			}
			v, err := f(s, args[1:], keys)
			if err != nil {
				return v, s.fail(line, err)
			}
			if s.tracer != nil && (isUntold(v) || name == "o_attr" && v.IsCallable()) {
				return v, ErrOpaque // a method that is kept could be called with signs
			}
			return v, nil
		})
	}
	if slices.Contains(t.used, "g_generation") {
		s.vars["g_generation"] = jinja.NewCallable("generation", s.generation)
	}
	return s
}

// cost is how many steps a call takes.
func cost(args []Value) int {
	n := 1
	for _, a := range args {
		switch {
		case a.IsString():
			n += len(a.AsString()) >> 10
		case a.IsList():
			n += a.AsList().Len() >> 3
		}
	}
	return n
}

// find returns the function that the emitted template calls by a name.
func find(name string) function {
	switch {
	case ops[name] != nil:
		return ops[name]
	case strings.HasPrefix(name, "f_"):
		return filters[name[2:]]
	case strings.HasPrefix(name, "t_"):
		return tests[name[2:]]
	}
	return builtins[name]
}

// lineError is an error with the line of the template.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

func (e *lineError) Unwrap() error { return e.err }

func (s *state) fail(line int, err error) error {
	var known *lineError
	var raised *Raised
	if line == 0 || errors.As(err, &known) || errors.As(err, &raised) {
		return err
	}
	return &lineError{line, err}
}

func (s *state) render(vars map[string]Value, marks [2]string) (text string, err error) {
	defer recovered(&err)
	s.marks, s.steps, s.work, s.depth = marks, 0, 0, 0
	for name, v := range vars {
		s.vars["v_"+name] = v
	}
	defer func() {
		for name := range vars {
			delete(s.vars, "v_"+name)
		}
	}()
	text, err = s.t.engine.RenderValues(s.vars)
	if err == nil && len(text) > maxText {
		err = errTooMuch
	}
	return text, err
}

// generation renders a {% generation %} block.
func (s *state) generation(_ []Value, keys map[string]Value) (Value, error) {
	body, err := keys["caller"].AsCallable().Fn(nil, nil)
	if err != nil {
		return body, err
	}
	return s.text(s.marks[0] + body.AsString() + s.marks[1])
}

// spend counts the bytes that are made.
func (s *state) spend(n int) error {
	if s.work += n; n > maxText || s.work > maxWork {
		return errTooMuch
	}
	return nil
}

// text makes a value of a text.
func (s *state) text(t string) (Value, error) {
	if err := s.spend(len(t)); err != nil {
		return jinja.Undefined(), err
	}
	return jinja.NewString(t), nil
}

// str is Python's str.
func (s *state) str(v Value) (Value, error) {
	if v.IsString() {
		return v, nil
	}
	buf, err := appendStr(nil, v)
	if err != nil {
		return v, err
	}
	return s.text(string(buf))
}

func (s *state) replace(text, from, to string, n int) (Value, error) {
	if count := strings.Count(text, from); count > 0 && len(to) > len(from) && len(to)-len(from) > (maxText-len(text))/count {
		return jinja.Undefined(), errTooMuch
	}
	return s.text(strings.Replace(text, from, to, n))
}

// format is Python's formatting by percent signs, without widths.
func (s *state) format(text string, args []Value) (Value, error) {
	buf := s.buf[:0]
	var err error
	used := 0
	for text != "" {
		at := strings.IndexByte(text, '%')
		if at < 0 || at+1 == len(text) {
			buf = append(buf, text...)
			break
		}
		buf = append(buf, text[:at]...)
		c := text[at+1]
		text = text[at+2:]
		if c == '%' {
			buf = append(buf, '%')
			continue
		}
		if used == len(args) {
			return jinja.Undefined(), errors.New("not enough arguments for format string")
		}
		v := args[used]
		used++
		switch {
		case c == 's':
			buf, err = appendStr(buf, v)
		case c == 'r':
			buf, err = appendRepr(buf, v, 0)
		case (c == 'd' || c == 'i') && v.IsInt():
			buf, err = appendStr(buf, v)
		default:
			return v, fmt.Errorf("the format %%%c is not supported for %s", c, typeName(v))
		}
		if err != nil {
			return v, err
		}
	}
	if used < len(args) && (len(args) > 1 || !args[0].IsDict() && !args[0].IsList() && !args[0].IsUndefined()) {
		return jinja.Undefined(), errors.New("not all arguments converted during string formatting")
	}
	s.buf = buf
	return s.text(string(buf))
}
