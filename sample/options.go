package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/datamix-go/datamix"
)

// Order is the order in which a sampler yields what it has drawn.
type Order string

const (
	// SourceOrder is the order of the input.
	SourceOrder Order = "source"
	// RandomOrder is a permutation by priority. The drawn records are kept in
	// memory.
	RandomOrder Order = "random"
)

func (o Order) check() error {
	switch o {
	case "", SourceOrder, RandomOrder:
		return nil
	}
	return fmt.Errorf("unknown order %q; known are %s, %s", string(o), SourceOrder, RandomOrder)
}

// Options are those of Uniform, Quota and Stratified. Nil stands for the zero
// Options.
type Options struct {
	// Seed makes the draw another one.
	Seed uint64 `json:"seed,omitempty"`
	// Order is the order of the output; "" is SourceOrder.
	Order Order `json:"order,omitempty"`
	// First takes the first records of the input instead of random ones. Only
	// Quota knows it.
	First bool `json:"first,omitempty"`
	// UpTo makes an input that holds less than was asked for yield all it has;
	// otherwise that is an error that wraps ErrTooFew.
	UpTo bool `json:"up_to,omitempty"`
	// OnePass ranges over the input once and keeps the drawn records in memory,
	// which lets a source through that can be read only once. It needs an
	// amount that is no fraction. RandomOrder with such an amount always does
	// so.
	OnePass bool `json:"one_pass,omitempty"`
	// MaxBytes limits what is kept in memory, by estimate; 0 is 1 GiB, a
	// negative number no limit. Beyond it the sequence ends with an error that
	// wraps ErrTooLarge.
	MaxBytes int64 `json:"max_bytes,omitempty"`
}

// defaultMaxBytes is what a sampler keeps in memory at most unless told
// otherwise: 1 GiB.
const defaultMaxBytes = 1 << 30

// recordOverhead is the estimate for what a record takes beside its texts, in
// bytes.
const recordOverhead = 512

// memory counts what a sampler keeps.
type memory struct{ used, max int64 }

func newMemory(limit int64) *memory {
	if limit == 0 {
		limit = defaultMaxBytes
	}
	return &memory{max: limit}
}

// add counts r, and says whether it is too much.
func (m *memory) add(r *datamix.Record) error {
	m.used += footprint(r)
	if m.max >= 0 && m.used > m.max {
		return fmt.Errorf("%w: %d bytes; raise MaxBytes, or draw less", ErrTooLarge, m.max)
	}
	return nil
}

func (m *memory) remove(r *datamix.Record) { m.used -= footprint(r) }

// footprint estimates the memory of a record's Clone, in bytes: its row, which
// columns hold a second time, and its texts.
func footprint(r *datamix.Record) int64 {
	n := int64(recordOverhead)
	if raw, ok := r.Raw(); ok {
		n += 2 * int64(len(raw))
	}
	for text := range r.Texts() {
		n += int64(len(text))
	}
	return n
}

// unmarshalStrict decodes JSON and refuses unknown keys and anything after the
// value.
func unmarshalStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more than one value")
	}
	return nil
}
