package datamix

import (
	"context"
	"iter"
)

// Batcher is a Source that can show its records on the goroutines that make them,
// so that who wants to know a few things of each need not be handed the records.
// Use the function Batches.
type Batcher interface {
	Source
	// Batches calls look with one batch of records after the other, on so many
	// goroutines at once, and yields what look returns in the order of the
	// records. A batch is a part of what Records yields: in it are bad records
	// too, and at the end of the last one the error that ends the source.
	//
	// A lent record is valid until look returns: its memory, that of its row and
	// texts included, is used again, unless the source cannot do that. The error
	// of a bad record is not lent.
	//
	// ok is false where the source cannot; then nothing was read.
	Batches(ctx context.Context, o BatchOptions, look func(batch Seq) any) (seq iter.Seq2[any, error], ok bool)
}

// BatchOptions say how a Batcher works.
type BatchOptions struct {
	// Workers is the number of goroutines that make records, at least 1.
	Workers int
	// Lend says that records are needed no longer than look has the batch.
	Lend bool
}

// Batches is the method of src where it has it.
func Batches(ctx context.Context, src Source, o BatchOptions, look func(batch Seq) any) (seq iter.Seq2[any, error], ok bool) {
	if b, is := src.(Batcher); is {
		return b.Batches(ctx, o, look)
	}
	return nil, false
}

// Lender is a Source that can yield records which are valid only until the loop asks
// for the next one: their memory, that of their texts included, is used again. Run
// asks for it where the sink is a Borrower.
type Lender interface {
	Source
	Lend(ctx context.Context) Seq
}

// Borrower is a Filter, Tokenizer or Sink, or an adapter of a source, that can say
// whether it keeps anything of a record or text beyond the call, be it a part of a
// string. Those that are none are taken to keep something.
type Borrower interface{ Borrows() bool }

// Borrows reports whether f is known to keep nothing of what it is given.
func Borrows(f any) bool {
	b, ok := f.(Borrower)
	return ok && b.Borrows()
}
