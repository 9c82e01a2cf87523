package source_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/source"
)

func TestCommaIsOneCharacter(t *testing.T) {
	for text, want := range map[string]source.Comma{`";"`: ';', `"\t"`: '\t', `"|"`: '|', `59`: ';'} {
		var o source.CSVOptions
		require.NoError(t, json.Unmarshal([]byte(`{"comma":`+text+`}`), &o), text)
		assert.Equal(t, want, o.Comma)
		again, err := json.Marshal(o)
		require.NoError(t, err)
		var same source.CSVOptions
		require.NoError(t, json.Unmarshal(again, &same), string(again))
		assert.Equal(t, o, same)
	}
	for _, text := range []string{`""`, `";;"`, `true`, `0.5`, `[";"]`} {
		var o source.CSVOptions
		assert.ErrorContains(t, json.Unmarshal([]byte(`{"comma":`+text+`}`), &o), "want one character", text)
	}
}
