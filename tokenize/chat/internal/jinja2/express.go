package jinja2

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// call returns a call of a function of this package. The line of the template is
// its first argument.
func (e *emitter) call(function string, line int, args ...string) string {
	return e.use(function) + "(" + strings.Join(append([]string{strconv.Itoa(line)}, args...), ", ") + ")"
}

func (e *emitter) list(of []*expr) []string {
	out := make([]string, len(of))
	for i, x := range of {
		if x == nil {
			out[i] = "none"
		} else {
			out[i] = e.expr(x)
		}
	}
	return out
}

// printed returns an expression for the text that an expression prints.
func (e *emitter) printed(x *expr) string {
	s := e.expr(x)
	if x.op == "cat" || x.op == "const" && x.val.IsString() {
		return s
	}
	return e.call("o_str", x.line, s)
}

var operators = map[string]string{
	"+": "o_add", "-": "o_sub", "*": "o_mul", "/": "o_div", "//": "o_floordiv", "%": "o_mod", "**": "o_pow",
	"neg": "o_neg", "pos": "o_pos",
	"==": "o_eq", "!=": "o_ne", "<": "o_lt", "<=": "o_le", ">": "o_gt", ">=": "o_ge", "in": "o_in", "not in": "o_notin",
}

// maxHeight bounds how many operations are of each other's results: a sum of so
// many terms, say.
const maxHeight = 500

// expr returns the engine's expression.
func (e *emitter) expr(x *expr) string {
	if e.height++; e.height > maxHeight {
		e.fail(x.line, "an expression has more than %d operations, each of the one before", maxHeight)
	}
	defer func() { e.height-- }()
	if e.err != nil {
		return "none"
	}
	switch x.op {
	case "const":
		return e.constant(x)
	case "body":
		return e.body
	case "name":
		if i := strings.IndexFunc(x.name, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
			e.fail(x.line, "the name %s has characters that are not supported", x.name)
		}
		if x.name == "varargs" || x.name == "kwargs" || x.name == "self" || x.name == "super" {
			e.fail(x.line, "the special name %s is not supported", x.name)
		}
		return e.lookup(x.name)
	case "attr":
		if x.args[0].op == "name" && x.args[0].name == "loop" && (x.name == "changed" || x.name == "depth" || x.name == "depth0") {
			e.fail(x.line, "loop.%s is not supported", x.name)
		}
		return e.call("o_attr", x.line, e.expr(x.args[0]), quote(x.name), quote(spell(x.args[0])))
	case "item":
		return e.call("o_item", x.line, e.expr(x.args[0]), e.expr(x.args[1]), quote(spell(x.args[0])))
	case "slice":
		return e.call("o_slice", x.line, e.list(x.args)...)
	case "call":
		return e.calls(x)
	case "filter":
		if filters[x.name] == nil {
			return e.unknown(x, "filter")
		}
		if x.name == "tojson" && isLazy(x.args[0]) {
			return e.call("o_unknown", x.line, quote("Object of type generator is not JSON serializable"))
		}
		return e.withKeys("f_"+x.name, x.line, e.list(x.args), x.keys, "")
	case "test":
		return e.test(x)
	case "list", "tuple":
		return e.call("o_"+x.op, x.line, e.list(x.args)...)
	case "dict":
		return e.call("o_dict", x.line, e.list(x.args)...)
	case "cond":
		e.soft++
		defer func() { e.soft-- }()
		if x.args[2] == nil {
			return "(" + e.expr(x.args[1]) + " if " + e.expr(x.args[0]) + " else undefined_)"
		}
		return "(" + e.expr(x.args[1]) + " if " + e.expr(x.args[0]) + " else " + e.expr(x.args[2]) + ")"
	case "and", "or":
		return "(" + e.expr(x.args[0]) + " " + x.op + " " + e.expr(x.args[1]) + ")"
	case "not":
		return "(not " + e.expr(x.args[0]) + ")"
	case "compare":
		return e.compare(x)
	case "cat":
		return e.call("o_cat", x.line, e.list(x.args)...)
	case "+":
		if left, right := isSafe(x.args[0]), isSafe(x.args[1]); left || right {
			return e.call("o_addsafe", x.line, append(e.list(x.args), strconv.FormatBool(left), strconv.FormatBool(right))...)
		}
	}
	return e.call(operators[x.op], x.line, e.list(x.args)...)
}

// isSafe reports whether an expression is marked as HTML by the filter safe, or is
// a sum with one that is.
func isSafe(x *expr) bool {
	return x.op == "filter" && x.name == "safe" || x.op == "+" && (isSafe(x.args[0]) || isSafe(x.args[1]))
}

