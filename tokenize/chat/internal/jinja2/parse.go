package jinja2

import (
	"strconv"

	"github.com/ardanlabs/jinja"
)

// expr is an expression: an operation and what it is of.
type expr struct {
	op   string // const, name, attr, item, slice, call, filter, test, list, tuple, dict, cond, and, or, not, compare, cat, or an operator
	line int
	name string // of names, attributes, filters and tests
	val  jinja.Value
	args []*expr // nil elements are what was left out
	keys []keyword
	ops  []string // of a comparison
}

type keyword struct {
	name  string
	value *expr
}

// maxDepth bounds how deep expressions and blocks may lie in each other. The
// templates in use have less than 20.
const maxDepth = 100

// parser reads the grammar of jinja2.
type parser struct {
	tokens []token
	pos    int
	depth  int
}

func (p *parser) peek() *token { return &p.tokens[p.pos] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != kEOF {
		p.pos++
	}
	return t
}

func (p *parser) ahead() *token { return &p.tokens[min(p.pos+1, len(p.tokens)-1)] }

func (t *token) is(k kind, text string) bool { return t.kind == k && t.text == text }

func (t *token) op(text string) bool { return t.is(kOp, text) }

func (t *token) word(text string) bool { return t.is(kName, text) }

func (p *parser) skipOp(text string) bool {
	if p.peek().op(text) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) skipWord(text string) bool {
	if p.peek().word(text) {
		p.pos++
		return true
	}
	return false
}

// parseFault is what the parser panics with, and parse returns.
type parseFault struct{ err error }

func (p *parser) fail(line int, reason string) {
	panic(parseFault{&SyntaxError{line, reason}})
}

func (p *parser) expectOp(text string) {
	if !p.skipOp(text) {
		p.fail(p.peek().line, "expected "+strconv.Quote(text)+", got "+p.peek().describe())
	}
}

func (p *parser) expect(k kind, what string) token {
	if p.peek().kind != k {
		p.fail(p.peek().line, "expected "+what+", got "+p.peek().describe())
	}
	return p.next()
}

func (t *token) describe() string {
	switch t.kind {
	case kEOF:
		return "the end of the template"
	case kVarEnd:
		return `"}}"`
	case kBlockEnd:
		return `"%}"`
	case kData:
		return "text"
	}
	return strconv.Quote(t.text)
}

// enter counts the depth; call the result when done.
func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek().line, "expressions or blocks lie more than "+strconv.Itoa(maxDepth)+" deep in each other")
	}
	return func() { p.depth-- }
}

func (p *parser) expression() *expr {
	defer p.enter()()
	e := p.or()
	for p.peek().word("if") {
		line := p.next().line
		c := &expr{op: "cond", line: line, args: []*expr{p.or(), e, nil}}
		if p.skipWord("else") {
			c.args[2] = p.expression()
		}
		e = c
	}
	return e
}

func (p *parser) or() *expr {
	left := p.and()
	for p.peek().word("or") {
		line := p.next().line
		left = &expr{op: "or", line: line, args: []*expr{left, p.and()}}
	}
	return left
}

func (p *parser) and() *expr {
	left := p.not()
	for p.peek().word("and") {
		line := p.next().line
		left = &expr{op: "and", line: line, args: []*expr{left, p.not()}}
	}
	return left
}

func (p *parser) not() *expr {
	if p.peek().word("not") {
		defer p.enter()()
		line := p.next().line
		return &expr{op: "not", line: line, args: []*expr{p.not()}}
	}
	return p.compare()
}

func (p *parser) compare() *expr {
	e := p.sum()
	c := &expr{op: "compare", line: e.line, args: []*expr{e}}
	for {
		t := p.peek()
		switch {
		case t.kind == kOp && (t.text == "==" || t.text == "!=" || t.text == "<" || t.text == "<=" || t.text == ">" || t.text == ">="):
			c.ops = append(c.ops, p.next().text)
		case t.word("in"):
			p.next()
			c.ops = append(c.ops, "in")
		case t.word("not") && p.ahead().word("in"):
			p.pos += 2
			c.ops = append(c.ops, "not in")
		default:
			if len(c.ops) == 0 {
				return e
			}
			return c
		}
		c.args = append(c.args, p.sum())
	}
}

func (p *parser) sum() *expr {
	left := p.concat()
	for p.peek().op("+") || p.peek().op("-") {
		t := p.next()
		left = &expr{op: t.text, line: t.line, args: []*expr{left, p.concat()}}
	}
	return left
}

func (p *parser) concat() *expr {
	e := p.product()
	if !p.peek().op("~") {
		return e
	}
	c := &expr{op: "cat", line: e.line, args: []*expr{e}}
	for p.skipOp("~") {
		c.args = append(c.args, p.product())
	}
	return c
}

func (p *parser) product() *expr {
	left := p.power()
	for p.peek().op("*") || p.peek().op("/") || p.peek().op("//") || p.peek().op("%") {
		t := p.next()
		left = &expr{op: t.text, line: t.line, args: []*expr{left, p.power()}}
	}
	return left
}

func (p *parser) power() *expr {
	left := p.unary(true)
	for p.peek().op("**") {
		t := p.next()
		left = &expr{op: t.text, line: t.line, args: []*expr{left, p.unary(true)}}
	}
	return left
}

func (p *parser) unary(filters bool) *expr {
	defer p.enter()()
	t := p.peek()
	var e *expr
	if t.op("-") || t.op("+") {
		p.next()
		e = &expr{op: map[string]string{"-": "neg", "+": "pos"}[t.text], line: t.line, args: []*expr{p.unary(false)}}
	} else {
		e = p.primary()
	}
	e = p.postfix(e)
	if filters {
		e = p.filters(e)
	}
	return e
}
