package sample_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sample"
)

func TestParseShare(t *testing.T) {
	for text, want := range map[string]string{
		"40%": "2/5", "0.4": "2/5", "2/3": "2/3", "12.4 %": "31/250", " 1 ": "1", "0": "0", ".5": "1/2", "5.": "5",
		"0.01726315213": "1726315213/100000000000", "1.5/2.5": "3/5", "100 / 3": "100/3", "00.10": "1/10",
	} {
		got, err := sample.ParseShare(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got.RatString(), text)
	}
	for _, text := range []string{"", "%", ".", "-1", "+1", "1e3", "0x10", "1_000", "1/0", "1/", "/2", "1/2/3", "1%/2", "1.2.3", "NaN", "Inf", "40 % 50",
		"٣", strings.Repeat("9", 65)} {
		_, err := sample.ParseShare(text)
		assert.Error(t, err, "%q", text)
	}
}

func TestDecimalSharesSumToOne(t *testing.T) {
	total := new(big.Rat)
	for _, f := range []float64{0.1, 0.2, 0.7} {
		r, err := sample.FloatShare(f)
		require.NoError(t, err)
		total.Add(total, r)
	}
	assert.Equal(t, "1", total.RatString())
	for _, f := range []float64{math.NaN(), math.Inf(1), -0.1} {
		_, err := sample.FloatShare(f)
		assert.Error(t, err)
	}
	tiny, err := sample.FloatShare(1e-9)
	require.NoError(t, err)
	assert.Equal(t, "1/1000000000", tiny.RatString())
}

func FuzzParseShare(f *testing.F) {
	for _, s := range []string{"40%", "0.4", "2/3", "1/0", "-1", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := sample.ParseShare(s)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, r.Sign(), 0)
		if text := r.RatString(); len(text) <= 64 {
			again, err := sample.ParseShare(text)
			require.NoError(t, err)
			require.Zero(t, r.Cmp(again))
		}
	})
}
