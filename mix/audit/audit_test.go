package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// words counts words.
type words struct{}

func (words) Count(text string) int { return len(strings.Fields(text)) }
func (words) Append(dst []uint32, text string) []uint32 {
	return append(dst, make([]uint32, len(strings.Fields(text)))...)
}

// chats returns JSON lines of n chats whose answers have 1 to 9 words.
func chats(name string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"question":"%s %d ?","answer":"%s"}`+"\n", name, i, strings.TrimSpace(strings.Repeat("word ", 1+i%9)))
	}
	return b.String()
}

// recipe mixes three parts, one of them repeated, two in a group.
func recipe() *mix.Recipe {
	files := fstest.MapFS{}
	for _, name := range []string{"a", "b", "c"} {
		files[name+".jsonl"] = &fstest.MapFile{Data: []byte(chats(name, 60))}
	}
	part := func(name string, q mix.Quantity) mix.Part {
		return mix.Part{Name: name, Source: source.Files(files, name+".jsonl", nil), Quantity: q}
	}
	return &mix.Recipe{Seed: 1, Unit: datamix.Tokens, Total: 1200, MaxEpochs: 2, Tokenizer: words{}, Dedup: "content", Parts: []mix.Part{
		part("a", mix.Share(0.5)),
		{Name: "g", Quantity: mix.Share(0.5), Parts: []mix.Part{part("b", mix.Weight(1)), part("c", mix.Weight(3))}},
	}}
}

// drawn writes the mix of recipe into a folder of shards.
func drawn(t testing.TB, o *sink.Options) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	m, err := mix.New(*recipe(), nil)
	require.NoError(t, err)
	_, err = datamix.Run(t.Context(), m, sink.JSONL(dir, o))
	require.NoError(t, err)
	return dir
}

func options() *audit.Options { return &audit.Options{Recipe: recipe(), Tokenizer: words{}} }

func kinds(res *audit.Result) (failed, noted []audit.Kind) {
	for _, f := range res.Findings {
		if f.Fails {
			failed = append(failed, f.Kind)
		} else {
			noted = append(noted, f.Kind)
		}
	}
	return failed, noted
}

func TestAuditOfAFinishedMix(t *testing.T) {
	for name, o := range map[string]sink.Options{
		"plain":   {},
		"shards":  {RowsPerShard: 30, Compression: sink.Zstd, Provenance: true},
		"parquet": {},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			m, err := mix.New(*recipe(), nil)
			require.NoError(t, err)
			out := sink.JSONL(dir, &o)
			if name == "parquet" {
				out = sink.Parquet(dir, nil)
			}
			rep, err := datamix.Run(t.Context(), m, out)
			require.NoError(t, err)

			res, err := audit.Files(t.Context(), dir, options())
			require.NoError(t, err)
			require.NoError(t, res.Err(), res)
			assert.Equal(t, rep.Content, res.Content, "the files hold what the run wrote")
			assert.Equal(t, rep.Output, res.Total)
			require.Len(t, res.Groups, 3)
			for i, g := range res.Groups {
				p := rep.Parts[i]
				assert.Equal(t, p.Name, g.Name)
				assert.Equal(t, p.Output, g.Tally)
				assert.Equal(t, p.Ledger.Kept, g.Distinct, "records that differ")
				if o.Provenance && g.Duplicates() > 0 {
					assert.EqualValues(t, 1, g.Pass)
				}
			}
			assert.InDelta(t, 0.5, res.Groups[0].Target, 1e-9)
			assert.InDelta(t, 0.125, res.Groups[1].Target, 1e-9, "of the group, of the whole")
			assert.Equal(t, rep.Sizes.Tokens, res.Report().Sizes.Tokens)
			assert.Equal(t, rep.Sizes.Passes, res.Report().Sizes.Passes, "passes are found by equal records")
			require.NoError(t, res.Report().Ledger.Check())
		})
	}
}

func TestGroupsInAUnitOfTheirOwn(t *testing.T) {
	r := recipe()
	r.Parts[1].Unit = datamix.Rows
	m, err := mix.New(*r, nil)
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = datamix.Run(t.Context(), m, sink.JSONL(dir, nil))
	require.NoError(t, err)
	res, err := audit.Files(t.Context(), dir, &audit.Options{Recipe: r, Tokenizer: words{}})
	require.NoError(t, err)
	require.NoError(t, res.Err())
	assert.InDelta(t, 0.5, res.Groups[0].Target, 1e-9)
	assert.Zero(t, res.Groups[1].Target, "a share in another unit is none of the whole")

	r.Parts[1].Parts[0].Quantity = mix.Weight(3)
	res, err = audit.Files(t.Context(), dir, &audit.Options{Recipe: r, Tokenizer: words{}})
	require.NoError(t, err)
	require.ErrorContains(t, res.Err(), "part g/b is 25.00% of the rows of group g, the recipe asks for 50.00%: -25.00 points")
}

// TestStages audits a curriculum, and one whose stages have changed places.
func TestStages(t *testing.T) {
	r := recipe()
	r.Total = 0
	r.Stages = []mix.Stage{
		{Name: "warm-up", Total: 400, Parts: []mix.StagePart{{Name: "a", Quantity: mix.Share(0.8)}, {Name: "g", Quantity: mix.Share(0.2)}}},
		{Name: "main", Total: 600},
	}
	m, err := mix.New(*r, nil)
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = datamix.Run(t.Context(), m, sink.JSONL(dir, nil))
	require.NoError(t, err)
	res, err := audit.Files(t.Context(), dir, &audit.Options{Recipe: r, Tokenizer: words{}})
	require.NoError(t, err)
	require.NoError(t, res.Err())
	assert.InDelta(t, (0.8*400+0.5*600)/1000, res.Groups[0].Target, 1e-9)
	assert.InDelta(t, res.Groups[0].Target, res.Groups[0].Share, 0.02)

	r.Stages[0], r.Stages[1] = r.Stages[1], r.Stages[0]
	res, err = audit.Files(t.Context(), dir, &audit.Options{Recipe: r, Tokenizer: words{}})
	require.NoError(t, err)
	require.ErrorContains(t, res.Err(), "in stage main, part a is ")

	res, err = audit.Files(t.Context(), dir, &audit.Options{Recipe: r})
	require.NoError(t, err)
	failed, _ := kinds(res)
	assert.Contains(t, failed, audit.Uncounted)
}

// TestEveryPrefixIsTheMix tells a set in the order of a mix from one that is
// sorted by part.
func TestEveryPrefixIsTheMix(t *testing.T) {
	dir := drawn(t, nil)
	path := filepath.Join(dir, "train-00000-of-00001.jsonl")
	noted := func(change func(r *mix.Recipe)) []audit.Kind {
		o := options()
		change(o.Recipe)
		res, err := audit.Files(t.Context(), path, o)
		require.NoError(t, err)
		require.NoError(t, res.Err())
		_, kinds := kinds(res)
		return kinds
	}
	asItIs := func(*mix.Recipe) {}
	assert.NotContains(t, noted(asItIs), audit.Prefix)
	edit(t, path, func(s string) string {
		lines := strings.SplitAfter(s, "\n")
		slices.SortStableFunc(lines, func(a, b string) int {
			return strings.Compare(a[strings.Index(a, `"source"`)+1:], b[strings.Index(b, `"source"`)+1:])
		})
		return strings.Join(lines, "")
	})
	assert.Contains(t, noted(asItIs), audit.Prefix)
	assert.NotContains(t, noted(func(r *mix.Recipe) { r.Order = mix.Sequential }), audit.Prefix, "which does not promise it")
}

// TestAuditIsTheSameWithAnyWorkers holds the result against workers.
func TestAuditIsTheSameWithAnyWorkers(t *testing.T) {
	dir := drawn(t, &sink.Options{RowsPerShard: 50})
	var want []byte
	for _, workers := range []int{1, 2, 8} {
		o := options()
		o.Workers = workers
		res, err := audit.Files(t.Context(), dir, o)
		require.NoError(t, err)
		got, err := json.Marshal(res)
		require.NoError(t, err)
		if want == nil {
			want = got
		}
		require.Equal(t, string(want), string(got))
	}
}

// TestDamagedFolders breaks a folder in every way that a manifest tells.
func TestDamagedFolders(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(t *testing.T, dir string)
		want   []audit.Kind
	}{
		"a byte is another": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "train-00001-of-00003.jsonl"), func(s string) string { return strings.Replace(s, "word", "ward", 1) })
		}, []audit.Kind{audit.Checksum}},
		"a row is gone": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "train-00000-of-00003.jsonl"), func(s string) string { return s[strings.Index(s, "\n")+1:] })
		}, []audit.Kind{audit.RowCount, audit.Checksum}},
		"a shard is cut": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "train-00000-of-00003.jsonl"), func(s string) string { return s[:len(s)-20] })
		}, []audit.Kind{audit.BadRow, audit.RowCount, audit.Checksum}},
		"a shard is missing": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "train-00002-of-00003.jsonl")))
		}, []audit.Kind{audit.MissingFile, audit.Amount}},
		"a shard too many": {func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "train-00003-of-00003.jsonl"), nil, 0o666))
		}, []audit.Kind{audit.ExtraFile}},
		"the manifest is no JSON": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, sink.ManifestName), func(s string) string { return s[:len(s)/2] })
		}, []audit.Kind{audit.NoManifest}},
		"the manifest is of another version": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, sink.ManifestName), func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 9`, 1) })
		}, []audit.Kind{audit.NoManifest}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := drawn(t, &sink.Options{RowsPerShard: 60})
			test.damage(t, dir)
			res, err := audit.Files(t.Context(), dir, options())
			require.NoError(t, err)
			failed, _ := kinds(res)
			assert.Equal(t, test.want, failed, res)
			var fe *audit.FailedError
			require.ErrorAs(t, res.Err(), &fe)
			for _, k := range test.want {
				assert.True(t, fe.Has(k))
			}
		})
	}
}

