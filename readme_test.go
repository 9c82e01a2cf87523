package datamix_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

// Example is the program of the README. It is compiled, not run: its data are
// the reader's.
func Example() {
	ctx, check := context.Background(), func(err error) {
		if err != nil {
			panic(err)
		}
	}
	// README begins
	tok, err := tokenize.Encoding("cl100k_base")
	check(err)
	math := source.Files(os.DirFS("data"), "gsm8k/*.jsonl", nil) // format and schema are found by looking
	chat := datamix.Chain(source.Files(os.DirFS("data"), "oasst/*.jsonl.gz", nil),
		datamix.Where(filter.MaxTokens(tok, 4096), filter.NoRefusals(nil),
			filter.Func("no-links", func(r *datamix.Record) bool { return !strings.Contains(r.Response(), "http") })))

	m, err := mix.New(mix.Recipe{Seed: 42, Unit: datamix.Tokens, Total: 1_000_000, Tokenizer: tok, Parts: []mix.Part{
		{Name: "math", Source: math, Quantity: mix.Share(0.4)},
		{Name: "chat", Source: chat, Quantity: mix.Share(0.6)},
	}}, nil)
	check(err)
	report, err := datamix.Run(ctx, m, sink.JSONL("out", nil)) // m is a Source: range over it, serve it, nest it
	check(err)
	fmt.Println(report) // shares, tokens, epochs, drops by reason
	// README ends
}

// TestReadmeShowsCodeThatCompiles holds the program in the README against
// Example.
func TestReadmeShowsCodeThatCompiles(t *testing.T) {
	own, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(own), "// README begins\n")
	require.True(t, ok)
	code, _, ok := strings.Cut(rest, "\t// README ends")
	require.True(t, ok)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	shown := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, shown)
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	assert.Equal(t, flat(code), flat(string(shown[1])))
}
