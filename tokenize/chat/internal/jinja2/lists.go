package jinja2

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// attributeOf follows a path of names and indices, as filters take it.
func attributeOf(v, path Value) (Value, error) {
	if n, ok := integer(path); ok {
		return item(nil, []Value{v, jinja.NewInt(n), jinja.NewString("the value")}, nil)
	}
	if !path.IsString() {
		return v, errors.New("an attribute is named by a string or a number")
	}
	for _, name := range strings.Split(path.AsString(), ".") {
		key := jinja.NewString(name)
		if n, err := strconv.ParseInt(name, 10, 64); err == nil {
			key = jinja.NewInt(n)
		}
		var err error
		if v, err = item(nil, []Value{v, key, jinja.NewString("the value")}, nil); err != nil {
			return v, err
		}
	}
	return v, nil
}

func batch(s *state, a []Value, keys map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, err
	}
	n, ok := integer(option(a, 1, keys, "linecount", jinja.None()))
	if !ok || n < 1 {
		return list, errors.New("batch needs a number of items")
	}
	fill := option(a, 2, keys, "fill_with", jinja.None())
	if n > 1e6 {
		return list, errTooMuch
	}
	var out []Value
	for chunk := range slices.Chunk(list.AsList().Items, int(n)) {
		chunk = slices.Clone(chunk)
		for !fill.IsNone() && len(chunk) < int(n) {
			chunk = append(chunk, fill)
		}
		out = append(out, jinja.NewList(chunk))
	}
	return jinja.NewList(out), nil
}

func sortedKeys(keys []string) []string {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	return keys
}

func dictsort(s *state, a []Value, keys map[string]Value) (Value, error) {
	if !a[0].IsDict() {
		return a[0], fmt.Errorf("'%s object' has no attribute 'items'", typeName(a[0]))
	}
	matchCase := option(a, 1, keys, "case_sensitive", jinja.NewBool(false)).IsTruthy()
	by := option(a, 2, keys, "by", jinja.NewString("key"))
	at := jinja.NewInt(0)
	if by.IsString() && by.AsString() == "value" {
		at = jinja.NewInt(1)
	}
	pairs, err := items(s, a[:1], nil)
	if err != nil {
		return pairs, err
	}
	return sortBy(pairs.AsList().Items, at, matchCase, option(a, 3, keys, "reverse", jinja.NewBool(false)).IsTruthy())
}

func sorting(_ *state, a []Value, keys map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, err
	}
	return sortBy(list.AsList().Items, option(a, 3, keys, "attribute", jinja.None()),
		option(a, 2, keys, "case_sensitive", jinja.NewBool(false)).IsTruthy(), option(a, 1, keys, "reverse", jinja.NewBool(false)).IsTruthy())
}

// sortBy sorts by an attribute, or by the items themselves where it is none.
func sortBy(list []Value, attr Value, matchCase, backwards bool) (Value, error) {
	type entry struct{ key, item Value }
	entries := make([]entry, len(list))
	for i, v := range list {
		key, err := keyOf(v, attr, matchCase)
		if err != nil {
			return v, err
		}
		entries[i] = entry{key, v}
	}
	var failed error
	slices.SortStableFunc(entries, func(x, y entry) int {
		c, err := compare("<", x.key, y.key)
		if err != nil {
			failed = err
		}
		if backwards {
			return -c
		}
		return c
	})
	out := make([]Value, len(entries))
	for i, e := range entries {
		out[i] = e.item
	}
	return jinja.NewList(out), failed
}

// keyOf is what an item is compared by.
func keyOf(v, attr Value, matchCase bool) (Value, error) {
	var err error
	if !attr.IsNone() {
		v, err = attributeOf(v, attr)
	}
	if v.IsString() && !matchCase {
		v = jinja.NewString(strings.ToLower(v.AsString()))
	}
	return v, err
}

func first(_ *state, a []Value, _ map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil || list.AsList().Len() == 0 {
		return jinja.Undefined(), err
	}
	return list.AsList().Items[0], nil
}

func last(_ *state, a []Value, _ map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil || list.AsList().Len() == 0 {
		return jinja.Undefined(), err
	}
	return list.AsList().Items[list.AsList().Len()-1], nil
}

func items(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if a[0].IsUndefined() {
		return jinja.NewList(nil), nil
	}
	if !a[0].IsDict() || isNamespace(a[0]) {
		return a[0], errors.New("Can only get item pairs from a mapping.") //nolint:staticcheck // Python's own words
	}
	d := a[0].AsDict()
	pairs := make([]Value, len(d.Keys))
	for i, k := range d.Keys {
		pairs[i] = newTuple(fromKey(k), d.Data[k])
	}
	return jinja.NewList(pairs), nil
}

func join(s *state, a []Value, keys map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, err
	}
	sep, err := s.str(option(a, 1, keys, "d", jinja.NewString("")))
	if err != nil {
		return sep, err
	}
	attr := option(a, 2, keys, "attribute", jinja.None())
	buf := s.buf[:0]
	for i, v := range list.AsList().Items {
		if !attr.IsNone() {
			if v, err = attributeOf(v, attr); err != nil {
				return v, err
			}
		}
		if i > 0 {
			buf = append(buf, sep.AsString()...)
		}
		if buf, err = appendStr(buf, v); err != nil {
			return v, err
		}
	}
	s.buf = buf
	return s.text(string(buf))
}