func edit(t *testing.T, path string, f func(string) string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(f(string(data))), 0o666))
}

// TestTruncatedShard cuts a compressed shard: the rows before the cut count, the
// other shards are read.
func TestTruncatedShard(t *testing.T) {
	dir := drawn(t, &sink.Options{RowsPerShard: 60, Compression: sink.Gzip})
	path := filepath.Join(dir, "train-00000-of-00003.jsonl.gz")
	st, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, st.Size()-12))
	res, err := audit.Files(t.Context(), dir, &audit.Options{})
	require.NoError(t, err)
	failed, _ := kinds(res)
	assert.Contains(t, failed, audit.Unreadable)
	assert.Contains(t, failed, audit.Checksum)
	m, err := sink.ReadManifest(dir)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, res.Total.Rows, m.Shards[1].Rows+m.Shards[2].Rows)
	assert.Contains(t, res.String(), "train-00000-of-00003.jsonl.gz: after ")
}

// TestAgainstRecipes compares one set with recipes that it does not meet.
func TestAgainstRecipes(t *testing.T) {
	dir := drawn(t, &sink.Options{Provenance: true})
	for name, test := range map[string]struct {
		change func(r *mix.Recipe)
		want   []string
	}{
		"shares": {func(r *mix.Recipe) { r.Parts[0].Quantity, r.Parts[1].Quantity = mix.Share(0.6), mix.Share(0.4) }, []string{
			"share: part a is 49.92% of the tokens of the set, the recipe asks for 60.00%: -10.08 points",
			"share: part g is 50.08% of the tokens of the set, the recipe asks for 40.00%: +10.08 points"}},
		"weights in a group": {func(r *mix.Recipe) { r.Parts[1].Parts[0].Quantity = mix.Weight(3) }, []string{
			"share: part g/b is 24.88% of the tokens of group g, the recipe asks for 50.00%: -25.12 points",
			"share: part g/c is 75.12% of the tokens of group g, the recipe asks for 50.00%: +25.12 points"}},
		"total": {func(r *mix.Recipe) { r.Total = 2400 }, []string{"amount: the set has 1,204 tokens, the recipe asks for 2,400"}},
		"amount": {func(r *mix.Recipe) {
			r.Total, r.Parts[0].Quantity = 0, mix.Rows(50)
			r.Parts[1].Quantity = mix.Rest()
			r.Total = 1200
		}, []string{
			"amount: part a has 76 rows, the recipe asks for 50"}},
		"bounds": {func(r *mix.Recipe) { n := int64(50); r.Parts[0].Max = &mix.Bound{Rows: &n} }, []string{
			"amount: part a has 76 rows, the recipe asks for at most 50"}},
		"epochs": {func(r *mix.Recipe) { r.MaxEpochs = 1 }, []string{"epochs: part a has rows of pass 2, and max_epochs is 1"}},
		"a part more": {func(r *mix.Recipe) {
			r.Parts[0].Quantity = mix.Share(0.25)
			p := r.Parts[0]
			p.Name = "new"
			r.Parts = append(r.Parts, p)
		}, []string{"share: part a is 49.92% of the tokens of the set, the recipe asks for 25.00%: +24.92 points", "missing_part: the set has no rows of part new"}},
		"a part less": {func(r *mix.Recipe) { r.Parts[0].Quantity = mix.Share(1); r.Parts = r.Parts[:1] }, []string{
			`unknown_part: the recipe has no part "g/c", of which the set has 57 rows`, `unknown_part: the recipe has no part "g/b", of which the set has 19 rows`}},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			test.change(o.Recipe)
			res, err := audit.Files(t.Context(), dir, o)
			require.NoError(t, err)
			var got []string
			for _, f := range res.Findings {
				if f.Fails {
					got = append(got, string(f.Kind)+": "+f.Text)
				}
			}
			assert.Equal(t, test.want, got, res)
		})
	}
	t.Run("no tokenizer", func(t *testing.T) {
		res, err := audit.Files(t.Context(), dir, &audit.Options{Recipe: recipe()})
		require.NoError(t, err)
		failed, _ := kinds(res)
		assert.Contains(t, failed, audit.Uncounted)
	})
	t.Run("tolerance", func(t *testing.T) {
		o := options()
		o.Recipe.Parts[0].Quantity, o.Recipe.Parts[1].Quantity = mix.Share(0.52), mix.Share(0.48)
		o.Tolerance = 0.03
		res, err := audit.Files(t.Context(), dir, o)
		require.NoError(t, err)
		require.NoError(t, res.Err())
	})
	t.Run("redistributed", func(t *testing.T) {
		o := options()
		o.Recipe.Parts[0].Quantity, o.Recipe.Parts[1].Quantity = mix.Share(0.6), mix.Share(0.4)
		o.Recipe.Shortfall = mix.Redistribute
		res, err := audit.Files(t.Context(), dir, o)
		require.NoError(t, err)
		require.NoError(t, res.Err())
		_, noted := kinds(res)
		assert.Contains(t, noted, audit.Share)
	})
}

