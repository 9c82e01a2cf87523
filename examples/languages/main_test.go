package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
)

func TestLanguages(t *testing.T) {
	dir := shareddata.Dir(t)
	file := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	languages := []string{
		"en=" + file("mgsm", "mgsm_en.tsv") + "," + file("alpaca-demo", "alpaca_en_demo.json"),
		"zh=" + file("mgsm", "mgsm_zh.tsv") + "," + file("alpaca-demo", "alpaca_zh_demo.json"),
	}
	for _, l := range []string{"bn", "de", "es", "fr", "ja", "ru", "sw", "te", "th"} {
		languages = append(languages, l+"="+file("mgsm", "mgsm_"+l+".tsv"))
	}
	out := filepath.Join(t.TempDir(), "out")
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, &options{tokens: 150_000, temperature: 2, epochs: 4, out: out}, languages))
	lines := strings.Split(b.String(), "\n")
	require.GreaterOrEqual(t, len(lines), 6)
	var english, swahili []float64
	for _, line := range lines[1:6] {
		cells := strings.Fields(strings.ReplaceAll(line, "%", ""))
		require.Len(t, cells, 12)
		sum := 0.0
		for _, c := range cells[1:] {
			x, err := strconv.ParseFloat(c, 64)
			require.NoError(t, err)
			sum += x
		}
		assert.InDelta(t, 100, sum, 0.2)
		en, _ := strconv.ParseFloat(cells[1], 64)
		sw, _ := strconv.ParseFloat(cells[9], 64)
		english, swahili = append(english, en), append(swahili, sw)
	}
	assert.IsDecreasing(t, english, "a higher temperature takes from the large languages")
	assert.IsIncreasing(t, swahili)
	assert.InDelta(t, 100./11, swahili[4], 2)
	assert.Contains(t, b.String(), "temperature 2")
	shards, err := filepath.Glob(filepath.Join(out, "train-*"))
	require.NoError(t, err)
	assert.NotEmpty(t, shards)

	_, err = parse([]string{"en"})
	require.Error(t, err)
}
