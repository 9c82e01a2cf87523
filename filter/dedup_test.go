package filter_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

func sourceOf(rs ...*datamix.Record) datamix.Source {
	for i, r := range rs {
		if r != nil && r.Origin.Pass == 0 {
			r.Origin.Row = int64(i)
		}
	}
	return datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for _, r := range rs {
				if r == nil {
					if !yield(nil, &datamix.RecordError{Stage: "read", Err: errors.New("bad row")}) {
						return
					}
				} else if !yield(r, nil) {
					return
				}
			}
		}
	})
}

func TestDedup(t *testing.T) {
	first := chat("Hi  There", "a")
	rs := []*datamix.Record{first, chat("hi there", "A"), nil, chat("Hi  There", "a"), chat("Hi  There", "b"), datamix.NewText("b"),
		datamix.NewChat(datamix.Assistant("a")), datamix.NewChat(datamix.Assistant("z"))}
	repeat := first.Clone()
	repeat.Origin.Pass = 1
	src := sourceOf(append(rs, repeat)...)
	byURL := func(r *datamix.Record) string { return strings.TrimSuffix(r.Prompt(), "e") }
	for name, test := range map[string]struct {
		options *filter.DedupOptions
		want    []int64
	}{
		"default":    {nil, []int64{0, 1, 4, 5, 6, 7, 0}},
		"content":    {&filter.DedupOptions{By: filter.ByContent}, []int64{0, 1, 4, 5, 6, 7, 0}},
		"prompt":     {&filter.DedupOptions{By: filter.ByPrompt}, []int64{0, 1, 5, 6, 7, 0}},
		"response":   {&filter.DedupOptions{By: filter.ByResponse}, []int64{0, 1, 4, 7, 0}},
		"normalized": {&filter.DedupOptions{By: filter.ByNormalized}, []int64{0, 4, 5, 6, 7, 0}},
		"function":   {&filter.DedupOptions{Key: byURL}, []int64{0, 1, 5, 6, 7, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			stage, err := filter.Dedup(test.options)
			require.NoError(t, err)
			for range 2 { // each range starts afresh
				var rec datamix.Recorder
				var got []int64
				bad := 0
				for r, err := range datamix.Chain(src, stage).Records(datamix.WithObserver(t.Context(), rec.Observer(nil))) {
					if err != nil {
						bad++
						continue
					}
					got = append(got, r.Origin.Row)
				}
				assert.Equal(t, test.want, got)
				assert.Equal(t, 1, bad, "errors pass")
				l := rec.Ledger()
				l.Kept, l.Skipped = int64(len(test.want)-1), 1
				require.NoError(t, l.Check())
				assert.EqualValues(t, 7-(len(test.want)-1), l.Dropped["duplicate"])
			}
		})
	}
}

func TestDedupStopsEarly(t *testing.T) {
	stage, err := filter.Dedup(nil)
	require.NoError(t, err)
	for r, err := range stage.Apply(t.Context(), sourceOf(chat("a"), chat("b"), chat("c"))) {
		require.NoError(t, err)
		assert.EqualValues(t, 0, r.Origin.Row)
		break
	}
}

func TestDedupOptions(t *testing.T) {
	_, err := filter.Dedup(&filter.DedupOptions{By: "sound"})
	require.ErrorContains(t, err, "normalized")
	_, err = filter.Dedup(&filter.DedupOptions{By: filter.ByPrompt, Key: (*datamix.Record).Prompt})
	require.ErrorContains(t, err, "both")
	stage, err := filter.Dedup(&filter.DedupOptions{Key: (*datamix.Record).Prompt})
	require.NoError(t, err)
	_, ok := datamix.Describe(stage)
	assert.False(t, ok, "a function cannot be described")
}

// TestDedupIsRebuilt takes a chain through its Specs and JSON.
func TestDedupIsRebuilt(t *testing.T) {
	stage, err := filter.Dedup(&filter.DedupOptions{By: filter.ByPrompt})
	require.NoError(t, err)
	src := sourceOf(chat("a", "b"), chat("a", "c"), chat("b", "c"), chat("b"))
	chain := datamix.Chain(src, stage, datamix.Where(filter.NoEmptyTurns(), filter.Not(filter.Label("x", "y"))))
	specs, ok := datamix.Stages(chain)
	require.True(t, ok)
	data, err := json.Marshal(specs)
	require.NoError(t, err)
	var read []datamix.Spec
	require.NoError(t, json.Unmarshal(data, &read))
	stages := datamix.BuildStages(filter.Registry(nil), nil)
	require.NoError(t, filter.RegisterStages(stages))
	again, err := datamix.Rebuild(src, read, stages)
	require.NoError(t, err)
	assert.Equal(t, rowsOf(t, chain), rowsOf(t, again))
	assert.Equal(t, []int64{0, 2}, rowsOf(t, again))
	for text, want := range map[string]string{
		`{"name":"dedup","version":2}`:                         "version 2 is not known",
		`{"name":"dedup","options":{"key":"x"}}`:               `unknown option "key"; known are by`,
		`{"name":"dedup","options":"sound"}`:                   `unknown key "sound"`,
		`{"name":"dedup","options":{"by":3}}`:                  "option by: got number, want a string",
		`{"name":"dedup","inner":[{"name":"no_empty_turns"}]}`: "holds nothing else",
	} {
		var s datamix.Spec
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		_, err := stages.Build(s)
		assert.ErrorContains(t, err, want, text)
	}
}

func rowsOf(t *testing.T, src datamix.Source) (rows []int64) {
	t.Helper()
	for r, err := range src.Records(t.Context()) {
		require.NoError(t, err)
		rows = append(rows, r.Origin.Row)
	}
	return rows
}

// TestNormalizedKey holds the key against the plain definition.
func TestNormalizedKey(t *testing.T) {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aAéÉ \t\u00a0\u3000\nΣ日")
	same := 0
	for range 3000 {
		random := func() string {
			out := make([]rune, rng.IntN(4))
			for i := range out {
				out[i] = alphabet[rng.IntN(len(alphabet))]
			}
			return string(out)
		}
		a, b := random(), random()
		equal := filter.ByNormalized.Of(chat(a, "x")) == filter.ByNormalized.Of(chat(b, "x"))
		assert.Equal(t, plain(a) == plain(b) && (a == "") == (b == ""), equal, "%q and %q", a, b)
		if equal {
			same++
		}
	}
	assert.Greater(t, same, 100)
	assert.NotEqual(t, filter.ByNormalized.Of(datamix.NewText("a\xff")), filter.ByNormalized.Of(datamix.NewText("a\xfe")))
	assert.NotEqual(t, filter.ByNormalized.Of(chat("a b", "c")), filter.ByNormalized.Of(chat("a", "b c")))
}
