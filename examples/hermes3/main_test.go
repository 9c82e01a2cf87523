package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHermes3(t *testing.T) {
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, "", 200_000, 10_000))
	for _, want := range []string{"General Instructions             60.3%", "Domain Expert                    12.7%", "Math                              6.7%", "contribute to the loss"} {
		assert.Contains(t, b.String(), want)
	}
	require.ErrorContains(t, run(t.Context(), &b, ".", 1000, 1), `has no set "general"`)
}
