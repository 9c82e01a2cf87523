package cpu

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAgreesWithTheKernel compares with what Linux reports, where it does.
func TestAgreesWithTheKernel(t *testing.T) {
	info, err := os.ReadFile("/proc/cpuinfo")
	has := err == nil && strings.Contains(string(info), " avx2") && strings.Contains(string(info), " bmi2")
	if AVX2 {
		assert.True(t, err != nil || has)
	}
	if !AVX2 {
		assert.False(t, has && built)
	}
}
