package sample

import (
	"context"
	"fmt"
	"math/big"

	"github.com/datamix-go/datamix"
)

// NotSampled is the reason for which Bernoulli drops a record.
const NotSampled datamix.Verdict = "not_sampled"

// Bernoulli returns a filter that keeps every record with probability p, 0 to 1,
// independently of all others: in one pass, in no memory, and only
// approximately; of n records it keeps p*n with a standard deviation of
// sqrt(n*p*(1-p)). What it keeps with one p it also keeps with a larger one and
// the same seed. For an exact number use Uniform.
func Bernoulli(p float64, seed uint64) (datamix.Filter, error) {
	share, err := FloatShare(p)
	if err != nil || share.Cmp(big.NewRat(1, 1)) > 0 {
		return nil, fmt.Errorf("bernoulli: the probability is %v, want 0 to 1", p)
	}
	b := &bernoulli{p: p, seed: seed, base: datamix.PriorityBase(seed, "sample/bernoulli"), all: p == 1}
	if !b.all { // floor(p * 2^64)
		limit := new(big.Int).Lsh(share.Num(), 64)
		b.limit = limit.Quo(limit, share.Denom()).Uint64()
	}
	return b, nil
}

type bernoulli struct {
	p           float64
	seed        uint64
	base, limit uint64
	all         bool
}

// bernoulliSpec is the Options of the Spec of Bernoulli.
type bernoulliSpec struct {
	P    float64 `json:"p"`
	Seed uint64  `json:"seed,omitempty"`
}

// Spec describes the filter.
func (b *bernoulli) Spec() (datamix.Spec, bool) {
	return datamix.NewSpec("bernoulli", 1, bernoulliSpec{b.p, b.seed}), true
}

// Check keeps r or drops it as NotSampled.
func (b *bernoulli) Check(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
	if b.all || datamix.PriorityFrom(b.base, identity(r.Origin)) < b.limit {
		return datamix.Keep, nil
	}
	return NotSampled, nil
}
