package schema_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

// FuzzAdapt gives rows to all adapters. None may panic; what one emits must be
// sound; and each column must be in the record or Extra: an adapter that uses
// no column of a row cannot emit it.
func FuzzAdapt(f *testing.F) {
	for _, c := range rows {
		f.Add([]byte(c.raw))
	}
	f.Add([]byte(oak))
	var all []schema.Adapter
	for _, name := range schema.Names() {
		a, err := schema.ByName(name)
		require.NoError(f, err)
		all = append(all, a)
	}
	tree, err := schema.New("oasst_tree", &schema.Options{Tree: "all"})
	require.NoError(f, err)
	mapped, err := schema.FromColumns(schema.Columns{User: schema.ColumnNames{"instruction?", "prompt?", "text?"}, Assistant: schema.ColumnNames{"output?"}})
	require.NoError(f, err)
	all = append(all, tree, mapped)
	f.Fuzz(func(t *testing.T, raw []byte) {
		first, err := (*datamix.Arena)(nil).JSON(raw, datamix.Origin{})
		if err != nil {
			return
		}
		adapters := all
		if _, a, err := schema.Detect(first); err == nil {
			adapters = append(adapters[:len(adapters):len(adapters)], a)
		}
		arena := &datamix.Arena{}
		for _, a := range adapters {
			r, err := arena.JSON(raw, datamix.Origin{})
			require.NoError(t, err)
			emitted := 0
			err = a.Adapt(r, func(r *datamix.Record) {
				checkRecord(t, r)
				require.Equal(t, emitted, r.Origin.Sub)
				require.Less(t, len(extra(r)), len(r.Fields()), "%T uses a column", a)
				require.Subset(t, fieldNames(r), extra(r))
				emitted++
			})
			require.Equal(t, err == nil, emitted > 0, "%T: %v", a, err)
			if err != nil {
				require.NotEmpty(t, err.Error())
				require.Equal(t, fieldNames(r), extra(r), "%T", a)
			}
		}
	})
}

func fieldNames(r *datamix.Record) (names []string) {
	for _, f := range r.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func TestConcurrentUse(t *testing.T) {
	_, a, err := schema.Detect(row(t, rows[2].raw))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				r, err := (&datamix.Arena{}).JSON([]byte(rows[2].raw), datamix.Origin{})
				assert.NoError(t, err)
				assert.NoError(t, a.Adapt(r, func(r *datamix.Record) { assert.Equal(t, rows[2].want, dump(r)) }))
			}
		})
	}
	wg.Wait()
}

// TestNoAllocation holds adapters of usual rows to the memory of their arena.
func TestNoAllocation(t *testing.T) {
	for _, raw := range []string{
		`{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","train":true,"name":"n"}],"tools":[{"name":"f"}]}`,
		`{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}],"system":"s"}`,
		`{"instruction":"i","input":"","output":"o"}`,
		`{"text":"t"}`,
	} {
		_, a, err := schema.Detect(row(t, raw))
		require.NoError(t, err)
		arena := &datamix.Arena{}
		var pool []*datamix.Record
		for range 600 {
			r, err := arena.JSON([]byte(raw), datamix.Origin{})
			require.NoError(t, err)
			pool = append(pool, r)
		}
		emit := func(*datamix.Record) {}
		next := 0
		allocs := testing.AllocsPerRun(500, func() {
			assert.NoError(t, a.Adapt(pool[next], emit))
			next++
		})
		assert.Less(t, allocs, 0.5, raw)
	}
}
