// Package data holds small chat sets of our own writing for the examples, and
// opens real ones in their place.
package data

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
)

//go:embed chats
var embedded embed.FS

// Set is a data set with its name.
type Set struct {
	Name   string
	Source datamix.Source
}

// Sets returns the data sets in a folder, one for each file or folder in it and
// named after it without what follows the first dot. With an empty dir they are
// those embedded here: code, exam, general, long, math, multilingual, roleplay,
// safety, tools and writing.
func Sets(dir string) ([]Set, error) {
	fsys, err := open(dir)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var sets []Set
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if name != "" {
			sets = append(sets, Set{name, source.Files(fsys, e.Name(), nil)})
		}
	}
	if len(sets) == 0 {
		return nil, fmt.Errorf("%s holds no files or folders", dir)
	}
	return sets, nil
}

// All returns the records of all embedded sets, or of the files at a path.
func All(file string) (datamix.Source, error) {
	if file == "" {
		fsys, err := open("")
		return source.Files(fsys, ".", nil), err
	}
	dir, name := path.Split(file)
	if dir == "" {
		dir = "."
	}
	return source.Files(os.DirFS(dir), name, nil), nil
}

func open(dir string) (fs.FS, error) {
	if dir != "" {
		return os.DirFS(dir), nil
	}
	return fs.Sub(embedded, "chats")
}
