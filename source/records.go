package source

import (
	"context"
	"fmt"

	"github.com/datamix-go/datamix"
)

// Records returns a source of records that are in memory. It yields clones, so
// that consumers may modify what they get; rs must not change while a range
// lasts. A record whose Origin is the zero value gets its place in rs as
// Origin.Row. The source is a datamix.Sized and a datamix.Picker.
func Records(rs ...*datamix.Record) datamix.Source { return memory(rs) }

type memory []*datamix.Record

// Size returns the number of records.
func (m memory) Size(context.Context) (int64, bool) { return int64(len(m)), true }

// Records yields clones of the records.
func (m memory) Records(ctx context.Context) datamix.Seq { return m.Pick(ctx, nil) }

// Pick yields clones of the wanted records.
func (m memory) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for i, r := range m {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if r == nil {
				yield(nil, fmt.Errorf("source records: record %d is nil", i))
				return
			}
			o := r.Origin
			if o == (datamix.Origin{}) {
				o.Row = int64(i)
			}
			if want != nil && !want(o) {
				continue
			}
			r = r.Clone()
			r.Origin = o
			if !yield(r, nil) {
				return
			}
		}
	}
}
