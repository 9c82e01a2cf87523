package filter

import (
	"context"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// DedupOptions are those of Dedup. Nil stands for the zero DedupOptions.
type DedupOptions struct {
	// By says what duplicates have in common; the default is ByContent.
	By DedupKey `json:"by,omitempty"`
	// Key computes the key instead of By, for example an address or a
	// normalised prompt. Records with an empty key are no duplicates of each
	// other. A Dedup with a Key has no Spec.
	Key func(r *datamix.Record) string `json:"-"`
}

// Dedup returns the stage that drops every record whose key an earlier one had,
// with the reason "duplicate": the first in the order of the sequence is kept.
// Repetitions that a sampler made of a record, with a Pass above 0, are none.
//
// Keys are compared by their 128-bit hash, so that n different records lose one
// wrongly with a probability of n*n/2^129. Each range starts afresh; memory is
// 20 to 32 bytes for each different record. Across the parts of a mix, use its
// recipe's Dedup instead.
//
// axolotl compares the whole row instead, in which the same chat with another
// id is another record; see ByContent.
func Dedup(o *DedupOptions) (datamix.Stage, error) {
	d := dedup{valueOf(o)}
	if d.By != "" && d.Key != nil {
		return nil, fmt.Errorf("datamix/filter: dedup: it has both by (%s) and a key function; want one", d.By)
	}
	if d.By == "" {
		d.By = ByContent
	}
	if err := d.By.Check(); err != nil {
		return nil, err
	}
	return d, nil
}

type dedup struct{ DedupOptions }

// Spec describes the stage, unless its key is a function.
func (d dedup) Spec() (datamix.Spec, bool) {
	return datamix.NewSpec("dedup", 1, d.DedupOptions), d.Key == nil
}

// Apply drops the duplicates of one range.
func (d dedup) Apply(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		var seen keySet
		for r, err := range in.Records(ctx) {
			if err == nil && r.Origin.Pass == 0 {
				if key, ok := d.key(r); ok && !seen.add(key) {
					datamix.Drop(ctx, "dedup", r, "duplicate")
					continue
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (d dedup) key(r *datamix.Record) (datamix.Hash, bool) {
	if d.Key == nil {
		return d.By.Of(r), true
	}
	key := d.Key(r)
	return datamix.HashText(key), key != ""
}

// RegisterStages makes the stages of this package known to g: "dedup".
func RegisterStages(g *datamix.Registry[datamix.Stage]) error {
	return g.Add("dedup", func(s datamix.Spec) (datamix.Stage, error) {
		if err := checkVersion(s); err != nil {
			return nil, err
		}
		if len(s.Inner) > 0 {
			return nil, errors.New("it holds nothing else")
		}
		var o DedupOptions
		if err := decodeOptional(s.Options, "by", &o); err != nil {
			return nil, err
		}
		return Dedup(&o)
	})
}
