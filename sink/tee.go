package sink

import (
	"context"
	"errors"
	"slices"

	"github.com/datamix-go/datamix"
)

// Tee returns a sink that writes every record to all of sinks, in their order.
// With none it is Discard.
//
// A Write that fails is not offered to the sinks after the failing one. Close,
// Abort and WriteReport reach all of them whatever the others say, and their
// errors are joined. There is no common commit: when one sink fails to Close,
// those that closed well stay committed.
//
// Sinks must not modify records, so all see the same.
func Tee(sinks ...datamix.Sink) datamix.Sink {
	if len(sinks) == 0 {
		return Discard()
	}
	return &tee{sinks: append([]datamix.Sink(nil), sinks...)}
}

type tee struct{ sinks []datamix.Sink }

// Write writes r to each sink.
func (t *tee) Write(ctx context.Context, r *datamix.Record) error {
	for _, s := range t.sinks {
		if err := s.Write(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Borrows reports whether all sinks encode records at once.
func (t *tee) Borrows() bool {
	return !slices.ContainsFunc(t.sinks, func(s datamix.Sink) bool { return !datamix.Borrows(s) })
}

// Close closes each sink.
func (t *tee) Close() error {
	return t.each(datamix.Sink.Close)
}

// Abort aborts each sink.
func (t *tee) Abort() error {
	return t.each(datamix.Abort)
}

// WriteReport gives the report to each sink that wants one.
func (t *tee) WriteReport(r datamix.Report) error {
	return t.each(func(s datamix.Sink) error {
		if rs, ok := s.(datamix.ReportSink); ok {
			return rs.WriteReport(r)
		}
		return nil
	})
}

func (t *tee) each(do func(datamix.Sink) error) error {
	var errs []error
	for _, s := range t.sinks {
		errs = append(errs, do(s))
	}
	return errors.Join(errs...)
}