// isLazy reports whether an expression is a filter whose result Python makes item
// by item.
func isLazy(x *expr) bool {
	return x.op == "filter" && slices.Contains([]string{"map", "select", "selectattr", "reject", "rejectattr"}, x.name)
}

// unknown refuses a filter or test that is not known: inside a condition, as in
// jinja2, only when it is reached.
func (e *emitter) unknown(x *expr, what string) string {
	if e.soft == 0 {
		e.fail(x.line, "no %s is named %q, or it is not supported", what, x.name)
	}
	return e.call("o_unknown", x.line, quote(fmt.Sprintf("no %s is named %q, or it is not supported", what, x.name)))
}

// compare returns a comparison. All operands of a chain are evaluated.
func (e *emitter) compare(x *expr) string {
	if len(x.ops) == 1 {
		return e.call(operators[x.ops[0]], x.line, e.list(x.args)...)
	}
	args := make([]string, 0, 2*len(x.args))
	for _, op := range x.ops {
		args = append(args, quote(operators[op]))
	}
	return e.call("o_chain", x.line, append(args, e.list(x.args)...)...)
}

func (e *emitter) test(x *expr) string {
	if tests[x.name] == nil {
		return e.unknown(x, "test")
	}
	if of := x.args[0]; x.name == "none" && of.op == "attr" {
		e.noneTests[of.name] = true
	} else if x.name == "none" && of.op == "item" && of.args[1].op == "const" && of.args[1].val.IsString() {
		e.noneTests[of.args[1].val.AsString()] = true
	}
	if len(x.keys) > 0 {
		e.fail(x.line, "the test %s takes no arguments by name", x.name)
	}
	if of := x.args[0]; of.op == "name" && of.name == "strftime_now" && (x.name == "defined" || x.name == "undefined") {
		// Whether there is a date is an option, not part of the template.
		return e.call("t_"+x.name, x.line, e.use("g_strftime_known")+"(0)")
	}
	return e.call("t_"+x.name, x.line, e.list(x.args)...)
}

// calls returns a call of a method, a global function, a macro or a value.
func (e *emitter) calls(x *expr) string {
	f := x.args[0]
	args := e.list(x.args[1:])
	switch f.op {
	case "attr":
		all := append([]string{e.expr(f.args[0]), quote(f.name), quote(spell(f.args[0]))}, args...)
		return e.withKeys("o_method", x.line, all, x.keys, "")
	case "name":
		name := e.expr(f)
		if global := strings.TrimPrefix(name, "g_"); global != name {
			if global == "dict" || global == "namespace" {
				return e.pairs(name, x, args)
			}
			return e.withKeys(name, x.line, args, x.keys, "")
		}
		return e.withKeys("o_call", x.line, append([]string{name, quote(f.name)}, args...), x.keys, "v_")
	}
	return e.withKeys("o_call", x.line, append([]string{e.expr(f), quote(spell(f))}, args...), x.keys, "v_")
}

// pairs returns a call of dict or namespace, which needs its named arguments in
// their order.
func (e *emitter) pairs(name string, x *expr, args []string) string {
	if len(args) > 1 {
		e.fail(x.line, "%s takes at most one argument without a name", strings.TrimPrefix(name, "g_"))
	}
	if len(args) == 0 {
		args = []string{"none"}
	}
	for _, k := range x.keys {
		args = append(args, quote(k.name), e.expr(k.value))
	}
	return e.call(name, x.line, args...)
}

func (e *emitter) withKeys(function string, line int, args []string, keys []keyword, prefix string) string {
	for _, k := range keys {
		args = append(args, prefix+k.name+"="+e.expr(k.value))
	}
	return e.call(function, line, args...)
}

// constant returns a literal of the engine.
func (e *emitter) constant(x *expr) string {
	switch {
	case x.val.IsString():
		return quote(x.val.AsString())
	case x.val.IsInt():
		return strconv.FormatInt(x.val.AsInt(), 10)
	case x.val.IsFloat():
		s := strconv.FormatFloat(x.val.AsFloat(), 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	case x.val.IsBool() && x.val.AsBool():
		return "true"
	case x.val.IsBool():
		return "false"
	}
	return "none"
}

// quote returns a string literal of the engine.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`).Replace(s) + "'"
}

// spell returns how an expression is called in messages.
func spell(x *expr) string {
	for inner, n := x, 0; inner.op == "attr" || inner.op == "item"; inner, n = inner.args[0], n+1 {
		if n == 8 {
			return "the value"
		}
	}
	switch x.op {
	case "name":
		return x.name
	case "attr":
		return spell(x.args[0]) + "." + x.name
	case "item":
		if k := x.args[1]; k.op == "const" && k.val.IsString() {
			return spell(x.args[0]) + "['" + k.val.AsString() + "']"
		}
		return spell(x.args[0]) + "[...]"
	}
	return "the value"
}
