package jinja2

// stmt is a statement, or text, or an expression whose value is written.
type stmt struct {
	op     string // text, write, if, for, set, setblock, macro, call, filter, generation, with, break, continue
	line   int
	text   string // of text; the name of a macro
	target *target
	e      *expr // what is written, set, iterated over or called; a condition
	test   *expr // the condition of a loop
	params []param
	values []assignment // of with
	body   []*stmt
	other  []*stmt // else
}

// target is what is assigned to: names, or one attribute of a namespace.
type target struct {
	names []string
	tuple bool
	attr  string // of the namespace names[0]
}

type param struct {
	name  string
	value *expr // nil without a default
}

type assignment struct {
	target *target
	value  *expr
}

// parse reads a whole template.
func parse(source string) (list []*stmt, err error) {
	tokens, err := tokenize(source)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	defer func() {
		r := recover()
		if f, ok := r.(parseFault); ok {
			list, err = nil, f.err
		} else if r != nil {
			panic(r)
		}
	}()
	list, _ = p.statements()
	if t := p.peek(); t.kind != kEOF {
		p.fail(t.line, "unexpected {% "+t.text+" %}: no block is open that it could end")
	}
	return list, nil
}

// statements reads up to the end or to a tag that begins with one of the words,
// which it returns.
func (p *parser) statements(ends ...string) (list []*stmt, end string) {
	defer p.enter()()
	for {
		t := p.next()
		switch t.kind {
		case kEOF:
			return list, ""
		case kData:
			list = append(list, &stmt{op: "text", line: t.line, text: t.text})
		case kVarBegin:
			list = append(list, &stmt{op: "write", line: t.line, e: p.tuple(false, nil)})
			p.expect(kVarEnd, `"}}"`)
		case kBlockBegin:
			name := p.expect(kName, "the name of a tag")
			for _, e := range ends {
				if e == name.text {
					return list, e
				}
			}
			if len(ends) == 0 && len(name.text) > 3 && name.text[:3] == "end" {
				p.pos--
				return list, ""
			}
			list = append(list, p.statement(name))
			p.expect(kBlockEnd, `"%}"`)
		}
	}
}

// block reads the body of the block that tag opened, up to one of the words.
func (p *parser) block(tag token, ends ...string) (list []*stmt, end string) {
	p.skipOp(":")
	p.expect(kBlockEnd, `"%}"`)
	list, end = p.statements(ends...)
	if end == "" {
		p.fail(tag.line, "the block "+tag.text+" has no "+ends[len(ends)-1])
	}
	return list, end
}

func (p *parser) statement(tag token) *stmt {
	s := &stmt{op: tag.text, line: tag.line}
	switch tag.text {
	case "if":
		p.ifs(tag, s)
	case "for":
		p.loop(tag, s)
	case "set":
		s.target = p.target(true, "")
		if p.skipOp("=") {
			s.e = p.tuple(false, nil)
			return s
		}
		s.op = "setblock"
		if p.skipOp("|") {
			s.e = p.filterChain()
		}
		s.body, _ = p.block(tag, "endset")
	case "macro":
		s.text = p.expect(kName, "the name of the macro").text
		s.params = p.signature()
		s.body, _ = p.block(tag, "endmacro")
	case "call":
		if p.peek().op("(") {
			s.params = p.signature()
		}
		s.e = p.expression()
		if s.e.op != "call" {
			p.fail(tag.line, "expected a call")
		}
		s.body, _ = p.block(tag, "endcall")
	case "filter":
		s.e = p.filterChain()
		s.body, _ = p.block(tag, "endfilter")
	case "generation":
		s.body, _ = p.block(tag, "endgeneration")
	case "with":
		for p.peek().kind != kBlockEnd {
			if len(s.values) > 0 {
				p.expectOp(",")
			}
			t := p.target(false, "")
			p.expectOp("=")
			s.values = append(s.values, assignment{t, p.expression()})
		}
		s.body, _ = p.block(tag, "endwith")
	case "break", "continue":
	case "include", "import", "from", "extends", "block", "autoescape", "do", "trans":
		p.fail(tag.line, "the tag {% "+tag.text+" %} is not supported")
	default:
		p.fail(tag.line, "unknown tag {% "+tag.text+" %}")
	}
	return s
}

// filterChain reads filters that a block goes through: a filter expression of the
// value that stands for the block.
func (p *parser) filterChain() *expr {
	e := p.filter(&expr{op: "body"})
	for p.skipOp("|") {
		e = p.filter(e)
	}
	return e
}

func (p *parser) ifs(tag token, s *stmt) {
	s.e = p.tuple(false, nil)
	body, end := p.block(tag, "elif", "else", "endif")
	s.body = body
	switch end {
	case "elif":
		inner := &stmt{op: "if", line: p.peek().line}
		defer p.enter()()
		p.ifs(tag, inner)
		s.other = []*stmt{inner}
	case "else":
		s.other, _ = p.block(tag, "endif")
	}
}

func (p *parser) loop(tag token, s *stmt) {
	s.target = p.target(false, "in")
	if !p.skipWord("in") {
		p.fail(p.peek().line, `expected "in", got `+p.peek().describe())
	}
	// A condition after the sequence belongs to the loop.
	s.e = p.iterable()
	if p.skipWord("if") {
		s.test = p.expression()
	}
	if p.peek().word("recursive") {
		p.fail(tag.line, "recursive loops are not supported")
	}
	body, end := p.block(tag, "else", "endfor")
	s.body = body
	if end == "else" {
		s.other, _ = p.block(tag, "endfor")
	}
}

// iterable reads what a loop goes over: expressions without a condition.
func (p *parser) iterable() *expr {
	e := p.or()
	if !p.peek().op(",") {
		return e
	}
	t := &expr{op: "tuple", line: e.line, args: []*expr{e}}
	for p.skipOp(",") {
		if p.peek().kind == kBlockEnd {
			break
		}
		t.args = append(t.args, p.or())
	}
	return t
}

// target reads names to assign to, up to the word end where there is one.
func (p *parser) target(namespace bool, end string) *target {
	t := &target{}
	if p.skipOp("(") {
		t = p.target(false, "")
		p.expectOp(")")
		return t
	}
	for {
		name := p.expect(kName, "a name")
		switch name.text {
		case "true", "True", "false", "False", "none", "None":
			p.fail(name.line, "can't assign to "+name.text)
		}
		t.names = append(t.names, name.text)
		if namespace && !t.tuple && p.skipOp(".") {
			t.attr = p.expect(kName, "the name of an attribute").text
			return t
		}
		if !p.skipOp(",") {
			return t
		}
		t.tuple = true
		if n := p.peek(); n.op("=") || n.op(")") || n.kind == kBlockEnd || end != "" && n.word(end) {
			return t
		}
	}
}

// signature reads the parameters of a macro.
func (p *parser) signature() []param {
	var list []param
	p.expectOp("(")
	for !p.skipOp(")") {
		if len(list) > 0 {
			p.expectOp(",")
			if p.skipOp(")") {
				break
			}
		}
		a := param{name: p.expect(kName, "the name of a parameter").text}
		if p.skipOp("=") {
			a.value = p.expression()
		} else if len(list) > 0 && list[len(list)-1].value != nil {
			p.fail(p.peek().line, "a parameter without a default follows one with a default")
		}
		list = append(list, a)
	}
	return list
}
