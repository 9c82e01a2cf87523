package audit

import (
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// prefixes holds every prefix of a set against the shares of a recipe, while the
// set is read. A group is farthest behind just before a record of it and
// farthest ahead just after one, so that only the record's group is looked at.
type prefixes struct {
	unit    datamix.Unit
	targets map[string]float64
	read    float64 // the size of the prefix
}

// newPrefixes returns nil where the recipe does not say what prefixes hold: by
// another order than interleaved, by stages, or by quantities that do not tell
// the shares beforehand.
func newPrefixes(r *mix.Recipe) *prefixes {
	if r == nil || r.Order != "" && r.Order != mix.Interleaved || len(r.Stages) > 0 {
		return nil
	}
	root := tree(r)
	p := &prefixes{unit: root.unit, targets: map[string]float64{}}
	addTargets(p.targets, root, 1)
	for name, target := range p.targets {
		if target < 0 {
			delete(p.targets, name)
		}
	}
	if len(p.targets) == 0 {
		return nil
	}
	return p
}

// record takes the next record into account. The group has it already.
func (p *prefixes) record(g *Group, size int64) {
	target, known := p.targets[g.Name]
	if !known {
		p.read += float64(size)
		return
	}
	have := float64(g.In(p.unit))
	g.behind = max(g.behind, target*p.read-(have-float64(size)))
	p.read += float64(size)
	g.ahead = max(g.ahead, have-target*p.read)
}

// judge notes groups that left their share at some prefix. Interleaving keeps
// every part within the longest record of all; that the set as a whole is not
// exactly on target allows for one more.
func (p *prefixes) judge(a *auditor) {
	var longest int64 = 1
	for _, g := range a.groups {
		longest = max(longest, g.longest.In(p.unit))
	}
	var worst *Group
	for _, g := range a.groups {
		g.behind = max(g.behind, p.targets[g.Name]*p.read-float64(g.In(p.unit)))
		if max(g.ahead, g.behind) > float64(2*longest) && (worst == nil || max(g.ahead, g.behind) > max(worst.ahead, worst.behind)) {
			worst = g
		}
	}
	if worst == nil {
		return
	}
	way, most := "ahead of", worst.ahead
	if worst.behind > most {
		way, most = "behind", worst.behind
	}
	a.note(Prefix, worst.Name, "not every prefix of the set is the mix: at one, part %s is %s %s %s its share; the longest record has %s",
		worst.Name, datamix.Thousands(int64(most)), words(p.unit), way, datamix.Thousands(longest)+fmt.Sprint(" ", words(p.unit)))
}
