package jinja2

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// function is what a template calls: an operator, a filter, a test, a method, a
// global. args are without the line.
type function func(s *state, args []Value, keys map[string]Value) (Value, error)

// undefinedError is what Python raises for an undefined value that is used.
func undefinedError(what string) error { return fmt.Errorf("%s is undefined", what) }

// ops are the operators and what statements need.
var ops = map[string]function{
	"o_str": func(s *state, a []Value, _ map[string]Value) (Value, error) {
		if a[0].IsString() || a[0].IsUndefined() || a[0].IsInt() || a[0].IsBool() {
			return a[0], nil // the engine prints these as Python does
		}
		return s.str(a[0])
	},
	"o_cat": func(s *state, a []Value, _ map[string]Value) (Value, error) {
		buf := s.buf[:0]
		var err error
		for _, v := range a {
			if buf, err = appendStr(buf, v); err != nil {
				return v, err
			}
		}
		s.buf = buf
		return s.text(string(buf))
	},
	"o_tick":  func(s *state, _ []Value, _ map[string]Value) (Value, error) { return jinja.Undefined(), nil },
	"o_enter": enter,
	"o_leave": func(s *state, _ []Value, _ map[string]Value) (Value, error) { s.depth--; return jinja.Undefined(), nil },
	"o_missing": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(a[0].IsUndefined()), nil
	},
	"o_unknown": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return a[0], errors.New(a[0].AsString())
	},
	"o_iter":    func(_ *state, a []Value, _ map[string]Value) (Value, error) { return iterate(a[0]) },
	"o_part":    part,
	"o_setattr": setattr,
	"o_list":    func(_ *state, a []Value, _ map[string]Value) (Value, error) { return jinja.NewList(a), nil },
	"o_tuple":   func(_ *state, a []Value, _ map[string]Value) (Value, error) { return newTuple(a...), nil },
	"o_dict":    dict,
	"o_attr": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return attribute(a[0], a[1].AsString(), a[2].AsString())
	},
	"o_chain":  chain,
	"o_item":   item,
	"o_slice":  slice,
	"o_method": method,
	"o_call":   call,
	"o_add":    add,
	"o_sub":    func(_ *state, a []Value, _ map[string]Value) (Value, error) { return arithmetic("-", a[0], a[1]) },
	"o_mul":    multiply,
	"o_div":    func(_ *state, a []Value, _ map[string]Value) (Value, error) { return arithmetic("/", a[0], a[1]) },
	"o_floordiv": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return arithmetic("//", a[0], a[1])
	},
	"o_mod": func(s *state, a []Value, _ map[string]Value) (Value, error) {
		if a[0].IsString() {
			args := []Value{a[1]}
			if a[1].IsList() {
				args = a[1].AsList().Items
			}
			return s.format(a[0].AsString(), args)
		}
		return arithmetic("%", a[0], a[1])
	},
	"o_pow": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return arithmetic("**", a[0], a[1]) },
	"o_neg": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		if a[0].IsFloat() {
			return jinja.NewFloat(-a[0].AsFloat()), nil
		}
		return arithmetic("-", jinja.NewInt(0), a[0])
	},
	"o_pos": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return arithmetic("+", jinja.NewInt(0), a[0])
	},
	"o_eq": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(equal(a[0], a[1], 0)), nil
	},
	"o_ne": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(!equal(a[0], a[1], 0)), nil
	},
	"o_lt": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered("<", a[0], a[1]) },
	"o_le": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered("<=", a[0], a[1]) },
	"o_gt": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered(">", a[0], a[1]) },
	"o_ge": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered(">=", a[0], a[1]) },
	"o_in": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		ok, err := contains(a[1], a[0])
		return jinja.NewBool(ok), err
	},
	"o_notin": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		ok, err := contains(a[1], a[0])
		return jinja.NewBool(!ok), err
	},
}

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

func init() {
	for _, name := range []string{"o_eq", "o_ne", "o_lt", "o_le", "o_gt", "o_ge", "o_in", "o_notin"} {
		comparisons[name] = ops[name]
	}
}

// enter begins a macro.
func enter(s *state, _ []Value, _ map[string]Value) (Value, error) {
	if s.depth++; s.depth > maxCalls {
		return jinja.Undefined(), fmt.Errorf("macros call each other more than %d deep", maxCalls)
	}
	return jinja.Undefined(), nil
}

// iterate returns the list that a loop goes over.
func iterate(v Value) (Value, error) {
	switch {
	case v.IsList():
		return v, nil
	case v.IsUndefined():
		return jinja.NewList(nil), nil
	case v.IsDict() && !isNamespace(v):
		keys := v.AsDict().Keys
		items := make([]Value, len(keys))
		for i, k := range keys {
			items[i] = jinja.NewString(k)
		}
		return jinja.NewList(items), nil
	case v.IsString():
		var items []Value
		for _, r := range v.AsString() {
			items = append(items, jinja.NewString(string(r)))
		}
		return jinja.NewList(items), nil
	}
	return v, fmt.Errorf("'%s' object is not iterable", typeName(v))
}

// part returns one of several parts of an item.
func part(_ *state, a []Value, _ map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, fmt.Errorf("cannot unpack non-iterable %s object", typeName(a[0]))
	}
	items, want := list.AsList().Items, int(a[2].AsInt())
	if len(items) != want {
		return list, fmt.Errorf("cannot unpack %d values into %d names", len(items), want)
	}
	return items[a[1].AsInt()], nil
}

func setattr(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if !isNamespace(a[0]) {
		return a[0], errors.New("cannot assign attribute on non-namespace object")
	}
	name := a[1].AsString()
	if strings.HasPrefix(name, "_") {
		return a[0], fmt.Errorf("a namespace stores no attribute that begins with an underscore: %s", name)
	}
	a[0].AsDict().Set(name, a[2])
	return jinja.Undefined(), nil
}

