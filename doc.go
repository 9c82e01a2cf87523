// Package datamix builds training-data mixtures for language models: it reads
// the data sets that people use, filters them, counts tokens exactly, draws a
// mix in the declared ratio, writes shards that trainers load, and proves the
// result with a report.
//
// # Roles
//
// A program chains five roles, each an interface of one or two methods:
//
//	Source -> Filter -> Tokenizer -> Sampler -> Sink
//
// The packages source, filter, tokenize, sample and sink hold implementations;
// package mix draws several chains in a ratio. This package holds what they
// share: the interfaces, the record, the chain that connects them, and the run.
// It does no I/O.
//
//	math := source.Files(os.DirFS("data"), "gsm8k/*.jsonl", nil)
//	long := datamix.Chain(math, datamix.Where(filter.MinTokens(tok, 50)))
//	report, err := datamix.Run(ctx, long, sink.JSONL("out", nil))
//
// Each role has a verb that lifts it into a chain: Where for filters, Count for
// a tokenizer, Draw for a sampler. StepFunc makes a stage of a function over
// one record, StageFunc of one over the whole sequence. Every interface with
// one method has a Func adapter.
//
// # Sequences
//
// Records flow through range-over-func iterators, Seq. An element is a record
// or an error. A *RecordError says that one record is bad and the sequence goes
// on; any other error is final. Stages pass errors on, so that one OnError
// stage near the end decides about all bad records upstream: skip a number or a
// ratio of them, or put them in quarantine. Without one, Run ends at the first.
//
// A yielded record belongs to the consumer. Sources can be ranged over again,
// open their files when ranged over, and close them when the range ends.
//
// No goroutine outlives a range loop. Parallel is the stage that uses several
// goroutines; it keeps the order of records, so that results never depend on
// the number of workers.
//
// # Determinism
//
// The same inputs, recipe and seed give the same bytes. Every random choice
// about a record is Priority(seed, purpose, key), where the key is a hash of
// the record's identity: its path, its row and its place in the row.
//
// # Accounting
//
// A chain counts what its source yields, what is dropped and why, what was bad,
// and what samplers left unused: see Ledger. Whoever wants to watch passes an
// Observer in the context. Nothing is logged and no metrics are kept.
package datamix