// TestForeignSets audits files that nobody made for it.
func TestForeignSets(t *testing.T) {
	write := func(t *testing.T, files map[string]string) string {
		dir := t.TempDir()
		for name, text := range files {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
		}
		return dir
	}
	t.Run("no source column", func(t *testing.T) {
		dir := write(t, map[string]string{"x.jsonl": chats("x", 10)})
		res, err := audit.Files(t.Context(), dir, nil)
		require.NoError(t, err)
		require.NoError(t, res.Err())
		_, noted := kinds(res)
		assert.Equal(t, []audit.Kind{audit.NoColumn}, noted)
		res, err = audit.Files(t.Context(), dir, &audit.Options{By: "category"})
		require.NoError(t, err)
		require.EqualError(t, res.Err(), `the set does not pass: no_column: no row has the column "category", by which the rows are to be grouped`)
		res, err = audit.Files(t.Context(), dir, &audit.Options{Recipe: recipe()})
		require.NoError(t, err)
		failed, _ := kinds(res)
		assert.Equal(t, []audit.Kind{audit.NoColumn}, failed, "nothing is compared")
	})
	t.Run("mixed schemas, by file", func(t *testing.T) {
		dir := write(t, map[string]string{
			"a.jsonl":      chats("x", 3),
			"b/c.json":     `[{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}]`,
			"b/d.csv":      "question,answer\n1+1,2\n",
			"report.json":  `{}`,
			"README.md":    "card",
			"b/state.json": `{"a":1}`,
		})
		res, err := audit.Files(t.Context(), dir, &audit.Options{By: audit.ByFile})
		require.NoError(t, err)
		require.NoError(t, res.Err())
		var got []string
		for _, g := range res.Groups {
			got = append(got, fmt.Sprint(g.Name, " ", g.Rows))
		}
		assert.Equal(t, []string{"a.jsonl 3", "b/c.json 1", "b/d.csv 1"}, got)
	})
	t.Run("empty", func(t *testing.T) {
		dir := write(t, map[string]string{"a.jsonl": ""})
		res, err := audit.Files(t.Context(), dir, nil)
		require.NoError(t, err)
		failed, _ := kinds(res)
		assert.Equal(t, []audit.Kind{audit.Empty}, failed)
		_, err = res.Page("empty").HTML()
		require.NoError(t, err)
		assert.NotContains(t, res.String(), "NaN")

		_, err = audit.Files(t.Context(), write(t, map[string]string{"README.md": ""}), nil)
		require.Error(t, err)
		_, err = audit.Files(t.Context(), filepath.Join(dir, "absent.jsonl"), nil)
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("bad rows", func(t *testing.T) {
		dir := write(t, map[string]string{"a.jsonl": chats("x", 3) + strings.Repeat("{broken\n", 7) + chats("y", 2)})
		res, err := audit.Files(t.Context(), filepath.Join(dir, "a.jsonl"), nil)
		require.NoError(t, err)
		assert.EqualValues(t, 7, res.BadRows)
		assert.EqualValues(t, 5, res.Total.Rows)
		failed, _ := kinds(res)
		assert.Len(t, failed, 6, "five of them, and how many there are")
		assert.Contains(t, res.Findings[0].Text, "row 4")
	})
	t.Run("columns", func(t *testing.T) {
		row := func(cols string) string { return `{"question":"q","answer":"a",` + cols + "}\n" }
		dir := write(t, map[string]string{"a.jsonl": row(`"category":"x","meta":{"lang":"de","n":3}`) + row(`"category":null,"meta":{"lang":"en"}`) +
			row(`"extra":"{\"category\":\"y\"}","meta":"{\"lang\":\"fr\"}"`) + row(`"category":["x"],"meta":7`)})
		for by, want := range map[string][]string{
			"category":  {"(none) 2", "x 1", "y 1"},
			"meta.lang": {"(none) 1", "de 1", "en 1", "fr 1"},
			"meta.n":    {"(none) 3", "3 1"},
		} {
			res, err := audit.Files(t.Context(), dir+"/*.jsonl", &audit.Options{By: by})
			require.NoError(t, err)
			var got []string
			for _, g := range res.Groups {
				got = append(got, fmt.Sprint(g.Name, " ", g.Rows))
			}
			assert.Equal(t, want, got, by)
			failed, _ := kinds(res)
			assert.Equal(t, []audit.Kind{audit.Unlabelled}, failed)
		}
	})
	t.Run("a column that is no category", func(t *testing.T) {
		var b strings.Builder
		for i := range 20_001 {
			fmt.Fprintf(&b, `{"question":"q","answer":"a","id":"%d"}`+"\n", i)
		}
		dir := write(t, map[string]string{"a.jsonl": b.String()})
		_, err := audit.Files(t.Context(), dir, &audit.Options{By: "id"})
		require.ErrorContains(t, err, "it is no category")
	})
}

func TestDuplicatesAndShared(t *testing.T) {
	var rs []*datamix.Record
	add := func(group, text string, times int) {
		for range times {
			r := datamix.NewText(text)
			r.SetLabel("source", group)
			rs = append(rs, r)
		}
	}
	add("a", "one", 3)
	add("a", "two", 1)
	add("b", "two", 2)
	add("b", "three", 1)
	res, err := audit.Records(t.Context(), records(rs), nil)
	require.NoError(t, err)
	require.Len(t, res.Groups, 2)
	a, b := res.Groups[0], res.Groups[1]
	assert.Equal(t, []int64{2, 2, 1}, []int64{a.Distinct, a.Duplicates(), a.Shared})
	assert.Equal(t, []int64{2, 1, 2}, []int64{b.Distinct, b.Duplicates(), b.Shared})
	assert.EqualValues(t, 3, res.Distinct)
	assert.InDelta(t, 2, a.Epochs, 1e-9)

	limit := 0.5
	res, err = audit.Records(t.Context(), records(rs), &audit.Options{Duplicates: &limit})
	require.NoError(t, err)
	require.EqualError(t, res.Err(), "the set does not pass: duplicates: 4 rows (57.14%) repeat an earlier row (by content); allowed is 50.00%")
}

func records(rs []*datamix.Record) datamix.Source {
	return datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for _, r := range rs {
				if !yield(r, nil) {
					return
				}
			}
		}
	})
}

