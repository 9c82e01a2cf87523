// Package filter holds filters for training data: by length in tokens, turns and
// characters, by labels, scores and patterns, for the hygiene of chats, and for
// exact duplicates.
//
//	datamix.Where(
//		filter.NoEmptyTurns(),
//		filter.MaxTokens(tok, 4096),
//		filter.Func("no-links", func(r *datamix.Record) bool { return !strings.Contains(r.Response(), "http") }),
//	)
//
// Every filter has one reason for its drops, its name where nothing else is
// said. All but those made of Go functions describe themselves by a Spec, and
// Registry builds them again from it: recipes name filters so. Filters are
// immutable and safe for concurrent use.
package filter
