package jinja2

import (
	"math"
	"strconv"

	"github.com/ardanlabs/jinja"
)

func (p *parser) primary() *expr {
	t := p.next()
	e := &expr{op: "const", line: t.line}
	switch {
	case t.kind == kName:
		switch t.text {
		case "true", "True":
			e.val = jinja.NewBool(true)
		case "false", "False":
			e.val = jinja.NewBool(false)
		case "none", "None":
			e.val = jinja.None()
		default:
			e.op, e.name = "name", t.text
		}
	case t.kind == kString:
		s := t.text
		for p.peek().kind == kString {
			s += p.next().text
		}
		e.val = jinja.NewString(s)
	case t.kind == kInt:
		n, err := strconv.ParseInt(t.text, 0, 64)
		if err != nil {
			n, err = strconv.ParseInt(t.text, 10, 64)
		}
		if err != nil {
			p.fail(t.line, "the number "+t.text+" is none that is supported")
		}
		e.val = jinja.NewInt(n)
	case t.kind == kFloat:
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil || math.IsInf(f, 0) {
			p.fail(t.line, "the number "+t.text+" is none that is supported")
		}
		e.val = jinja.NewFloat(f)
	case t.op("("):
		e = p.tuple(true, nil)
		p.expectOp(")")
	case t.op("["):
		e = &expr{op: "list", line: t.line, args: p.items("]")}
	case t.op("{"):
		e = p.dict(t.line)
	default:
		p.fail(t.line, "unexpected "+t.describe())
	}
	return e
}

// tuple reads one expression, or a tuple of several. ends reports what ends a
// tuple after a comma besides the end of the tag and a parenthesis.
func (p *parser) tuple(parenthesised bool, ends func(*token) bool) *expr {
	line := p.peek().line
	e := &expr{op: "tuple", line: line}
	isTuple := false
	for {
		if t := p.peek(); t.kind == kVarEnd || t.kind == kBlockEnd || t.op(")") || ends != nil && ends(t) {
			break
		}
		e.args = append(e.args, p.expression())
		if !p.skipOp(",") {
			break
		}
		isTuple = true
	}
	switch {
	case isTuple:
	case len(e.args) > 0:
		return e.args[0]
	case !parenthesised:
		p.fail(line, "expected an expression, got "+p.peek().describe())
	}
	return e
}

func (p *parser) items(end string) []*expr {
	var list []*expr
	for !p.skipOp(end) {
		if len(list) > 0 {
			p.expectOp(",")
			if p.skipOp(end) {
				break
			}
		}
		list = append(list, p.expression())
	}
	return list
}

func (p *parser) dict(line int) *expr {
	e := &expr{op: "dict", line: line}
	for !p.skipOp("}") {
		if len(e.args) > 0 {
			p.expectOp(",")
			if p.skipOp("}") {
				break
			}
		}
		key := p.expression()
		p.expectOp(":")
		e.args = append(e.args, key, p.expression())
	}
	return e
}

func (p *parser) postfix(e *expr) *expr {
	for {
		t := p.peek()
		switch {
		case t.op("."):
			p.next()
			a := p.next()
			switch a.kind {
			case kName:
				e = &expr{op: "attr", line: t.line, name: a.text, args: []*expr{e}}
			case kInt:
				n, err := strconv.ParseInt(a.text, 10, 64)
				if err != nil {
					p.fail(a.line, "bad index "+a.text)
				}
				e = &expr{op: "item", line: t.line, args: []*expr{e, {op: "const", val: jinja.NewInt(n)}}}
			default:
				p.fail(a.line, "expected a name or a number after the dot, got "+a.describe())
			}
		case t.op("["):
			e = p.subscript(e)
		case t.op("("):
			e = p.call(e)
		default:
			return e
		}
	}
}

func (p *parser) subscript(of *expr) *expr {
	line := p.next().line
	var parts [3]*expr
	n := 0
	for {
		if !p.peek().op(":") && !p.peek().op("]") {
			parts[n] = p.expression()
		}
		if !p.peek().op(":") || n == 2 {
			break
		}
		p.next()
		n++
	}
	if n == 0 && parts[0] == nil {
		p.fail(line, "expected an index, got "+p.peek().describe())
	}
	p.expectOp("]")
	if n == 0 {
		return &expr{op: "item", line: line, args: []*expr{of, parts[0]}}
	}
	return &expr{op: "slice", line: line, args: []*expr{of, parts[0], parts[1], parts[2]}}
}

func (p *parser) call(of *expr) *expr {
	line := p.peek().line
	args, keys := p.arguments()
	return &expr{op: "call", line: line, args: append([]*expr{of}, args...), keys: keys}
}

func (p *parser) arguments() (args []*expr, keys []keyword) {
	line := p.peek().line
	p.expectOp("(")
	for comma := false; !p.skipOp(")"); comma = true {
		if comma {
			p.expectOp(",")
			if p.skipOp(")") {
				break
			}
		}
		switch t := p.peek(); {
		case t.op("*"), t.op("**"):
			p.fail(t.line, "arguments with * and ** are not supported")
		case t.kind == kName && p.ahead().op("="):
			p.pos += 2
			keys = append(keys, keyword{t.text, p.expression()})
		default:
			if keys != nil {
				p.fail(line, "a positional argument follows one with a name")
			}
			args = append(args, p.expression())
		}
	}
	return args, keys
}

func (p *parser) filters(e *expr) *expr {
	for {
		t := p.peek()
		switch {
		case t.op("|"):
			p.next()
			e = p.filter(e)
		case t.word("is"):
			e = p.test(e)
		case t.op("("):
			e = p.call(e)
		default:
			return e
		}
	}
}

// filter reads the name of a filter and its arguments.
func (p *parser) filter(of *expr) *expr {
	t := p.expect(kName, "the name of a filter")
	e := &expr{op: "filter", line: t.line, name: t.text, args: []*expr{of}}
	if p.peek().op("(") {
		args, keys := p.arguments()
		e.args, e.keys = append(e.args, args...), keys
	}
	return e
}

func (p *parser) test(of *expr) *expr {
	line := p.next().line
	negated := p.skipWord("not")
	name := p.expect(kName, "the name of a test")
	e := &expr{op: "test", line: line, name: name.text, args: []*expr{of}}
	t := p.peek()
	switch {
	case t.op("("):
		args, keys := p.arguments()
		e.args, e.keys = append(e.args, args...), keys
	case t.word("else"), t.word("or"), t.word("and"):
	case t.word("is"):
		p.fail(t.line, `tests cannot be chained with "is"`)
	case t.kind == kName || t.kind == kString || t.kind == kInt || t.kind == kFloat || t.op("[") || t.op("{"):
		e.args = append(e.args, p.postfix(p.primary()))
	}
	if negated {
		return &expr{op: "not", line: line, args: []*expr{e}}
	}
	return e
}