func TestMaskFaults(t *testing.T) {
	flagged := func(m datamix.Message, f datamix.Train) datamix.Message {
		m.Train = f
		return m
	}
	for i, test := range []struct {
		r    *datamix.Record
		want audit.Fault
	}{
		{datamix.NewChat(datamix.User("q"), datamix.Assistant("a")), ""},
		{datamix.NewChat(datamix.User("q")), audit.NothingTrains},
		{datamix.NewChat(datamix.User("q"), flagged(datamix.Assistant("a"), datamix.TrainNo)), audit.NothingTrains},
		{datamix.NewChat(datamix.User("q"), datamix.Assistant(" \n")), audit.NothingTrains},
		{datamix.NewChat(datamix.User("q"), datamix.Assistant(""), datamix.User("q"), datamix.Assistant("a")), audit.EmptyTrains},
		{datamix.NewChat(flagged(datamix.User("q"), datamix.TrainYes), datamix.Assistant("a")), audit.OtherTrains},
		{datamix.NewChat(datamix.User("one two three four five"), datamix.Assistant("a")), audit.PastLimit},
		{datamix.NewChat(datamix.User("one two three four"), datamix.Assistant("a b c d e f")), ""},
		{datamix.NewText("a"), ""},
		{datamix.NewText(""), audit.NothingTrains},
	} {
		res, err := audit.Records(t.Context(), records([]*datamix.Record{test.r}), &audit.Options{Tokenizer: words{}, MaxTokens: 5})
		require.NoError(t, err)
		want := map[audit.Fault]int64{test.want: 1}
		if test.want == "" {
			want = nil
		}
		assert.Equal(t, want, res.Groups[0].Faults, i)
	}
	none := 0.0
	res, err := audit.Records(t.Context(), records([]*datamix.Record{datamix.NewChat(datamix.User("q"))}), &audit.Options{MaskFaults: &none})
	require.NoError(t, err)
	require.ErrorContains(t, res.Err(), "mask_faults: 1 rows (100.00%)")
}

