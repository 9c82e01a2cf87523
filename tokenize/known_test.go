package tokenize

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKnownEncodings holds what is written down of an encoding against what it is
// built of.
func TestKnownEncodings(t *testing.T) {
	for name, d := range definitions() {
		built, err := d.read(name, Options{})
		require.NoError(t, err)
		sum, err := ranksSum(d.ranks)
		require.NoError(t, err)
		assert.Equal(t, sum, knownRanks[d.ranks], "%q", d.ranks)
		assert.Equal(t, known{built.longest, built.fingerprint}, knownEncodings[name], "%q", name)

		later, err := Encoding(name)
		require.NoError(t, err)
		assert.NotNil(t, later.load, name)
		assert.Equal(t, built.Fingerprint(), later.Fingerprint(), name)
		assert.Equal(t, built.Path(), later.Path(), name)
		assert.Equal(t, built.plain, later.plain, name)
		assert.Equal(t, built.VocabSize(), later.VocabSize(), name)
		ids := built.Append(nil, "Two words, and 1234 日本語\n")
		assert.Equal(t, ids, later.Append(nil, "Two words, and 1234 日本語\n"), name)
		for id := range uint32(built.VocabSize()) {
			require.Equal(t, built.tokens().has(id), later.tokens().has(id), "%s: %d", name, id)
			require.Equal(t, built.tokens().of(id), later.tokens().of(id), "%s: %d", name, id)
		}
	}
	_, ok := definitions()["gpt2"].known("gpt2", Options{Special: Parse})
	assert.False(t, ok, "the options are in the fingerprint")
}
