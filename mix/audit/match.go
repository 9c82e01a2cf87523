package audit

import "cmp"

// pair is what is kept of a record: half of the hash of its identity and half
// of that of its content.
type pair struct{ id, content uint64 }

func comparePairs(a, b pair) int {
	return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.content, b.content))
}

// matcher goes through the sorted pairs of both sets.
type matcher struct {
	diff     *SetDiff
	most     int // examples of each kind
	examples []Example
	want     [2]map[pair]int // example by the pair in either set
	shown    map[Change]int
}

// match matches the records of one cut.
func (m *matcher) match(older, newer []pair) {
	for len(older) > 0 || len(newer) > 0 {
		var id uint64
		switch {
		case len(older) == 0:
			id = newer[0].id
		case len(newer) == 0:
			id = older[0].id
		default:
			id = min(older[0].id, newer[0].id)
		}
		a, b := sameID(older, id), sameID(newer, id)
		m.matchID(older[:a], newer[:b])
		older, newer = older[a:], newer[b:]
	}
}

// sameID returns how many pairs at the start have an id.
func sameID(ps []pair, id uint64) (n int) {
	for n < len(ps) && ps[n].id == id {
		n++
	}
	return n
}

// matchID matches the records with one key: equal contents, then the rest in
// their order.
func (m *matcher) matchID(older, newer []pair) {
	var oldRest, newRest []pair
	for len(older) > 0 || len(newer) > 0 {
		switch {
		case len(newer) == 0 || len(older) > 0 && older[0].content < newer[0].content:
			oldRest, older = append(oldRest, older[0]), older[1:]
		case len(older) == 0 || newer[0].content < older[0].content:
			newRest, newer = append(newRest, newer[0]), newer[1:]
		default:
			m.diff.Same++
			older, newer = older[1:], newer[1:]
		}
	}
	n := min(len(oldRest), len(newRest))
	for i := range n {
		m.diff.Changed++
		m.example(Changed, &oldRest[i], &newRest[i])
	}
	for i := range oldRest[n:] {
		m.diff.Removed++
		m.example(Removed, &oldRest[n+i], nil)
	}
	for i := range newRest[n:] {
		m.diff.Added++
		m.example(Added, nil, &newRest[n+i])
	}
}
