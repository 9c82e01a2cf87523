package datamix_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/datamix-go/datamix"

// layers says which rooms a room may import. Internal packages may be imported
// by all and import none but internal ones; a room's own inner packages belong
// to the room, save those that are rooms below it and listed here.
var layers = map[string][]string{
	"":         {},
	"internal": {},
	"source":   {""},
	"filter":   {""},
	"tokenize": {""},
	"sample":   {""},
	"sink":     {""},
	"mix":      {"", "source", "filter", "tokenize", "sample", "sink", "mix/internal/solve"},
	"examples": {"", "source", "filter", "tokenize", "sample", "sink", "mix"},

	"mix/internal/solve": {"", "sample"}, // knows nothing of recipes
}

// TestImportsRunOneWay holds the direction of imports between the rooms.
func TestImportsRunOneWay(t *testing.T) {
	checked := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		checked++
		room := roomOf(path.Dir(name))
		allowed, known := layers[room]
		if !assert.True(t, known, "%s lies in a room that the list of layers does not have", name) {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			target, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), modulePath)
			if !ours {
				continue
			}
			to := roomOf(strings.TrimPrefix(target, "/"))
			ok := to == room || to == "internal"
			for _, a := range allowed {
				ok = ok || a == to
			}
			assert.True(t, ok, "%s imports %s%s", name, modulePath, target)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, checked, 20, "the walk found the code")
}

func roomOf(dir string) string {
	if dir == "." {
		return ""
	}
	for room := range layers {
		if strings.Contains(room, "/") && strings.HasPrefix(dir+"/", room+"/") {
			return room
		}
	}
	room, _, _ := strings.Cut(dir, "/")
	return room
}
