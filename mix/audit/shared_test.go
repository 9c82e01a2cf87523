package audit_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/tokenize"
)

// TestRealSets audits sets that others have published, as they are.
func TestRealSets(t *testing.T) {
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	for _, test := range []struct {
		path   string
		by     string
		rows   int64
		groups int
		same   int64 // rows that repeat another
		kinds  []audit.Kind
	}{
		{"gsm8k", audit.ByFile, 10_111, 3, 0, nil},
		{"stanford-alpaca", "", 5_000, 1, 0, []audit.Kind{audit.MaskFault, audit.NoColumn}},
		{"tulu3-sample/sft_sample.jsonl", "", 100, 1, 0, nil},
		{"glaive-toolcall-en/*.json", "language", 300, 1, 35, []audit.Kind{audit.Duplicates}},
		{"humaneval", audit.ByFile, 164, 1, 0, nil},
	} {
		t.Run(test.path, func(t *testing.T) {
			res, err := audit.Files(t.Context(), filepath.Join(shareddata.Dir(t), test.path), &audit.Options{By: test.by, Tokenizer: tok})
			require.NoError(t, err)
			assert.Equal(t, test.rows, res.Total.Rows)
			assert.Equal(t, test.same, res.Total.Rows-res.Distinct)
			assert.Len(t, res.Groups, test.groups)
			assert.Positive(t, res.Total.Tokens)
			_, noted := kinds(res)
			assert.ElementsMatch(t, test.kinds, noted, res)

			rep := res.Report()
			require.NoError(t, rep.Ledger.Check())
			assert.Equal(t, res.Total.Rows, rep.Sizes.Tokens.N())
			assert.Equal(t, res.Total.Tokens, rep.Sizes.Tokens.Sum())
			_, err = res.Page(test.path).HTML()
			require.NoError(t, err)
			assert.Len(t, report.ChatStatistics(rep, "").Rows, test.groups)
		})
	}
}
