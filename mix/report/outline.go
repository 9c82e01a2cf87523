package report

import (
	"strings"

	"github.com/datamix-go/datamix"
)

// line is a part or a group of parts, in the order in which they are shown.
type line struct {
	name   string
	depth  int
	group  bool
	share  float64 // the target, 0 for none
	have   float64
	unit   datamix.Unit
	output datamix.Tally
	epochs float64
}

// outline returns the parts with the groups that they are in, each before its
// parts. Where nothing is nested it is the parts.
func (p *Page) outline() (lines []line) {
	r := p.Report
	shown := map[string]int{}
	for _, q := range r.Parts {
		depth := 0
		for path := range prefixes(q.Group) {
			i, known := shown[path]
			if !known {
				i = len(lines)
				shown[path] = i
				lines = append(lines, line{name: path, depth: depth, group: true, unit: unitOf(q)})
			}
			lines[i].share += q.Share
			lines[i].have += r.Share(q)
			lines[i].output.Add(q.Output)
			depth++
		}
		name := q.Name
		if q.Group != "" {
			name = strings.TrimPrefix(name, q.Group+"/")
		}
		lines = append(lines, line{name: name, depth: depth, share: q.Share, have: r.Share(q), unit: unitOf(q), output: q.Output, epochs: q.Epochs})
	}
	return lines
}

// prefixes yields "a", "a/b" for "a/b".
func prefixes(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(path); i++ {
			if path[i] == '/' && !yield(path[:i]) {
				return
			}
		}
		if path != "" {
			yield(path)
		}
	}
}

// indented is the name with its depth in front, in a form that Markdown keeps.
func (l *line) indented() string {
	name := l.name
	if l.group && l.depth > 0 {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	if l.group {
		name += "/"
	}
	return strings.Repeat("\u00a0\u00a0", l.depth) + name
}
