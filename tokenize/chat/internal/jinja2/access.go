package jinja2

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// attribute is obj.name. The methods of an object go before the keys of a
// dictionary, as in Python.
func attribute(obj Value, name, spelled string) (Value, error) {
	switch {
	case obj.IsUndefined():
		return obj, undefinedError("'" + spelled + "'")
	case obj.IsDict():
		d := obj.AsDict()
		if !isNamespace(obj) && dictMethods[name] != nil {
			return bound(obj, name, dictMethods[name]), nil
		}
		v, ok := d.Get(name)
		if !ok {
			return jinja.Undefined(), nil
		}
		return v, nil
	case obj.IsString() && stringMethods[name] != nil:
		return bound(obj, name, stringMethods[name]), nil
	case obj.IsList() && listMethods[name] != nil:
		return bound(obj, name, listMethods[name]), nil
	}
	return jinja.Undefined(), nil
}

// bound returns a method of an object that is not called at once.
func bound(obj Value, name string, f function) Value {
	return jinja.NewCallable(name, func(args []Value, keys map[string]Value) (Value, error) {
		return f(&state{}, append([]Value{obj}, args...), keys)
	})
}

// method calls obj.name(...).
func method(s *state, a []Value, keys map[string]Value) (Value, error) {
	obj, name, spelled := a[0], a[1].AsString(), a[2].AsString()
	var f function
	switch {
	case obj.IsUndefined():
		return obj, undefinedError("'" + spelled + "'")
	case isNamespace(obj):
	case obj.IsDict():
		f = dictMethods[name]
	case obj.IsString():
		f = stringMethods[name]
	case obj.IsList():
		f = listMethods[name]
	}
	if f != nil {
		a[2] = obj
		return f(s, a[2:], keys)
	}
	if obj.IsDict() {
		if v, ok := obj.AsDict().Get(name); ok && v.IsCallable() && v.AsCallable().Fn != nil {
			return v.AsCallable().Fn(a[3:], keys)
		}
	}
	if mutating[name] {
		return obj, fmt.Errorf("access to attribute '%s' of '%s' object is unsafe", name, typeName(obj))
	}
	return obj, fmt.Errorf("'%s object' has no attribute '%s', or it is not supported", typeName(obj), name)
}

// call calls a value.
func call(s *state, a []Value, keys map[string]Value) (Value, error) {
	if a[0].IsUndefined() {
		return a[0], undefinedError("'" + a[1].AsString() + "'")
	}
	if !a[0].IsCallable() || a[0].AsCallable().Fn == nil {
		return a[0], fmt.Errorf("'%s' object is not callable", typeName(a[0]))
	}
	return a[0].AsCallable().Fn(a[2:], keys)
}

func item(_ *state, a []Value, _ map[string]Value) (Value, error) {
	obj, key := a[0], a[1]
	switch {
	case obj.IsUndefined():
		return obj, undefinedError("'" + a[2].AsString() + "'")
	case obj.IsDict():
		if k, ok := asKey(key); ok {
			if v, ok := obj.AsDict().Get(k); ok {
				return v, nil
			}
			return jinja.Undefined(), nil
		}
	case obj.IsList():
		if n, ok := integer(key); ok {
			items := obj.AsList().Items
			if n < 0 {
				n += int64(len(items))
			}
			if n >= 0 && n < int64(len(items)) {
				return items[n], nil
			}
		}
	case obj.IsString():
		if n, ok := integer(key); ok {
			runes := []rune(obj.AsString())
			if n < 0 {
				n += int64(len(runes))
			}
			if n >= 0 && n < int64(len(runes)) {
				return jinja.NewString(string(runes[n])), nil
			}
		}
	}
	return jinja.Undefined(), nil
}

// slice is obj[from:to:step].
func slice(s *state, a []Value, _ map[string]Value) (Value, error) {
	obj := a[0]
	switch {
	case obj.IsUndefined():
		return obj, undefinedError("the value that is sliced")
	case obj.IsList():
		items := obj.AsList().Items
		at, err := indices(len(items), a[1:])
		if err != nil {
			return obj, err
		}
		out := make([]Value, 0, at.n)
		for i := range at.n {
			out = append(out, items[at.from+i*at.step])
		}
		return likeTuple(obj, out), nil
	case obj.IsString():
		text := obj.AsString()
		n := utf8.RuneCountInString(text)
		at, err := indices(n, a[1:])
		if err != nil {
			return obj, err
		}
		if n == len(text) && at.step == 1 {
			return jinja.NewString(text[at.from : at.from+at.n]), nil
		}
		runes, out := []rune(text), make([]rune, 0, at.n)
		for i := range at.n {
			out = append(out, runes[at.from+i*at.step])
		}
		return s.text(string(out))
	}
	return obj, fmt.Errorf("'%s' object is not subscriptable", typeName(obj))
}

// steps are n indices from one on.
type steps struct{ from, step, n int }

// indices is Python's slice.indices.
func indices(length int, bounds []Value) (steps, error) {
	var given [3]*int
	for i, b := range bounds {
		n, ok := integer(b)
		switch {
		case ok:
			n := int(max(min(n, math.MaxInt32), math.MinInt32))
			given[i] = &n
		case !b.IsNone():
			return steps{}, errors.New("slice indices must be integers or None or have an __index__ method")
		}
	}
	step := 1
	if given[2] != nil {
		if step = *given[2]; step == 0 {
			return steps{}, errors.New("slice step cannot be zero")
		}
	}
	low, high := 0, length
	if step < 0 {
		low, high = -1, length-1
	}
	clamp := func(p *int, otherwise int) int {
		if p == nil {
			return otherwise
		}
		n := *p
		if n < 0 {
			n += length
		}
		return max(low, min(n, high))
	}
	from, to := clamp(given[0], low), clamp(given[1], high)
	if step < 0 {
		from, to = clamp(given[0], high), clamp(given[1], low)
		if from <= to {
			return steps{0, step, 0}, nil
		}
		return steps{from, step, (from-to-1)/-step + 1}, nil
	}
	if from >= to {
		return steps{from, step, 0}, nil
	}
	return steps{from, step, (to-from-1)/step + 1}, nil
}
