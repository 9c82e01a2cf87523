package mix_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// hook calls do before each record of a source.
type hook struct {
	datamix.Source
	do func(row int64) error
}

func (h hook) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for r, err := range h.Source.Records(ctx) {
			if err == nil {
				if err = h.do(r.Origin.Row); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func several(n int, of func(i int) datamix.Source) mix.Recipe {
	r := mix.Recipe{Total: 10}
	for i := range n {
		r.Parts = append(r.Parts, mix.Part{Name: fmt.Sprint("p", i), Source: of(i), Quantity: mix.Weight(1)})
	}
	return r
}

func TestTheFirstFailureEndsAllMeasuring(t *testing.T) {
	broken := errors.New("broken")
	released := make(chan struct{})
	r := several(5, func(i int) datamix.Source {
		return hook{gen(fmt.Sprint("p", i), 1_000_000_000), func(row int64) error {
			if i == 1 && row == 10 {
				close(released)
				return broken
			}
			return nil
		}}
	})
	_, err := newMix(t, r, &mix.Options{Workers: 3}).Plan(t.Context())
	require.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "part p1: ")
	<-released
}

func TestMeasuringIsCancelled(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	r := several(3, func(i int) datamix.Source {
		return hook{gen(fmt.Sprint("p", i), 1_000_000_000), func(row int64) error {
			if row == 5000 {
				cancel(cause)
			}
			return nil
		}}
	})
	for _, workers := range []int{1, 4} {
		_, err := newMix(t, r, &mix.Options{Workers: workers}).Plan(ctx)
		require.ErrorIs(t, err, cause)
	}
}

func TestPanicsOfSourcesReachTheCaller(t *testing.T) {
	r := several(3, func(i int) datamix.Source {
		return hook{gen(fmt.Sprint("p", i), 100), func(row int64) error {
			if row == 50 && i == 2 {
				panic("oh")
			}
			return nil
		}}
	})
	assert.Panics(t, func() { _, _ = newMix(t, r, &mix.Options{Workers: 2}).Plan(t.Context()) })
}

// TestQuarantineIsInOrder measures parts at the same time, of which the first is
// the slowest: bad rows come part by part all the same.
func TestQuarantineIsInOrder(t *testing.T) {
	bad := map[int]bool{3: true, 900: true, 2500: true}
	recipe := func(keep datamix.Sink) mix.Recipe {
		r := several(6, func(i int) datamix.Source {
			return &generated{name: fmt.Sprint("p", i), n: 6000 / (i + 1), bad: bad}
		})
		r.OnError = datamix.Quarantine(keep, nil)
		return r
	}
	var want []string
	for _, workers := range []int{1, 2, 8} {
		var keep listSink
		_, err := newMix(t, recipe(&keep), &mix.Options{Workers: workers}).Plan(t.Context())
		require.NoError(t, err)
		if want == nil {
			want = keep.ids
		}
		assert.Equal(t, want, keep.ids)
		assert.Len(t, keep.ids, 3+3+2+2+2+2)
	}
}

type listSink struct{ ids []string }

func (s *listSink) Write(_ context.Context, r *datamix.Record) error {
	s.ids = append(s.ids, r.ID())
	return nil
}
func (s *listSink) Close() error { return nil }

// TestObserversSeeOneEventAtATime is for observers of users, without locks.
func TestObserversSeeOneEventAtATime(t *testing.T) {
	read := map[string]int{}
	var drops, progress int
	var busy sync.Mutex
	once := func() {
		assert.True(t, busy.TryLock())
		busy.Unlock()
	}
	ctx := datamix.WithObserver(t.Context(), &datamix.Observer{
		Read:     func(r *datamix.Record) { once(); read[r.Origin.Source]++ },
		Drop:     func(string, *datamix.Record, datamix.Verdict) { once(); drops++ },
		Progress: func(datamix.Progress) { once(); progress++ },
	})
	r := several(4, func(i int) datamix.Source { return gen(fmt.Sprint("p", i), 5000) })
	r.Filters = []datamix.Filter{even}
	_, err := newMix(t, r, &mix.Options{Workers: 4}).Plan(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"p0": 5000, "p1": 5000, "p2": 5000, "p3": 5000}, read)
	assert.Equal(t, 10_000, drops)
	assert.Positive(t, progress)
}
