package source_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
)

// told is what a test keeps of an element of a sequence.
func told(r *datamix.Record, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(r.Origin, r.ContentHash(), len(r.Fields()), r.Tools())
}

// batched reads a source by its batches.
func batched(ctx context.Context, t *testing.T, src datamix.Source, o datamix.BatchOptions) (out []string, err error) {
	t.Helper()
	seq, ok := datamix.Batches(ctx, src, o, func(batch datamix.Seq) any {
		var lines []string
		for r, err := range batch {
			lines = append(lines, told(r, err))
		}
		return lines
	})
	require.True(t, ok)
	for lines, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, lines.([]string)...)
	}
	return out, nil
}

func manyRows() fstest.MapFS {
	var lines, array strings.Builder
	array.WriteString("[")
	for i := range 3000 {
		fmt.Fprintf(&lines, `{"prompt":"%d \n %s","completion":"\u00e9 %d"}`+"\n", i, strings.Repeat(`word\t`, i%70), i)
		if i%500 == 77 {
			lines.WriteString("{\"prompt\": 1\n") // no row
		}
		fmt.Fprintf(&array, `%s{"messages":[{"role":"user","content":"%d"},{"role":"assistant","content":"\"%s\""}]}`,
			map[bool]string{true: ",", false: ""}[i > 0], i, strings.Repeat("x", i%200))
	}
	array.WriteString("]")
	return fstest.MapFS{"a.jsonl": {Data: []byte(lines.String())}, "b.json": {Data: []byte(array.String())},
		"c.csv": {Data: []byte("question,answer\n1,2\n3,4\n")}, "d.jsonl": {Data: []byte("{\"prompt\":\"1\",\"completion\":\"a\"}")}}
}

func TestBatchesAreWhatRecordsYields(t *testing.T) {
	src := source.Files(manyRows(), ".", nil)
	var want []string
	for r, err := range src.Records(t.Context()) {
		want = append(want, told(r, err))
	}
	require.Len(t, want, 6009)
	for _, o := range []datamix.BatchOptions{{Workers: 1}, {Workers: 1, Lend: true}, {Workers: 2}, {Workers: 8, Lend: true}} {
		got, err := batched(t.Context(), t, src, o)
		require.NoError(t, err)
		assert.Equal(t, want, got, "%+v", o)
	}
}

// borrower is an adapter that keeps nothing of a row.
type borrower struct{ schema.Adapter }

func (borrower) Borrows() bool { return true }

func TestBatchesOfAnAdapterThatBorrows(t *testing.T) {
	pairs, err := schema.New("prompt_completion", nil)
	require.NoError(t, err)
	want, err := batched(t.Context(), t, source.Files(manyRows(), "a.jsonl", &source.Options{Adapter: pairs}), datamix.BatchOptions{Workers: 1, Lend: true})
	require.NoError(t, err)
	require.Len(t, want, 3006)
	for _, a := range []schema.Adapter{borrower{pairs}, schema.Named("pairs", 1, borrower{pairs})} {
		assert.True(t, datamix.Borrows(a))
		for _, workers := range []int{1, 2} {
			src := source.Files(manyRows(), "a.jsonl", &source.Options{Adapter: a})
			got, err := batched(t.Context(), t, src, datamix.BatchOptions{Workers: workers, Lend: true})
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
	assert.False(t, datamix.Borrows(schema.Named("pairs", 1, schema.Func(pairs.Adapt))))
}

func TestBatchesEndAsRecordsDoes(t *testing.T) {
	fsys := manyRows()
	fsys["b.json"].Data = fsys["b.json"].Data[:50_000]
	for name, src := range map[string]datamix.Source{
		"damaged file": source.Files(fsys, ".", nil),
		"missing file": source.Files(fsys, "nothing.jsonl", nil),
	} {
		var want []string
		for r, err := range src.Records(t.Context()) {
			want = append(want, told(r, err))
		}
		for _, workers := range []int{1, 2} {
			got, err := batched(t.Context(), t, src, datamix.BatchOptions{Workers: workers, Lend: true})
			require.NoError(t, err)
			assert.Equal(t, want, got, name)
		}
	}
	_, ok := datamix.Batches(t.Context(), source.Files(fsys, ".", &source.Options{Workers: -1}), datamix.BatchOptions{Workers: 1}, nil)
	assert.False(t, ok, "wrong options are told by Records")
	_, ok = datamix.Batches(t.Context(), source.Records(), datamix.BatchOptions{Workers: 1}, nil)
	assert.False(t, ok)
}

func TestBatchesAreCancelled(t *testing.T) {
	why := errors.New("enough")
	for _, workers := range []int{1, 2} {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		seen := 0
		seq, ok := datamix.Batches(ctx, source.Files(manyRows(), ".", nil), datamix.BatchOptions{Workers: workers}, func(datamix.Seq) any { return nil })
		require.True(t, ok)
		var last error
		for _, err := range seq {
			last = err
			if seen++; seen == 2 {
				cancel(why)
			}
		}
		assert.ErrorIs(t, last, why)
		seen = 0
		for range seq { // a range that breaks leaves nothing behind, also of one that is over
			seen++
			break
		}
		assert.Equal(t, 1, seen)
	}
}
