package filter_test

import (
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/internal/shareddata"
)

// alpaca reads a set of the shared data in the Alpaca schema.
func alpaca(t *testing.T, path string) (rs []*datamix.Record) {
	t.Helper()
	data, err := fs.ReadFile(shareddata.FS(t), path)
	require.NoError(t, err)
	var rows []struct{ Instruction, Input, Output string }
	require.NoError(t, json.Unmarshal(data, &rows))
	for i, row := range rows {
		r := chat(strings.TrimSpace(row.Instruction+"\n"+row.Input), row.Output)
		r.Origin.Row = int64(i)
		rs = append(rs, r)
	}
	return rs
}

// dropped counts the drops of a filter, and shows some.
func dropped(t *testing.T, f datamix.Filter, rs []*datamix.Record) (n int) {
	t.Helper()
	for _, r := range rs {
		if v := verdict(t, f, r); v != datamix.Keep {
			if n++; n <= 12 {
				t.Logf("%s: %.160q", v, r.Response())
			}
		}
	}
	return n
}

// TestRefusalsOnXSTest holds NoRefusals against answers of GPT-4 that people
// have marked as compliance or refusal (Röttger et al., XSTest, NAACL 2024).
func TestRefusalsOnXSTest(t *testing.T) {
	file, err := shareddata.FS(t).Open("xstest/xstest_v2_completions_gpt4.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	f := filter.NoRefusals(nil)
	seen, found := map[string]int{}, map[string]int{}
	for _, row := range rows[1:] {
		label := row[7]
		seen[label]++
		if verdict(t, f, chat(row[2], row[3])) != datamix.Keep {
			if found[label]++; label == "1_full_compliance" {
				t.Logf("dropped though it complies: %.200q", row[3])
			}
		} else if label == "2_full_refusal" {
			t.Logf("kept though it refuses: %.200q", row[3])
		}
	}
	t.Log(seen, found)
	// The figures stand in the documentation of NoRefusals.
	assert.Equal(t, map[string]int{"1_full_compliance": 230, "2_full_refusal": 211, "3_partial_refusal": 9}, seen)
	assert.Equal(t, map[string]int{"1_full_compliance": 11, "2_full_refusal": 203, "3_partial_refusal": 5}, found)
}

// TestHygieneOnAlpaca runs the chat filters on answers that hold no refusals.
func TestHygieneOnAlpaca(t *testing.T) {
	rs := alpaca(t, "stanford-alpaca/alpaca_5000.json")
	require.Len(t, rs, 5000)
	assert.Zero(t, dropped(t, filter.NoRefusals(nil), rs))
	assert.Zero(t, dropped(t, filter.NoSelfIdentification(nil), rs))
	empty := dropped(t, filter.NoEmptyTurns(), rs)
	want := 0
	for _, r := range rs {
		if strings.TrimSpace(r.Prompt()) == "" || strings.TrimSpace(r.Response()) == "" {
			want++
		}
	}
	assert.Equal(t, want, empty)
}

// TestMentionsAreOpenInstructs holds AnyMention against the same names as a
// regular expression with borders of words, on real answers.
func TestMentionsAreOpenInstructs(t *testing.T) {
	names := regexp.MustCompile(`(?i)\b(openai|open ai|chatgpt|chat gpt|gpt-3|gpt3|gpt 3|gpt-4|gpt4|gpt 4|gpt-3\.5|gpt3\.5|gpt 3\.5|bingchat|bing chat|laion|open assistant|openassistant)\b`)
	f, plain := filter.NoSelfIdentification(&filter.IdentityOptions{AnyMention: true}), filter.NoSelfIdentification(nil)
	n := 0
	for _, path := range []string{"stanford-alpaca/alpaca_5000.json", "alpaca-demo/alpaca_en_demo.json", "alpaca-demo/alpaca_zh_demo.json"} {
		for _, r := range alpaca(t, path) {
			want := names.MatchString(r.Response()) || verdict(t, plain, r) != datamix.Keep
			if want {
				n++
			}
			assert.Equal(t, want, verdict(t, f, r) != datamix.Keep, "%.300q", r.Response())
		}
	}
	t.Log(n, "mentions")
	assert.Positive(t, n)
}
