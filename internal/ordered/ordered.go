// Package ordered is the library's one bridge between goroutines and a range
// loop: a parallel map that keeps the order of its input.
package ordered

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
)

// Panic is a panic of another goroutine, carried to the caller of the loop
// with the stack of where it happened.
type Panic struct {
	Value any
	Stack []byte
}

// Error returns the value and the stack.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Unwrap returns the value where it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

type task[In, Out any] struct {
	in    In
	out   Out
	panic *Panic
	done  chan struct{}
}

// Map yields f of each item that feed produces, in the order of feed, computed
// by n goroutines. feed runs on a goroutine of its own with a context that ends
// when the loop does; it calls emit for each item and returns when emit returns
// false. At most 2n+2 items are between feed and the loop.
//
// When ctx ends, Map yields its cause as the error of a last, zero element, at
// once even if feed or f are busy. When the loop ends, for whatever reason,
// Map waits for feed and every f to return before it gives control back. A
// panic in feed or f is raised in the loop as a *Panic.
func Map[In, Out any](ctx context.Context, n int, feed func(ctx context.Context, emit func(In) bool), f func(ctx context.Context, in In) Out) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		pending := make(chan *task[In, Out], n+2)
		work := make(chan *task[In, Out])
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()

		wg.Go(func() {
			defer close(pending)
			defer close(work)
			var t *task[In, Out]
			if p := catch(func() {
				feed(ctx, func(in In) bool {
					t = &task[In, Out]{in: in, done: make(chan struct{})}
					return send(ctx, pending, t) && send(ctx, work, t)
				})
			}); p != nil {
				t = &task[In, Out]{panic: p, done: make(chan struct{})}
				close(t.done)
				send(ctx, pending, t)
			}
		})
		for range n {
			wg.Go(func() {
				for t := range work {
					t.panic = catch(func() { t.out = f(ctx, t.in) })
					close(t.done)
				}
			})
		}
		drain(ctx, pending, yield)
	}
}

func drain[In, Out any](ctx context.Context, pending <-chan *task[In, Out], yield func(Out, error) bool) {
	var zero Out
	for {
		var t *task[In, Out]
		var ok bool
		select {
		case t, ok = <-pending:
		case <-ctx.Done():
		}
		if t != nil {
			select {
			case <-t.done:
			case <-ctx.Done():
				t = nil
			}
		}
		switch {
		case ctx.Err() != nil:
			yield(zero, context.Cause(ctx))
			return
		case !ok:
			return
		case t.panic != nil:
			panic(t.panic)
		}
		if !yield(t.out, nil) {
			return
		}
	}
}

func send[T any](ctx context.Context, c chan<- T, v T) bool {
	select {
	case c <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

func catch(f func()) (p *Panic) {
	ok := false
	defer func() {
		if ok {
			return
		}
		v := recover()
		if v == nil {
			v = "goroutine ended by runtime.Goexit"
		}
		if again, is := v.(*Panic); is {
			p = again
			return
		}
		p = &Panic{Value: v, Stack: debug.Stack()}
	}()
	f()
	ok = true
	return nil
}
