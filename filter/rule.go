package filter

import (
	"context"
	"fmt"

	"github.com/datamix-go/datamix"
)

// rule is a filter of this package.
type rule struct {
	spec      datamix.Spec
	described bool
	check     func(r *datamix.Record) (datamix.Verdict, error)
}

func (f *rule) Check(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
	return f.check(r)
}

func (f *rule) Spec() (datamix.Spec, bool) { return f.spec, f.described }

// newRule returns a filter that drops with reason what keep refuses.
func newRule(name string, options any, reason datamix.Verdict, keep func(*datamix.Record) bool) datamix.Filter {
	return &rule{spec: datamix.NewSpec(name, 1, options), described: true,
		check: func(r *datamix.Record) (datamix.Verdict, error) {
			if keep(r) {
				return datamix.Keep, nil
			}
			return reason, nil
		}}
}

// Func makes a filter of a function that returns true for the records to keep.
// name is the reason for its drops. The function must be safe for concurrent
// use and must not modify the record.
//
// A function cannot be rebuilt from a description, so the filter has no Spec:
// see Named.
func Func(name string, keep func(r *datamix.Record) bool) datamix.Filter {
	return &rule{check: func(r *datamix.Record) (datamix.Verdict, error) {
		if keep(r) {
			return datamix.Keep, nil
		}
		return datamix.Verdict(name), nil
	}}
}

// Named is Func with a Spec: caches may trust the filter, and a registry to
// which name was added rebuilds it. version must go up whenever the function
// judges otherwise.
func Named(name string, version int, keep func(r *datamix.Record) bool) datamix.Filter {
	f := Func(name, keep).(*rule)
	f.spec, f.described = datamix.Spec{Name: name, Version: version}, true
	return f
}

// Not keeps what f drops and drops what f keeps, with the reason "not_" and f's
// name.
func Not(f datamix.Filter) datamix.Filter {
	name := "filter"
	spec, ok := datamix.Describe(f)
	if ok {
		name = spec.Name
	}
	reason := datamix.Verdict("not_" + name)
	return &judge{spec: datamix.Spec{Name: "not", Version: 1, Inner: []datamix.Spec{spec}}, described: ok,
		check: func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
			v, err := f.Check(ctx, r)
			if err != nil || v != datamix.Keep {
				return datamix.Keep, err
			}
			return reason, nil
		}}
}

// Any keeps what at least one of the filters keeps. The reason for a drop is
// that of the last one. Without filters it drops everything.
func Any(filters ...datamix.Filter) datamix.Filter {
	var inner []datamix.Spec
	described := true
	for _, f := range filters {
		s, ok := datamix.Describe(f)
		inner, described = append(inner, s), described && ok
	}
	return &judge{spec: datamix.Spec{Name: "any", Version: 1, Inner: inner}, described: described,
		check: func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
			v := datamix.Verdict("any")
			for _, f := range filters {
				var err error
				if v, err = f.Check(ctx, r); err != nil || v == datamix.Keep {
					return v, err
				}
			}
			return v, nil
		}}
}

// judge is a filter that asks others.
type judge struct {
	spec      datamix.Spec
	described bool
	check     func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error)
}

func (f *judge) Check(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
	return f.check(ctx, r)
}

func (f *judge) Spec() (datamix.Spec, bool) { return f.spec, f.described }

// Range is a range of whole numbers. A Max of 0 stands for no upper bound.
type Range struct {
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
}

func (g Range) check() error {
	if g.Min < 0 || g.Max < 0 || g.Max > 0 && g.Max < g.Min {
		return fmt.Errorf("min is %d and max is %d: want 0 <= min <= max", g.Min, g.Max)
	}
	return nil
}
