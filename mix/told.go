package mix

import (
	"context"
	"fmt"

	"github.com/datamix-go/datamix"
)

// tellDuplicates tells an observer which records are dropped as duplicates of
// earlier ones. That is known only when all parts are measured and their records
// are gone, so those are read once more, where somebody wants to see them.
func (m *Mix) tellDuplicates(ctx context.Context, parts []*partIndex, again []*dropped) error {
	observer := datamix.ObserverFrom(datamix.Within(ctx))
	if observer.Drop == nil {
		return nil
	}
	for i, p := range parts {
		if again[i] == nil || again[i].n == 0 {
			continue
		}
		w := &wanted{part: p, chosen: &bitmap{words: again[i].bits}}
		for r, err := range datamix.Pick(datamix.Quiet(ctx), m.source(i), w.want) {
			if err == nil {
				_, err = w.came(r)
			}
			if err != nil {
				return partError(p.name, err)
			}
			r.Origin.Source = p.name
			observer.Drop("dedup", r, duplicate)
		}
		if left := w.left(); left > 0 {
			return partError(p.name, fmt.Errorf("%w: %d of its records are not there any more", errChanged, left))
		}
	}
	return nil
}