func dict(_ *state, a []Value, _ map[string]Value) (Value, error) {
	v, d := Dict(len(a) / 2)
	for i := 0; i+1 < len(a); i += 2 {
		if !a[i].IsString() {
			return v, fmt.Errorf("a dictionary with a key of the type %s is not supported", typeName(a[i]))
		}
		d.Set(a[i].AsString(), a[i+1])
	}
	return v, nil
}

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
	case obj.IsDict() && key.IsString():
		if v, ok := obj.AsDict().Get(key.AsString()); ok {
			return v, nil
		}
		return jinja.Undefined(), nil
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
		return jinja.NewList(out), nil
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
	return jinja.Undefined(), nil
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

// integer returns v as an index: ints and bools.
func integer(v Value) (int64, bool) {
	switch {
	case v.IsInt():
		return v.AsInt(), true
	case v.IsBool() && v.AsBool():
		return 1, true
	case v.IsBool():
		return 0, true
	}
	return 0, false
}

func float(v Value) (float64, bool) {
	if v.IsFloat() {
		return v.AsFloat(), true
	}
	n, ok := integer(v)
	return float64(n), ok
}

func add(s *state, a []Value, _ map[string]Value) (Value, error) {
	x, y := a[0], a[1]
	switch {
	case x.IsString() && y.IsString():
		return s.text(x.AsString() + y.AsString())
	case x.IsList() && y.IsList():
		l, r := x.AsList().Items, y.AsList().Items
		out := make([]Value, 0, len(l)+len(r))
		if err := s.spend(16 * cap(out)); err != nil {
			return x, err
		}
		if isTuple(x) != isTuple(y) {
			return x, fmt.Errorf(`can only concatenate %s (not "%s") to %s`, typeName(x), typeName(y), typeName(x))
		}
		return jinja.NewList(append(append(out, l...), r...)), nil
	case x.IsString() && !y.IsUndefined():
		return x, fmt.Errorf(`can only concatenate str (not "%s") to str`, typeName(y))
	}
	return arithmetic("+", x, y)
}

func multiply(s *state, a []Value, _ map[string]Value) (Value, error) {
	x, y := a[0], a[1]
	if y.IsString() || y.IsList() {
		x, y = y, x
	}
	n, ok := integer(y)
	if ok && (x.IsString() || x.IsList()) {
		size := len(x.String())
		if x.IsString() {
			size = len(x.AsString())
		}
		n = max(n, 0)
		if size > 0 && n > int64(maxText/size) {
			return x, errTooMuch
		}
		if err := s.spend(size * int(n)); err != nil {
			return x, err
		}
		if x.IsString() {
			return jinja.NewString(strings.Repeat(x.AsString(), int(n))), nil
		}
		var out []Value
		for range n {
			out = append(out, x.AsList().Items...)
		}
		return jinja.NewList(out), nil
	}
	return arithmetic("*", a[0], a[1])
}

var errOverflow = errors.New("an integer has more than 64 bits, which is not supported")

// arithmetic calculates with numbers.
func arithmetic(op string, x, y Value) (Value, error) {
	for _, v := range []Value{x, y} {
		if v.IsUndefined() {
			return v, undefinedError("an operand of " + op)
		}
	}
	m, okM := integer(x)
	n, okN := integer(y)
	if okM && okN && op != "/" {
		return integers(op, m, n)
	}
	f, okF := float(x)
	g, okG := float(y)
	if !okF || !okG {
		return x, fmt.Errorf("unsupported operand type(s) for %s: '%s' and '%s'", op, typeName(x), typeName(y))
	}
	if g == 0 && (op == "/" || op == "//" || op == "%") {
		return x, errors.New("division by zero")
	}
	switch op {
	case "+":
		f += g
	case "-":
		f -= g
	case "*":
		f *= g
	case "/":
		f /= g
	case "//":
		f = math.Floor(f / g)
	case "%":
		f = math.Mod(f, g)
		if f != 0 && (f < 0) != (g < 0) {
			f += g
		}
	case "**":
		f = math.Pow(f, g)
	}
	return jinja.NewFloat(f), nil
}

func integers(op string, m, n int64) (Value, error) {
	var r int64
	over := false
	switch op {
	case "+":
		r = m + n
		over = (r > m) != (n > 0) && n != 0
	case "-":
		r = m - n
		over = (r < m) != (n > 0) && n != 0
	case "*":
		hi, lo := bits.Mul64(magnitude(m), magnitude(n))
		r, over = m*n, hi != 0 || lo > math.MaxInt64
	case "//", "%":
		if n == 0 {
			return jinja.Undefined(), errors.New("integer division or modulo by zero")
		}
		if n == -1 {
			return integers(map[string]string{"//": "*", "%": "%1"}[op], m, n)
		}
		q, rest := m/n, m%n
		if rest != 0 && (rest < 0) != (n < 0) {
			q, rest = q-1, rest+n
		}
		r = q
		if op == "%" {
			r = rest
		}
	case "%1":
		r = 0
	case "**":
		if n < 0 {
			return jinja.NewFloat(math.Pow(float64(m), float64(n))), nil
		}
		r = 1
		for range min(n, 64) {
			v, err := integers("*", r, m)
			if err != nil {
				return v, err
			}
			r = v.AsInt()
		}
		if n > 64 && (m > 1 || m < -1) {
			return jinja.Undefined(), errOverflow
		}
		if n > 64 && m == -1 && n%2 == 1 {
			r = -1
		}
	}
	if over {
		return jinja.Undefined(), errOverflow
	}
	return jinja.NewInt(r), nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

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
		return x.IsString() && all.AsDict().Has(x.AsString()), nil
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
