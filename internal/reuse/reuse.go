// Package reuse keeps memory that is needed again.
package reuse

import "sync"

// List holds what was put in until it is taken again. Other than a sync.Pool it
// keeps it when the garbage collector runs, as long as the list is there: make one
// for a loop that has few values at a time, not for the whole program. The zero
// List is empty. It is safe for concurrent use.
type List[T any] struct {
	mu   sync.Mutex
	free []T
}

// Get takes the value that was put in last; ok is false where there is none.
func (l *List[T]) Get() (v T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.free) - 1
	if n < 0 {
		return v, false
	}
	v = l.free[n]
	clear(l.free[n:])
	l.free = l.free[:n]
	return v, true
}

// Put puts a value in.
func (l *List[T]) Put(v T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, v)
}
