// Package shareddata is the one place through which tests reach the real data
// sets that lie beside a checkout and are not part of it.
package shareddata

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Env names the environment variable that overrides where the shared folder is.
const Env = "DATAMIX_SHARED"

// Dir returns the folder of the shared data sets. Where the folder is missing
// the test is skipped with a reason, or fails when the variable CI is set.
func Dir(t testing.TB) string {
	t.Helper()
	return dir(t, "data")
}

// FS is Dir as a file system.
func FS(t testing.TB) fs.FS {
	t.Helper()
	return os.DirFS(Dir(t))
}

// Tokenizers returns the folder of the shared tokenizer files, on the terms of
// Dir.
func Tokenizers(t testing.TB) string {
	t.Helper()
	return dir(t, "tokenizers")
}

func dir(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv(Env)
	if root == "" {
		root = filepath.Join(moduleRoot(t), "..", "shared")
	}
	path := filepath.Join(root, name)
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return path
	}
	const hint = "the shared data folder is missing: put it beside the checkout or set " + Env
	if os.Getenv("CI") != "" {
		t.Fatal(hint)
	}
	t.Skip(hint)
	return ""
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		up := filepath.Dir(at)
		if up == at {
			t.Fatal("no go.mod above the working directory")
		}
		at = up
	}
}
