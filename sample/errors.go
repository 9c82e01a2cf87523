package sample

import "errors"

var (
	// ErrTooFew is in the error of a sampler whose input holds less than was
	// asked for.
	ErrTooFew = errors.New("datamix: the input holds less than was asked for")
	// ErrUncounted is in the error for a record whose tokens are needed and
	// not counted: datamix.Count has to stand before the sampler.
	ErrUncounted = errors.New("datamix: the tokens of the record are not counted")
	// ErrTooLarge is in the error of a sampler that would have to keep more in
	// memory than it may.
	ErrTooLarge = errors.New("datamix: more records than the memory limit allows")
	// ErrChanged is in the error of a sampler that read its input again and
	// met other records than before.
	ErrChanged = errors.New("datamix: the source changed between two passes")
	// ErrExhausted is in the error of an Interleave that may not end early and
	// whose part has no record left when its turn comes.
	ErrExhausted = errors.New("datamix: a part ended before the others")
)
