package sample

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/datamix-go/datamix"
)

// ShuffleOptions are those of Shuffle and ShuffleBuffer.
type ShuffleOptions struct {
	// Seed makes the order another one.
	Seed uint64 `json:"seed,omitempty"`
	// MaxRecords limits the number of records that are kept; 0 is no limit.
	// Only Shuffle knows it.
	MaxRecords int64 `json:"max_records,omitempty"`
	// MaxBytes limits the memory, by estimate; 0 is 1 GiB, a negative number no
	// limit. Beyond a limit the sequence ends with an error that wraps
	// ErrTooLarge.
	MaxBytes int64 `json:"max_bytes,omitempty"`
}

// Shuffle yields all records in a random order, every permutation as probable
// as another: it keeps all of them in memory and sorts them by priority. The
// order does not depend on that of the input.
func Shuffle(opts *ShuffleOptions) (datamix.Sampler, error) {
	if opts == nil {
		opts = &ShuffleOptions{}
	}
	if opts.MaxRecords < 0 {
		return nil, fmt.Errorf("shuffle: the largest number of records is negative: %d", opts.MaxRecords)
	}
	return &shuffle{*opts, datamix.PriorityBase(opts.Seed, "sample/shuffle")}, nil
}

type shuffle struct {
	opts ShuffleOptions
	base uint64
}

// Spec describes the sampler.
func (s *shuffle) Spec() (datamix.Spec, bool) { return datamix.NewSpec("shuffle", 1, s.opts), true }

// Sample yields the records of in in random order.
func (s *shuffle) Sample(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		mem := newMemory(s.opts.MaxBytes)
		var all []entry
		whole := scan(ctx, in, yield, func(r *datamix.Record, ordinal int64) error {
			if s.opts.MaxRecords > 0 && ordinal >= s.opts.MaxRecords {
				return fmt.Errorf("shuffle: %w: %d records", ErrTooLarge, s.opts.MaxRecords)
			}
			r = r.Clone()
			all = append(all, entry{priority: datamix.PriorityFrom(s.base, identity(r.Origin)), ordinal: ordinal, record: r})
			return wrap("shuffle", mem.add(r))
		})
		if whole {
			slices.SortFunc(all, byPriority)
			emit(ctx, all, yield)
		}
	}
}

// ShuffleBuffer shuffles approximately, in one pass over a stream of any
// length: it keeps size records, and for each that arrives lets one of them go
// and puts the new one in its place. Records near to each other in the input are
// pulled apart by about size; what stands at the start of a long input does not
// get to its end. The result depends on the order of the input. For a true
// permutation use Shuffle.
func ShuffleBuffer(size int, opts *ShuffleOptions) (datamix.Sampler, error) {
	if opts == nil {
		opts = &ShuffleOptions{}
	}
	if size < 1 {
		return nil, fmt.Errorf("shuffle_buffer: the size is %d, want 1 or more", size)
	}
	if opts.MaxRecords != 0 {
		return nil, errors.New("shuffle_buffer: MaxRecords is not its option, the size says it")
	}
	return &shuffleBuffer{size, *opts, datamix.PriorityBase(opts.Seed, "sample/shuffle_buffer")}, nil
}

type shuffleBuffer struct {
	size int
	opts ShuffleOptions
	base uint64
}

// shuffleBufferSpec is the Options of the Spec of ShuffleBuffer.
type shuffleBufferSpec struct {
	Size int `json:"size"`
	ShuffleOptions
}

// Spec describes the sampler.
func (s *shuffleBuffer) Spec() (datamix.Spec, bool) {
	return datamix.NewSpec("shuffle_buffer", 1, shuffleBufferSpec{s.size, s.opts}), true
}

// Sample yields the records of in, shuffled in a window.
func (s *shuffleBuffer) Sample(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		mem := newMemory(s.opts.MaxBytes)
		var window []entry
		whole := scan(ctx, in, yield, func(r *datamix.Record, ordinal int64) error {
			r = r.Clone()
			e := entry{priority: datamix.PriorityFrom(s.base, identity(r.Origin)), ordinal: ordinal, record: r}
			if len(window) == s.size {
				// The priority of the new record says which one goes.
				hi, _ := bits.Mul64(e.priority, uint64(s.size))
				old := window[hi].record
				window[hi] = e
				mem.remove(old)
				if err := mem.add(r); err != nil {
					return wrap("shuffle_buffer", err)
				}
				if !yield(old, nil) {
					return errStopped
				}
				return nil
			}
			window = append(window, e)
			return wrap("shuffle_buffer", mem.add(r))
		})
		if whole {
			slices.SortFunc(window, byPriority)
			emit(ctx, window, yield)
		}
	}
}
