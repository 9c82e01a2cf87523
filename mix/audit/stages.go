package audit

import (
	"math"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// stages holds the stretches of a set against the stages of a recipe: the first
// so many tokens are the first stage, and so on.
type stages struct {
	unit datamix.Unit
	list []stage
	at   int
	read int64 // the size of what was read
}

// stage is one stretch.
type stage struct {
	name    string
	size    int64
	end     int64              // of it, from the start of the set
	targets map[string]float64 // the share of each part that the stage has; -1 where that is open
	have    map[string]int64
}

// newStages returns nil for a recipe without stages. Where a stage's size
// follows from the sizes of the sources, the list is empty.
func newStages(r *mix.Recipe) *stages {
	if r == nil || len(r.Stages) == 0 {
		return nil
	}
	s := &stages{unit: tree(r).unit}
	var end int64
	for _, x := range r.Stages {
		size := int64(x.Total)
		if x.Share != nil {
			size = int64(math.Round(x.Share.Float64() * float64(r.Total)))
		}
		if size <= 0 {
			return &stages{unit: s.unit}
		}
		end += size
		s.list = append(s.list, stage{x.Name, size, end, stageTargets(r, &x), map[string]int64{}})
	}
	return s
}

// stageTargets returns the shares that a stage asks for.
func stageTargets(r *mix.Recipe, x *mix.Stage) map[string]float64 {
	own := r.ForStage(x)
	root := tree(&own)
	targets := map[string]float64{}
	addTargets(targets, root, 1)
	return targets
}

// addTargets notes the share of each leaf below a node, whose own share of the
// stage is whole, -1 where it is open.
func addTargets(targets map[string]float64, n *node, whole float64) {
	for i, target := range n.targets() {
		c := n.nested[i]
		if whole < 0 || target < 0 || len(c.nested) > 0 && c.unit != n.unit {
			target = -1
		} else {
			target *= whole
		}
		if len(c.nested) == 0 {
			targets[c.path] = target
		} else {
			addTargets(targets, c, target)
		}
	}
}

// record takes the next record into account.
func (s *stages) record(group string, size int64) {
	if len(s.list) == 0 {
		return
	}
	for s.at < len(s.list)-1 && s.read >= s.list[s.at].end {
		s.at++
	}
	s.list[s.at].have[group] += size
	s.read += size
}

// judge compares each stretch. A stage ends when each of its parts has given
// what it should, to within a record: so many records, and one, may lie on the
// wrong side of its borders.
func (s *stages) judge(a *auditor, root *node) {
	if len(s.list) == 0 {
		a.note(NotCompared, "", "the shares are not compared: the sizes of the recipe's stages follow from those of the sources")
		return
	}
	var all int64
	for i := range s.list {
		all += s.list[i].size
	}
	leaves := leavesOf(a.o.Recipe)
	for i := range s.list {
		x := &s.list[i]
		var whole int64
		for _, n := range x.have {
			whole += n
		}
		slack := float64(root.longest.In(s.unit)) * float64(len(leaves)+1)
		for _, leaf := range leaves {
			target := x.targets[leaf.path] // 0 for a part that is not in the stage
			have := float64(x.have[leaf.path])
			if target < 0 || math.Abs(have-target*float64(whole)) <= max(a.o.Tolerance*float64(whole), slack) {
				continue
			}
			share := have / float64(max(whole, 1))
			a.fail(Share, leaf.path, "in stage %s, part %s is %s of the %s, the recipe asks for %s: %+.2f points", x.name, leaf.path,
				percent(share), words(s.unit), percent(target), (share-target)*100)
		}
	}
	s.setTargets(root, all)
}

// setTargets gives the groups their shares of all stages together.
func (s *stages) setTargets(n *node, all int64) {
	for _, c := range n.nested {
		s.setTargets(c, all)
	}
	if n.group == nil {
		return
	}
	var sum float64
	for i := range s.list {
		t := s.list[i].targets[n.path]
		if t < 0 {
			return
		}
		sum += t * float64(s.list[i].size)
	}
	n.group.Target = sum / float64(all)
}

// total is the size that all stages have together, 0 where it is open.
func (s *stages) total() (n int64) {
	for i := range s.list {
		n += s.list[i].size
	}
	return n
}
