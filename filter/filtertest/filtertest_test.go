package filtertest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter/filtertest"
)

// failures is a testing.TB that notes what fails.
type failures struct {
	testing.TB
	messages []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) {
	f.messages = append(f.messages, fmt.Sprintf(format, args...))
}

type described struct {
	datamix.FilterFunc
	spec datamix.Spec
}

func (d described) Spec() (datamix.Spec, bool) { return d.spec, true }

func keepAll(context.Context, *datamix.Record) (datamix.Verdict, error) { return datamix.Keep, nil }

// TestTheSuiteFindsFaults gives the suite filters that each break one rule.
func TestTheSuiteFindsFaults(t *testing.T) {
	var calls atomic.Int64
	var version atomic.Int64
	for want, f := range map[string]datamix.Filter{
		"a second time": datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) {
			if calls.Add(1)%7 == 0 {
				return "seventh", nil
			}
			return datamix.Keep, nil
		}),
		"is a sentence": datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) { return "this is bad", nil }),
		"differ in numbers alone": datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
			return datamix.Verdict(fmt.Sprintf("has_%d_bytes", len(r.Response()))), nil
		}),
		"ends the run": datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) {
			return datamix.Keep, datamix.Fatal(errors.New("broken"))
		}),
		"both the reason": datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) { return "x", errors.New("y") }),
		"want a name":     described{keepAll, datamix.Spec{Version: 1}},
		"at least 1":      described{keepAll, datamix.Spec{Name: "x"}},
		"are not JSON":    described{keepAll, datamix.Spec{Name: "x", Version: 1, Options: []byte("{")}},
		"the Spec changes": specFunc(func() datamix.Spec {
			return datamix.Spec{Name: "x", Version: int(version.Add(1))}
		}),
	} {
		t.Run(want, func(t *testing.T) {
			found := &failures{TB: t}
			filtertest.Run(found, f)
			require.NotEmpty(t, found.messages)
			assert.Contains(t, fmt.Sprint(found.messages), want)
		})
	}
}

// keeper remembers the response of every record that it has seen.
type keeper struct {
	seen    sync.Map
	borrows bool
	clone   bool
}

func (k *keeper) Borrows() bool { return k.borrows }

func (k *keeper) Check(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
	text := r.Response()
	if k.clone {
		text = strings.Clone(text)
	}
	kept, _ := k.seen.LoadOrStore(r.ContentHash(), text)
	if text := kept.(string); text > "M" {
		return "late", nil
	}
	return datamix.Keep, nil
}

func TestTheSuiteFindsWhatIsKeptOfLentRecords(t *testing.T) {
	filtertest.Run(t, &keeper{})
	filtertest.Run(t, &keeper{borrows: true, clone: true})
	found := &failures{TB: t}
	filtertest.Run(found, &keeper{borrows: true})
	require.NotEmpty(t, found.messages)
	assert.Contains(t, fmt.Sprint(found.messages), "for lent records")
}

type specFunc func() datamix.Spec

func (specFunc) Check(context.Context, *datamix.Record) (datamix.Verdict, error) {
	return datamix.Keep, nil
}
func (s specFunc) Spec() (datamix.Spec, bool) { return s(), true }

func TestTheSuiteFindsModifiedRecords(t *testing.T) {
	var first atomic.Bool // modifies once, since two goroutines at once would race
	found := &failures{TB: t}
	filtertest.Run(found, datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if !first.Swap(true) {
			r.SetLabel("seen", "yes")
		}
		return datamix.Keep, nil
	}))
	require.Len(t, found.messages, 1)
	assert.Contains(t, found.messages[0], "record 0 (filtertest:0) was modified")
}

func TestTheSuiteTakesGoodFilters(t *testing.T) {
	filtertest.Run(t, datamix.FilterFunc(keepAll))
	filtertest.Run(t, datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if r.IsText() {
			return datamix.Keep, errors.New("a text of " + fmt.Sprint(len(r.Text())) + " bytes")
		}
		return "chat", nil
	}))
}

func TestRoundTrip(t *testing.T) {
	good := described{keepAll, datamix.NewSpec("good", 1, 3)}
	registry := &datamix.Registry[datamix.Filter]{}
	require.NoError(t, registry.Add("good", func(s datamix.Spec) (datamix.Filter, error) { return described{keepAll, s}, nil }))
	require.NoError(t, registry.Add("other", func(s datamix.Spec) (datamix.Filter, error) { return good, nil }))
	require.NoError(t, registry.Add("strict", func(s datamix.Spec) (datamix.Filter, error) {
		return described{func(context.Context, *datamix.Record) (datamix.Verdict, error) { return "strict", nil }, s}, nil
	}))
	filtertest.RoundTrip(t, good, registry)
	for want, f := range map[string]datamix.Filter{
		"no Spec":           datamix.FilterFunc(keepAll),
		"cannot build":      described{keepAll, datamix.Spec{Name: "absent", Version: 1}},
		"no JSON form":      described{keepAll, datamix.Spec{Name: "x", Options: []byte("{")}},
		"when rebuilt from": described{keepAll, datamix.Spec{Name: "strict", Version: 1}},
		"the Spec is":       described{keepAll, datamix.Spec{Name: "other", Version: 1}},
	} {
		found := &failures{TB: t}
		filtertest.RoundTrip(found, f, registry)
		assert.Contains(t, fmt.Sprint(found.messages), want)
	}
}

func ExampleRun() {
	t := &testing.T{} // in a test: the one that it got
	filtertest.Run(t, datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if len(r.Messages()) > 10 {
			return "too_many_turns", nil
		}
		return datamix.Keep, nil
	}))
	fmt.Println(t.Failed())
	// Output: false
}
