package sink

import (
	"context"

	"github.com/datamix-go/datamix"
)

// Discard returns a sink that takes every record and keeps none: for measuring
// and for runs of which only the report matters.
func Discard() datamix.Sink { return &discard{} }

type discard struct{ closed bool }

// Write drops the record.
func (d *discard) Write(context.Context, *datamix.Record) error {
	if d.closed {
		return errClosed
	}
	return nil
}

// Borrows reports that nothing is kept.
func (d *discard) Borrows() bool { return true }

// Close ends the sink.
func (d *discard) Close() error {
	d.closed = true
	return nil
}
