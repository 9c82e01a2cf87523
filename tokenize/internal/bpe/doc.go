// Package bpe is byte pair encoding: a vocabulary with its merges, the merge of
// one piece of text, and the per-worker cache that counts pieces.
//
// Symbols. Inside the package a token is a symbol: a number in the order of the
// merges, so that the symbol of a merged pair is also the priority of the merge.
// Base symbols (single bytes, or single characters) come first.
//
// One pair per token. In any context a span of text becomes the token t only
// when no merge crosses the ends of the span, and then it evolves as it would
// alone. So only the pair that merging t's own text ends with can ever make t,
// whatever other pairs a file lists, and a token that its own text does not end
// with is never made by merging. Both builders keep exactly these pairs.
package bpe
