package filter

import (
	"context"
	"encoding/json"

	"github.com/datamix-go/datamix"
)

// Not keeps what f drops and drops what f keeps, with the reason "not_" and the
// name of f.
func Not(f datamix.Filter) datamix.Filter {
	if err := Err(f); err != nil {
		return broken{err}
	}
	reason := datamix.Verdict("not_" + nameOf(f))
	return combined("not", []datamix.Filter{f}, func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
		v, err := f.Check(ctx, r)
		if err != nil || v != datamix.Keep {
			return datamix.Keep, err
		}
		return reason, nil
	})
}

// Any keeps what at least one of the filters keeps; they are asked in order,
// until one keeps. The reason for a drop is that of the last one. Any of
// nothing is an error.
func Any(filters ...datamix.Filter) datamix.Filter {
	return combined("any", filters, func(ctx context.Context, r *datamix.Record) (v datamix.Verdict, err error) {
		for _, f := range filters {
			if v, err = f.Check(ctx, r); err != nil || v == datamix.Keep {
				return v, err
			}
		}
		return v, nil
	})
}

// All keeps what every one of the filters keeps; they are asked in order, and
// the reason for a drop is that of the first that drops. It is what
// datamix.Where does, as a filter that stands inside Not and Any. All of
// nothing is an error.
func All(filters ...datamix.Filter) datamix.Filter {
	return combined("all", filters, func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
		for _, f := range filters {
			if v, err := f.Check(ctx, r); err != nil || v != datamix.Keep {
				return v, err
			}
		}
		return datamix.Keep, nil
	})
}

// combined returns a filter that asks others, described if they all are.
func combined(name string, filters []datamix.Filter, check func(context.Context, *datamix.Record) (datamix.Verdict, error)) datamix.Filter {
	if len(filters) == 0 {
		return brokenf(name, "it needs at least one filter")
	}
	c := &rule{name: name, described: true, borrows: true, check: check, spec: datamix.Spec{Name: name, Version: 1}}
	for _, f := range filters {
		if err := Err(f); err != nil {
			return broken{err}
		}
		s, ok := datamix.Describe(f)
		c.spec.Inner, c.described = append(c.spec.Inner, s), c.described && ok
		c.borrows = c.borrows && datamix.Borrows(f)
	}
	return c
}

// Reason makes reason the one for all drops of f, so that a ledger counts them
// apart from those of other filters of the same kind.
func Reason(f datamix.Filter, reason datamix.Verdict) datamix.Filter {
	if err := Err(f); err != nil {
		return broken{err}
	}
	if reason == datamix.Keep {
		return brokenf("reason", "the reason is empty")
	}
	named := &rule{name: string(reason), borrows: datamix.Borrows(f), check: func(ctx context.Context, r *datamix.Record) (datamix.Verdict, error) {
		v, err := f.Check(ctx, r)
		if err != nil || v == datamix.Keep {
			return v, err
		}
		return reason, nil
	}}
	if inner, ok := datamix.Describe(f); ok {
		data, err := json.Marshal(inner)
		if err != nil {
			return brokenf("reason", "the filter's Spec: %v", err)
		}
		named.spec, named.described = datamix.NewSpec("reason", 1, reasonOptions{string(reason), data}), true
	}
	return named
}

// reasonOptions hold the filter in any form that ParseSpec reads.
type reasonOptions struct {
	As     string          `json:"as"`
	Filter json.RawMessage `json:"filter"`
}
