package bpe

// node is a symbol in a list of symbols that shrinks as pairs merge.
type node struct {
	symbol     uint32
	prev, next int32
}

// mergeHeap merges base symbols by a priority queue of pairs: n log n in their
// number, for any order of merges.
func (v *Vocab) mergeHeap(sc *Scratch, base []uint32) []uint32 {
	list := sc.list[:0]
	for i, s := range base {
		list = append(list, node{s, int32(i - 1), int32(i + 1)})
	}
	if len(list) > 0 {
		list[len(list)-1].next = -1
	}
	queue := sc.queue[:0]
	for i := 1; i < len(list); i++ {
		if s := v.pairs.get(list[i-1].symbol, list[i].symbol); s != None {
			queue = push(queue, uint64(s)<<32|uint64(i-1))
		}
	}
	for len(queue) > 0 {
		var top uint64
		queue, top = pop(queue)
		at, merged := int32(uint32(top)), uint32(top>>32)
		next := list[at].next
		if list[at].symbol == None || next < 0 || v.pairs.get(list[at].symbol, list[next].symbol) != merged {
			continue // the pair is gone
		}
		list[at].symbol, list[next].symbol = merged, None
		list[at].next = list[next].next
		if after := list[at].next; after >= 0 {
			list[after].prev = at
			if s := v.pairs.get(merged, list[after].symbol); s != None {
				queue = push(queue, uint64(s)<<32|uint64(at))
			}
		}
		if before := list[at].prev; before >= 0 {
			if s := v.pairs.get(list[before].symbol, merged); s != None {
				queue = push(queue, uint64(s)<<32|uint64(before))
			}
		}
	}
	out := sc.out[:0]
	for i := int32(0); i >= 0 && len(list) > 0; i = list[i].next {
		out = append(out, list[i].symbol)
	}
	sc.list, sc.queue, sc.out = list, queue, out
	sc.trim()
	return out
}

func push(queue []uint64, x uint64) []uint64 {
	queue = append(queue, x)
	i := len(queue) - 1
	for i > 0 {
		up := (i - 1) / 4
		if queue[up] <= x {
			break
		}
		queue[i] = queue[up]
		i = up
	}
	queue[i] = x
	return queue
}

func pop(queue []uint64) ([]uint64, uint64) {
	top, last := queue[0], queue[len(queue)-1]
	queue = queue[:len(queue)-1]
	if len(queue) == 0 {
		return queue, top
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= len(queue) {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, len(queue)); c++ {
			if queue[c] < queue[least] {
				least = c
			}
		}
		if last <= queue[least] {
			break
		}
		queue[i] = queue[least]
		i = least
	}
	queue[i] = last
	return queue, top
}

// trim gives large slices back, so that one huge piece does not stay in memory.
func (sc *Scratch) trim() {
	if cap(sc.list)*12 > keepBytes {
		sc.list = nil
	}
	if cap(sc.queue)*8 > keepBytes {
		sc.queue = nil
	}
	if cap(sc.out)*4 > keepBytes {
		sc.out = nil
	}
	if cap(sc.alive)*8 > keepBytes {
		sc.alive = nil
	}
	if cap(sc.base)*4 > keepBytes {
		sc.base = nil
	}
}
