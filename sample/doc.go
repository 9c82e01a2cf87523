// Package sample chooses, orders, repeats and merges records.
//
// A Sampler sees a whole sequence and is put into a chain by datamix.Draw:
//
//	s, err := sample.Stratified("language", sample.Fraction(0.1), nil)
//	tenth := datamix.Chain(src, datamix.Draw(s))
//
// # What there is
//
//   - Uniform draws n rows, or a fraction of them, without replacement.
//   - Quota draws records until a number of rows, tokens or trainable tokens
//     is reached: at random, or the first ones. Take is the plain "first n".
//   - Stratified draws so that the ratio of a label stays what it was.
//   - Bernoulli is a filter: a fraction that holds on average, record by record.
//   - Repeat makes several passes, each in an order of its own.
//   - Shuffle permutes in memory, ShuffleBuffer approximately in a window.
//   - Reservoir keeps n records of a stream without end.
//   - Interleave merges several sources in a ratio that holds at every prefix;
//     Scheduler is its rule alone.
//   - Apportion rounds shares to whole numbers, TemperatureWeights and
//     UniMaxWeights compute shares from sizes, ParseShare reads them.
//
// # Choice
//
// Every random choice about a record is a hash of a seed, the purpose of the
// choice and the record's identity (datamix.Priority, datamix.Origin.Key), for
// a repeated record also of its pass. Nothing depends on the order of arrival,
// so a sampler draws the same records of a file whatever stands before it,
// whoever reads it and on however many machines. It follows that the draw of n
// records is part of the draw of n+1 with the same seed, and that records
// without an identity of their own (all made in memory with a zero Origin)
// cannot be told apart: give them rows.
//
// # Passes and memory
//
// Samplers that must know the whole sequence range over their input twice: first
// to measure, keeping 32 bytes a record, then to yield. The second range must
// yield the same records; a difference is an error that wraps ErrChanged. A
// source that can be read only once works where the documentation says that one
// pass is made, and is otherwise an error that wraps datamix.ErrConsumed. Bad
// records are passed on in the first range and left out of later ones.
//
// All samplers are immutable, safe for concurrent use, and start no goroutine.
package sample
