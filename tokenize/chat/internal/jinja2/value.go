package jinja2

import (
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// Value is a value of a template.
type Value = jinja.Value

// maxNesting bounds how deep values may lie in each other.
const maxNesting = 200

// namespaceMark is the key that tells namespaces from dictionaries. It is in no
// list of keys, so that nothing sees it.
const namespaceMark = "\x00namespace"

// bigInt is what the name of a callable begins with that stands for an integer
// beyond 64 bits, of which nothing but its digits is known.
const bigInt = "\x00int:"

// tupleMark stands behind the items of a tuple, beyond the length of its list, so
// that nothing but the printing of tuples sees it.
var tupleMark = jinja.NewCallable("\x00tuple", nil)

func newTuple(items ...Value) Value {
	all := append(append(make([]Value, 0, len(items)+1), items...), tupleMark)
	return jinja.NewList(all[:len(items)])
}

// likeTuple returns a tuple of the items if v is one, else a list.
func likeTuple(v Value, items []Value) Value {
	if isTuple(v) {
		return newTuple(items...)
	}
	return jinja.NewList(items)
}

func isTuple(v Value) bool {
	if !v.IsList() {
		return false
	}
	items := v.AsList().Items
	if cap(items) == len(items) {
		return false
	}
	mark := items[:len(items)+1][len(items)]
	return mark.IsCallable() && mark.AsCallable().Name == "\x00tuple"
}

// Dict makes a dictionary with its keys in order.
func Dict(size int) (Value, *jinja.Dict) {
	v := jinja.NewDict()
	d := v.AsDict()
	d.Keys = make([]string, 0, size)
	return v, d
}

// intKey is what a key of a dictionary begins with that is an integer.
const intKey = "\x00key:"

// asKey returns how the engine's dictionary spells a key; ok is false for a value
// that is no key in any dictionary here.
func asKey(v Value) (key string, ok bool) {
	switch {
	case v.IsString():
		return v.AsString(), true
	case v.IsInt():
		return intKey + strconv.FormatInt(v.AsInt(), 10), true
	}
	return "", false
}

// fromKey returns the value that a key stands for.
func fromKey(key string) Value {
	if digits, ok := strings.CutPrefix(key, intKey); ok {
		n, _ := strconv.ParseInt(digits, 10, 64) // asKey wrote it
		return jinja.NewInt(n)
	}
	return jinja.NewString(key)
}

// big returns the digits of an integer beyond 64 bits.
func big(v Value) (string, bool) {
	if !v.IsCallable() {
		return "", false
	}
	return strings.CutPrefix(v.AsCallable().Name, bigInt)
}

// typeName is what Python calls the type of v.
func typeName(v Value) string {
	switch {
	case v.IsUndefined():
		return "Undefined"
	case v.IsNone():
		return "NoneType"
	case v.IsBool():
		return "bool"
	case v.IsInt():
		return "int"
	case v.IsFloat():
		return "float"
	case v.IsString():
		return "str"
	case isTuple(v):
		return "tuple"
	case v.IsList():
		return "list"
	case v.IsDict():
		return "dict"
	}
	if _, ok := big(v); ok {
		return "int"
	}
	return "function"
}

func isNamespace(v Value) bool { return v.IsDict() && v.AsDict().Has(namespaceMark) }
