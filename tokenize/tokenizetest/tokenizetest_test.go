package tokenizetest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/datamix-go/datamix/tokenize/tokenizetest"
)

// byBytes is a tokenizer of another maker: a token for each byte.
type byBytes struct{ fault string }

func (b byBytes) Count(text string) int {
	if b.fault == "count" && text != "" {
		return len(text) + 1
	}
	return len(text)
}

func (b byBytes) Append(dst []uint32, text string) []uint32 {
	if b.fault == "append" {
		dst = nil
	}
	for _, c := range []byte(text) {
		dst = append(dst, uint32(c))
	}
	if b.fault == "empty" {
		dst = append(dst, 1)
	}
	return dst
}

func (b byBytes) CountUpTo(text string, limit int) (int, bool) {
	if len(text) > limit && b.fault != "limit" {
		return limit + 1, false
	}
	return len(text), true
}

// recorder takes the place of a test.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestRun(t *testing.T) {
	tokenizetest.Run(t, byBytes{})
	for _, fault := range []string{"count", "append", "empty", "limit"} {
		r := &recorder{TB: t}
		tokenizetest.Run(r, byBytes{fault})
		assert.NotEmpty(t, r.errors, fault)
	}
}
