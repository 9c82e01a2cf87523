package filter

import (
	"context"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// rule is a filter of this package.
type rule struct {
	name      string
	spec      datamix.Spec
	described bool
	borrows   bool
	check     func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error)
}

func (f *rule) Check(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
	return f.check(ctx, r)
}

func (f *rule) Spec() (datamix.Spec, bool) { return f.spec, f.described }

// Borrows reports that the filters of this package keep nothing of a record. Those
// of a function may.
func (f *rule) Borrows() bool { return f.borrows }

// newRule returns a filter with a Spec of version 1. options may be nil.
func newRule(name string, options any, judge func(*datamix.Record) (datamix.Verdict, error)) *rule {
	spec := datamix.NewSpec(name, 1, options)
	if string(spec.Options) == "{}" {
		spec.Options = nil
	}
	return &rule{name: name, spec: spec, described: true, borrows: true,
		check: func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) { return judge(r) }}
}

// newPredicate returns a filter that drops with one reason what keep refuses.
func newPredicate(name string, options any, reason datamix.Verdict, keep func(*datamix.Record) bool) *rule {
	return newRule(name, options, func(r *datamix.Record) (datamix.Verdict, error) {
		if keep(r) {
			return datamix.Keep, nil
		}
		return reason, nil
	})
}

// broken is what a constructor returns for arguments that contradict each
// other: the first record that it sees ends the run.
type broken struct{ err error }

func brokenf(name, format string, args ...any) datamix.Filter {
	return broken{fmt.Errorf("datamix/filter: %s: %s", name, fmt.Sprintf(format, args...))}
}

func (b broken) Check(context.Context, *datamix.Record) (datamix.Verdict, error) {
	return datamix.Keep, datamix.Fatal(b.err)
}

// Err returns what is wrong with the arguments that a filter of this package
// was made of, nil where nothing is. A filter with an error ends the run at the
// first record; a Registry never returns one.
func Err(f datamix.Filter) error {
	if b, ok := f.(broken); ok {
		return b.err
	}
	if f == nil {
		return errNil
	}
	return nil
}

var errNil = errors.New("datamix/filter: the filter is nil")

// nameOf returns what a filter is called in reasons.
func nameOf(f datamix.Filter) string {
	if r, ok := f.(*rule); ok {
		return r.name
	}
	if s, ok := datamix.Describe(f); ok {
		return s.Name
	}
	return "filter"
}

// Func makes a filter of a function that returns true for the records to keep.
// name is the reason for its drops, so it should be short and hold no spaces.
// The function must be safe for concurrent use and must not modify the record.
//
// A function cannot be rebuilt from a description, so the filter has no Spec
// and no cache trusts it: see NamedFunc.
func Func(name string, keep func(r *datamix.Record) bool) datamix.Filter {
	switch {
	case name == "":
		return brokenf("func", "the name is empty; it is the reason for drops")
	case keep == nil:
		return brokenf(name, "the function is nil")
	}
	return &rule{name: name, check: func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if keep(r) {
			return datamix.Keep, nil
		}
		return datamix.Verdict(name), nil
	}}
}

// NamedFunc is Func with a Spec: caches may trust the filter, and a registry to
// which name was added rebuilds it. version counts from 1 and must go up
// whenever the function judges otherwise.
func NamedFunc(name string, version int, keep func(r *datamix.Record) bool) datamix.Filter {
	f, ok := Func(name, keep).(*rule)
	switch {
	case !ok:
		return Func(name, keep)
	case version < 1:
		return brokenf(name, "the version is %d, want at least 1", version)
	}
	f.spec, f.described = datamix.Spec{Name: name, Version: version}, true
	return f
}