func toList(_ *state, a []Value, _ map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, err
	}
	return jinja.NewList(slices.Clone(list.AsList().Items)), nil
}

// iterateTruthy is iterate for filters that take whatever is false for empty.
func iterateTruthy(v Value) (Value, error) {
	if !v.IsTruthy() {
		return jinja.NewList(nil), nil
	}
	return iterate(v)
}

func mapping(s *state, a []Value, keys map[string]Value) (Value, error) {
	list, err := iterateTruthy(a[0])
	if err != nil {
		return list, err
	}
	one := func(v Value) (Value, error) { return v, errors.New("map requires a filter argument") }
	if attr, ok := keys["attribute"]; ok && len(a) == 1 {
		fallback, hasFallback := keys["default"]
		one = func(v Value) (Value, error) {
			v, err := attributeOf(v, attr)
			if v.IsUndefined() && hasFallback {
				v = fallback
			}
			return v, err
		}
	} else if len(a) > 1 && a[1].IsString() {
		f := filters[a[1].AsString()]
		if f == nil {
			return list, fmt.Errorf("no filter is named %q, or it is not supported", a[1].AsString())
		}
		one = func(v Value) (Value, error) { return f(s, append([]Value{v}, a[2:]...), keys) }
	}
	out := make([]Value, list.AsList().Len())
	for i, v := range list.AsList().Items {
		if out[i], err = one(v); err != nil {
			return v, err
		}
		if err := s.spend(16); err != nil {
			return v, err
		}
	}
	return jinja.NewList(out), nil
}

func extreme(sign int) function {
	return func(_ *state, a []Value, keys map[string]Value) (Value, error) {
		list, err := iterate(a[0])
		if err != nil || list.AsList().Len() == 0 {
			return jinja.Undefined(), err
		}
		matchCase := option(a, 1, keys, "case_sensitive", jinja.NewBool(false)).IsTruthy()
		attr := option(a, 2, keys, "attribute", jinja.None())
		best := list.AsList().Items[0]
		bestKey, err := keyOf(best, attr, matchCase)
		for _, v := range list.AsList().Items[1:] {
			key, keyErr := keyOf(v, attr, matchCase)
			c, cmpErr := compare("<", key, bestKey)
			if err = errors.Join(err, keyErr, cmpErr); err != nil {
				return v, err
			}
			if c*sign > 0 {
				best, bestKey = v, key
			}
		}
		return best, err
	}
}

func reverse(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if a[0].IsString() {
		runes := []rune(a[0].AsString())
		slices.Reverse(runes)
		return jinja.NewString(string(runes)), nil
	}
	list, err := iterate(a[0])
	if err != nil {
		return list, errors.New("argument must be iterable")
	}
	out := slices.Clone(list.AsList().Items)
	slices.Reverse(out)
	return jinja.NewList(out), nil
}

// selecting is select, reject, selectattr and rejectattr.
func selecting(byAttr, not bool) function {
	return func(s *state, a []Value, _ map[string]Value) (Value, error) {
		list, err := iterateTruthy(a[0])
		if err != nil {
			return list, err
		}
		args := a[1:]
		attr := jinja.None()
		if byAttr {
			if len(args) == 0 {
				return list, errors.New("missing parameter for attribute name")
			}
			attr, args = args[0], args[1:]
		}
		test := func(v Value) (bool, error) { return v.IsTruthy(), nil }
		if len(args) > 0 {
			if !args[0].IsString() || tests[args[0].AsString()] == nil {
				return list, fmt.Errorf("no test is named %s", args[0].String())
			}
			t := tests[args[0].AsString()]
			test = func(v Value) (bool, error) {
				ok, err := t(s, append([]Value{v}, args[1:]...), nil)
				return err == nil && ok.IsTruthy(), err
			}
		}
		var out []Value
		for _, v := range list.AsList().Items {
			key := v
			if byAttr {
				if key, err = attributeOf(v, attr); err != nil {
					return v, err
				}
			}
			ok, err := test(key)
			if err != nil {
				return v, err
			}
			if ok != not {
				out = append(out, v)
			}
		}
		return jinja.NewList(out), nil
	}
}

func sum(s *state, a []Value, keys map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, err
	}
	attr := option(a, 1, keys, "attribute", jinja.None())
	total := option(a, 2, keys, "start", jinja.NewInt(0))
	for _, v := range list.AsList().Items {
		if !attr.IsNone() {
			if v, err = attributeOf(v, attr); err != nil {
				return v, err
			}
		}
		if total, err = add(s, []Value{total, v}, nil); err != nil {
			return v, err
		}
	}
	return total, nil
}

func unique(_ *state, a []Value, keys map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, err
	}
	matchCase := option(a, 1, keys, "case_sensitive", jinja.NewBool(false)).IsTruthy()
	attr := option(a, 2, keys, "attribute", jinja.None())
	var out, seen []Value
	for _, v := range list.AsList().Items {
		key, err := keyOf(v, attr, matchCase)
		if err != nil {
			return v, err
		}
		if key.IsDict() || key.IsList() && !isTuple(key) {
			return v, fmt.Errorf("unhashable type: '%s'", typeName(key))
		}
		if !slices.ContainsFunc(seen, func(x Value) bool { return equal(x, key, 0) }) {
			seen, out = append(seen, key), append(out, v)
		}
	}
	return jinja.NewList(out), nil
}
