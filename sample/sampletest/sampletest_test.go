package sampletest_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample/sampletest"
)

// sampler makes a sampler of a function over the sequence of its input.
func sampler(do func(in datamix.Seq, yield func(*datamix.Record, error) bool)) datamix.Sampler {
	return datamix.SamplerFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) { do(in.Records(ctx), yield) }
	})
}

// broken are samplers that break the contract, by the test of the suite that
// has to find them.
var broken = map[string]datamix.Sampler{
	"bad_records_are_passed_on_once": sampler(func(in datamix.Seq, yield func(*datamix.Record, error) bool) {
		for r, err := range in {
			if err == nil && !yield(r, nil) {
				return
			}
		}
	}),
	"yields_records_of_the_input_unchanged": sampler(func(in datamix.Seq, yield func(*datamix.Record, error) bool) {
		for r, err := range in {
			if !yield(r, err) || err == nil && !yield(r.Clone(), nil) {
				return
			}
		}
	}),
	"arrival_order_does_not_choose": sampler(func(in datamix.Seq, yield func(*datamix.Record, error) bool) {
		n := 0
		for r, err := range in {
			if n++; n%2 == 0 && err == nil {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}),
	"a_final_error_ends_the_sequence": sampler(func(in datamix.Seq, yield func(*datamix.Record, error) bool) {
		for r, err := range in {
			if datamix.Final(err) || !yield(r, err) {
				return
			}
		}
	}),
	"break_at_every_record": datamix.SamplerFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			block := make(chan bool)
			go func() { <-block }()
			for r, err := range in.Records(ctx) {
				if !yield(r, err) {
					return // and the goroutine stays
				}
			}
			close(block)
		}
	}),
	"the_consumer_owns_the_records": func() datamix.Sampler {
		return datamix.SamplerFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
			return func(yield func(*datamix.Record, error) bool) {
				var last *datamix.Record
				for r, err := range in.Records(ctx) {
					if !yield(r, err) {
						return
					}
					last = r
				}
				if last != nil && last.Text() == "the consumer's" {
					yield(last, nil)
				}
			}
		})
	}(),
	"opens_nothing_before_it_is_ranged_over": datamix.SamplerFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		for range in.Records(ctx) {
			break
		}
		return in.Records(ctx)
	}),
}

const brokenEnv = "DATAMIX_SAMPLETEST_BROKEN"

// TestBroken is run by TestFindsWhatIsBroken in a process of its own.
func TestBroken(t *testing.T) {
	if s := broken[os.Getenv(brokenEnv)]; s != nil {
		sampletest.Run(t, func() datamix.Sampler { return s }, nil)
	}
}

func TestFindsWhatIsBroken(t *testing.T) {
	for name := range broken {
		t.Run(name, func(t *testing.T) {
			program, err := os.Executable()
			require.NoError(t, err)
			cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestBroken$/^"+name+"$")
			cmd.Env = append(os.Environ(), brokenEnv+"="+name)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "the suite has found nothing: %s", out)
			assert.Contains(t, string(out), "--- FAIL: TestBroken/"+name)
		})
	}
}

func TestPassingThroughPasses(t *testing.T) {
	sampletest.Run(t, func() datamix.Sampler {
		return sampler(func(in datamix.Seq, yield func(*datamix.Record, error) bool) { in(yield) })
	}, nil)
}
