package schema_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/source/schema"
)

// TestDocumentedOrder holds the table in the package documentation against the
// order in which Detect tries the schemas.
func TestDocumentedOrder(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^//\t(\w+) {2,}\S`).FindAllSubmatch(doc, -1) {
		names = append(names, string(m[1]))
	}
	assert.Equal(t, schema.Names(), names)
}
