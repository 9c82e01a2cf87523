package filter

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/datamix-go/datamix"
)

// DedupKey says what two records must have in common to be duplicates.
type DedupKey string

// The keys.
const (
	// ByContent compares all that the record says: datamix.Record.ContentHash.
	ByContent DedupKey = "content"
	// ByPrompt compares the first user turn, or the text.
	ByPrompt DedupKey = "prompt"
	// ByResponse compares the last assistant turn, or the text.
	ByResponse DedupKey = "response"
	// ByNormalized compares all texts in order, in lower case and with every
	// run of white space as one space.
	ByNormalized DedupKey = "normalized"
)

// Check returns an error for a key that is none of these.
func (k DedupKey) Check() error {
	switch k {
	case ByContent, ByPrompt, ByResponse, ByNormalized:
		return nil
	}
	return fmt.Errorf("datamix/filter: unknown key %q for duplicates; known are content, prompt, response, normalized", string(k))
}

// Of returns the record's hash under the key.
func (k DedupKey) Of(r *datamix.Record) datamix.Hash {
	switch k {
	case ByPrompt:
		if r.IsText() {
			return datamix.HashText(r.Text())
		}
		return datamix.HashText(r.Prompt())
	case ByResponse:
		return datamix.HashText(r.Response())
	case ByNormalized:
		var b strings.Builder
		for s := range r.Texts() {
			normalize(&b, s)
			b.WriteByte('\n')
		}
		return datamix.HashText(b.String())
	}
	return r.ContentHash()
}

// normalize writes s in lower case, with runs of white space as one space and
// none at the ends.
func normalize(b *strings.Builder, s string) {
	pending := false
	start := b.Len()
	for _, c := range s {
		if unicode.IsSpace(c) {
			pending = b.Len() > start
			continue
		}
		if pending {
			b.WriteByte(' ')
			pending = false
		}
		b.WriteRune(unicode.ToLower(c))
	}
}

// Dedup is the stage that drops every record whose key an earlier one had, with
// the reason "duplicate". Repetitions that a sampler made of a record, with a
// Pass above 0, are none. Each range starts afresh; memory is about 40 bytes
// for each different record. Across the parts of a mix, use its recipe's Dedup
// instead.
func Dedup(by DedupKey) (datamix.Stage, error) {
	if err := by.Check(); err != nil {
		return nil, err
	}
	return dedup{by}, nil
}

type dedup struct{ by DedupKey }

func (d dedup) Spec() (datamix.Spec, bool) { return datamix.NewSpec("dedup", 1, d.by), true }

func (d dedup) Apply(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		seen := map[datamix.Hash]struct{}{}
		for r, err := range in.Records(ctx) {
			if err == nil && r.Origin.Pass == 0 {
				key := d.by.Of(r)
				if _, dup := seen[key]; dup {
					datamix.Drop(ctx, "dedup", r, "duplicate")
					continue
				}
				seen[key] = struct{}{}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
