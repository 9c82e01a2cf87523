package chat

import (
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// message is a turn of a record.
type message = datamix.Message

// The native forms write plain chats: turns of the roles system, user and
// assistant without tools and reasoning. They write what the Jinja text of the same
// name in forms renders, which is tested, and know the spans.

// plain reports whether a chat is one that the native forms write.
func plain(r *datamix.Record) bool {
	if r.Tools() != "" || len(r.Messages()) == 0 {
		return false
	}
	ms := r.Messages()
	for i := range ms {
		m := &ms[i]
		switch m.Role {
		case datamix.RoleSystem, datamix.RoleUser, datamix.RoleAssistant:
		default:
			return false
		}
		if len(m.ToolCalls) > 0 || m.Reasoning != "" {
			return false
		}
	}
	return true
}

func trim(s string) string { return strings.TrimFunc(s, jinja2.IsSpace) }

func writeChatML(p *page, _ *special, ms []message) {
	for i := range ms {
		p.add("<|im_start|>", ms[i].Role, "\n")
		p.turn(ms, i, ms[i].Content, "<|im_end|>")
		p.add("\n")
	}
}

func writeLlama3(p *page, t *special, ms []message) {
	p.add(t.bos)
	writeLlama3Turns(p, ms, 0)
}

func writeLlama3Turns(p *page, ms []message, from int) {
	for i := from; i < len(ms); i++ {
		p.add("<|start_header_id|>", ms[i].Role, "<|end_header_id|>\n\n")
		p.turn(ms, i, trim(ms[i].Content), "<|eot_id|>")
	}
}

func writeLlama31(p *page, t *special, ms []message) {
	p.add(t.bos, "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n")
	from := 0
	if ms[0].Role == datamix.RoleSystem {
		p.turn(ms, 0, trim(ms[0].Content), "")
		from = 1
	}
	p.add("<|eot_id|>")
	writeLlama3Turns(p, ms, from)
}

func writeTulu(p *page, t *special, ms []message) {
	for i := range ms {
		p.add("<|", ms[i].Role, "|>\n")
		if ms[i].Role != datamix.RoleAssistant {
			p.turn(ms, i, ms[i].Content, "")
			p.add("\n")
			continue
		}
		p.turn(ms, i, ms[i].Content, t.eos)
		if i < len(ms)-1 {
			p.add("\n")
		}
	}
}

func writeZephyr(p *page, t *special, ms []message) {
	for i := range ms {
		p.add("<|", ms[i].Role, "|>\n")
		p.turn(ms, i, ms[i].Content, t.eos)
		p.add("\n")
	}
}

// alternate finds out whether user and assistant turns alternate after from, the
// user's first. Where they do not the Jinja text says what is wrong.
func (p *page) alternate(ms []message, from int) bool {
	for i := from; i < len(ms); i++ {
		if (ms[i].Role == datamix.RoleUser) != ((i-from)%2 == 0) || ms[i].Role == datamix.RoleSystem {
			p.refused = true
			return false
		}
	}
	return true
}

// systemFirst returns the text of a first system turn, and how many turns it takes.
func systemFirst(ms []message) (text string, from int) {
	if ms[0].Role == datamix.RoleSystem {
		return ms[0].Content, 1
	}
	return "", 0
}

// moved writes the text of the system turn where it goes before another turn's.
func (p *page) moved(ms []message, from int, behind string) {
	if from == 1 {
		p.turn(ms, 0, ms[0].Content, "")
		p.add(behind)
	}
}

func writeMistral1(p *page, t *special, ms []message) {
	_, from := systemFirst(ms)
	if !p.alternate(ms, from) || from == len(ms) {
		p.refused = true // a chat of nothing but a system turn, too
		return
	}
	p.add(t.bos)
	for i := from; i < len(ms); i++ {
		if ms[i].Role == datamix.RoleAssistant {
			p.turn(ms, i, ms[i].Content, t.eos)
			continue
		}
		p.add("[INST] ")
		if i == from {
			p.moved(ms, from, "\n\n")
		}
		p.turn(ms, i, ms[i].Content, "")
		p.add(" [/INST]")
	}
}

func writeMistral3(p *page, t *special, ms []message) {
	_, from := systemFirst(ms)
	if !p.alternate(ms, from) || from == len(ms) {
		p.refused = true
		return
	}
	last := len(ms) - 1
	for ms[last].Role != datamix.RoleUser {
		last--
	}
	p.add(t.bos)
	for i := from; i < len(ms); i++ {
		if ms[i].Role == datamix.RoleAssistant {
			p.add(" ")
			p.turn(ms, i, trim(ms[i].Content), t.eos)
			continue
		}
		p.add("[INST] ")
		if i == last {
			p.moved(ms, from, "\n\n")
		}
		p.turn(ms, i, ms[i].Content, "")
		p.add("[/INST]")
	}
}

func writeGemma(p *page, t *special, ms []message) {
	if !p.alternate(ms, 0) {
		return
	}
	p.add(t.bos)
	writeGemmaTurns(p, ms, 0)
}

func writeGemma3(p *page, t *special, ms []message) {
	_, from := systemFirst(ms)
	if !p.alternate(ms, from) || from == len(ms) {
		p.refused = true
		return
	}
	p.add(t.bos)
	writeGemmaTurns(p, ms, from)
}

func writeGemmaTurns(p *page, ms []message, from int) {
	for i := from; i < len(ms); i++ {
		role := ms[i].Role
		if role == datamix.RoleAssistant {
			role = "model"
		}
		p.add("<start_of_turn>", role, "\n")
		if i == from {
			p.moved(ms, from, "\n\n")
		}
		p.turn(ms, i, trim(ms[i].Content), "<end_of_turn>")
		p.add("\n")
	}
}

func writeQwen25(p *page, _ *special, ms []message) {
	if ms[0].Role != datamix.RoleSystem {
		p.add("<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n")
	}
	writeChatML(p, nil, ms)
}

func writeQwen3(p *page, _ *special, ms []message) {
	question := len(ms) - 1
	for i := range ms {
		c := ms[i].Content
		switch {
		case ms[i].Role == datamix.RoleAssistant && strings.Contains(c, "</think>"):
			p.refused = true // the reasoning is in the text
			return
		case ms[i].Role == datamix.RoleUser && (!strings.HasPrefix(c, "<tool_response>") || !strings.HasSuffix(c, "</tool_response>")):
			question = i
		}
	}
	for i := range ms {
		p.add("<|im_start|>", ms[i].Role, "\n")
		if i == len(ms)-1 && i > question && ms[i].Role == datamix.RoleAssistant {
			p.begin()
			p.add("<think>\n\n</think>\n\n", strings.TrimLeft(ms[i].Content, "\n"), "<|im_end|>")
			p.end(ms, i)
		} else {
			p.turn(ms, i, ms[i].Content, "<|im_end|>")
		}
		p.add("\n")
	}
}
