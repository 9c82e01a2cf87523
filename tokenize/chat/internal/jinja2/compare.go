package jinja2

import (
	"fmt"
	"strings"

	"github.com/ardanlabs/jinja"
)

// chain compares several values in a row: the names of operators, then operands.
func chain(s *state, a []Value, _ map[string]Value) (Value, error) {
	n := len(a) / 2
	operands := a[n:]
	for i := range n {
		v, err := comparisons[a[i].AsString()](s, operands[i:i+2], nil)
		if err != nil || !v.IsTruthy() {
			return v, err
		}
	}
	return jinja.NewBool(true), nil
}

// comparisons are the operators of chains.
var comparisons = map[string]function{}

// equal is Python's ==.
func equal(x, y Value, depth int) bool {
	if f, ok := float(x); ok {
		g, ok := float(y)
		if m, isInt := integer(x); isInt && ok {
			if n, isInt := integer(y); isInt {
				return m == n
			}
		}
		return ok && f == g
	}
	switch {
	case depth > maxNesting:
		return false
	case x.IsList() && y.IsList():
		l, r := x.AsList().Items, y.AsList().Items
		if len(l) != len(r) || isTuple(x) != isTuple(y) {
			return false
		}
		for i := range l {
			if !equal(l[i], r[i], depth+1) {
				return false
			}
		}
		return true
	case x.IsDict() && y.IsDict():
		l, r := x.AsDict(), y.AsDict()
		if l == r {
			return true
		}
		if len(l.Keys) != len(r.Keys) || isNamespace(x) || isNamespace(y) {
			return false
		}
		for _, k := range l.Keys {
			other, ok := r.Get(k)
			if !ok || !equal(l.Data[k], other, depth+1) {
				return false
			}
		}
		return true
	}
	if a, ok := big(x); ok {
		b, ok := big(y)
		return ok && a == b
	}
	return x.Equals(y)
}

// ordered is one of Python's order comparisons.
func ordered(op string, x, y Value) (Value, error) {
	c, err := compare(op, x, y)
	if err != nil {
		return x, err
	}
	return jinja.NewBool(op == "<" && c < 0 || op == "<=" && c <= 0 || op == ">" && c > 0 || op == ">=" && c >= 0), nil
}

// compare returns the order of two values; op is for messages.
func compare(op string, x, y Value) (int, error) {
	f, okF := float(x)
	g, okG := float(y)
	switch {
	case okF && okG:
		switch {
		case f < g:
			return -1, nil
		case f > g:
			return 1, nil
		}
		return 0, nil
	case x.IsString() && y.IsString():
		return strings.Compare(x.AsString(), y.AsString()), nil
	case x.IsList() && y.IsList():
		l, r := x.AsList().Items, y.AsList().Items
		for i := range min(len(l), len(r)) {
			if !equal(l[i], r[i], 0) {
				return compare(op, l[i], r[i])
			}
		}
		return len(l) - len(r), nil
	case x.IsUndefined() || y.IsUndefined():
		return 0, undefinedError("an operand of " + op)
	}
	return 0, fmt.Errorf("'%s' not supported between instances of '%s' and '%s'", op, typeName(x), typeName(y))
}

// contains is Python's in.
func contains(all, x Value) (bool, error) {
	switch {
	case all.IsList():
		for _, v := range all.AsList().Items {
			if equal(v, x, 0) {
				return true, nil
			}
		}
		return false, nil
	case all.IsDict() && !isNamespace(all):
		if x.IsDict() || x.IsList() && !isTuple(x) {
			return false, fmt.Errorf("unhashable type: '%s'", typeName(x))
		}
		key, ok := asKey(x)
		return ok && all.AsDict().Has(key), nil
	case all.IsString():
		if !x.IsString() {
			return false, fmt.Errorf("'in <string>' requires string as left operand, not %s", typeName(x))
		}
		return strings.Contains(all.AsString(), x.AsString()), nil
	case all.IsUndefined():
		return false, nil
	}
	return false, fmt.Errorf("argument of type '%s' is not iterable", typeName(all))
}