func TestWrongOptions(t *testing.T) {
	two := 2.0
	for _, o := range []audit.Options{{Same: "shape"}, {MaxTokens: -1}, {TooLong: &two}, {Recipe: &mix.Recipe{}}} {
		_, err := audit.Records(t.Context(), records(nil), &o)
		require.Error(t, err)
	}
}

func TestAuditStops(t *testing.T) {
	dir := drawn(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := audit.Files(ctx, dir, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func ExampleRecords() {
	chat := datamix.NewChat(datamix.User("Capital of France?"), datamix.Assistant("Paris"))
	chat.SetLabel("source", "trivia")
	res, err := audit.Records(context.Background(), records([]*datamix.Record{chat, chat}), nil)
	fmt.Print(res)
	fmt.Println(err)
	// Output:
	// source  rows  share of rows  target  tokens  trainable  epochs  duplicates  in others  too long  mask faults
	// trivia     2        100.00%       -       -          -    2.00           1          0         0            0
	// total      2        100.00%       -       -          -    2.00           1          0         0            0
	//
	// note duplicates: 1 rows (50.00%) repeat an earlier row (by content)
	// <nil>
}

func BenchmarkAudit(b *testing.B) {
	r := datamix.NewChat(datamix.User(strings.Repeat("why ", 100)), datamix.Assistant(strings.Repeat("because ", 300)))
	r.SetLabel("source", "part")
	rs := make([]*datamix.Record, 20_000)
	for i := range rs {
		rs[i] = r
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := audit.Records(context.Background(), records(rs), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rs)), "ns/rec")
}

// templated is a tokenizer that renders whole records, and finds that every
// second one has a span that is not what it should be.
type templated struct{ words }

func (templated) CountRecord(r *datamix.Record) (datamix.Counts, error) {
	c := datamix.Counts{Total: 4, Context: 2, Final: 2, Trainable: 2}
	if strings.HasPrefix(r.Prompt(), "odd") {
		c.MaskFaults, c.Trainable = 1, 1
	}
	return c, nil
}

func TestSpansThatATemplateMisplaces(t *testing.T) {
	rs := []*datamix.Record{datamix.NewChat(datamix.User("odd"), datamix.Assistant("a")), datamix.NewChat(datamix.User("even"), datamix.Assistant("a"))}
	res, err := audit.Records(t.Context(), records(rs), &audit.Options{Tokenizer: templated{}})
	require.NoError(t, err)
	assert.Equal(t, map[audit.Fault]int64{audit.WrongSpan: 1}, res.Groups[0].Faults)
	assert.EqualValues(t, 1, res.Total.MaskFaults)
	assert.Contains(t, res.String(), "note mask_faults: 1 rows: the template puts a turn where it does not stand")
}
