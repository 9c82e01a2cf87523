package source

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/datamix-go/datamix"
)

// FileSource is a datamix.Source that reads files. It can be ranged over any
// number of times, also at once from several goroutines, and is a
// datamix.Picker. Files and File make one.
type FileSource struct {
	name string
	what any // description of the options for Spec
	set  *settings
	err  error // of the options
	// list finds the files for one range; done is called when it is over.
	list func() (places []place, done func(), err error)
}

// Files returns the source that reads the files of fsys that pattern names, in
// the lexical order of their paths, which are their Origin.Path.
//
// A pattern is a path in which "*" and "?" stand for any characters of a name,
// "[a-z]" for one of some, "**" for any number of folders and "{a,b}" for one of
// several texts. The path of a folder stands for all data files in it and below:
// those with the name of a format that is read (.jsonl, .ndjson, .json, .csv,
// .tsv, .parquet, .txt, compressed or not), save names that begin with a dot, an
// underscore, "readme" or "license". A file's own path names the file even if
// it has such characters in it. The pattern is resolved again by each range; if
// it names nothing, the range yields an error that says what there is instead.
//
// What is wrong with the options or a file, a missing file for example, is a
// final error, what is wrong with one row a *datamix.RecordError.
func Files(fsys fs.FS, pattern string, o *Options) *FileSource {
	s := &FileSource{name: "files", what: describedOptions{pattern, o}}
	s.set, s.err = o.settings()
	s.list = func() ([]place, func(), error) {
		places, err := placesOf(fsys, pattern, "")
		return places, func() {}, err
	}
	return s
}

// File returns the source that reads the file of the operating system at path,
// which becomes Origin.Path as it is. A zip archive is opened: its data files,
// chosen as Files does for a folder, are read in order, and Origin.Path is that
// of the archive, a slash and that in the archive.
func File(path string, o *Options) *FileSource {
	s := &FileSource{name: "file", what: describedOptions{path, o}}
	s.set, s.err = o.settings()
	s.list = func() ([]place, func(), error) { return osPlaces(path) }
	return s
}

// Records yields the records of the files.
func (s *FileSource) Records(ctx context.Context) datamix.Seq { return s.Pick(ctx, nil) }

// Pick yields the wanted records. Other rows are split off but not decoded,
// except where Options.Adapter or Options.SchemaOptions may make several
// records of a row. want may be called from another goroutine than the loop's.
func (s *FileSource) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		if ctx.Err() != nil {
			yield(nil, context.Cause(ctx))
			return
		}
		if s.err != nil {
			yield(nil, fmt.Errorf("source %s: %w", s.name, s.err))
			return
		}
		places, done, err := s.list()
		if err != nil {
			yield(nil, err)
			return
		}
		defer done()
		p := &pass{set: s.set, places: places, want: want}
		p.run(ctx, yield)
	}
}

// Paths returns the paths of the files that a range over the source reads now.
func (s *FileSource) Paths() ([]string, error) {
	places, done, err := s.list()
	if err != nil {
		return nil, err
	}
	defer done()
	paths := make([]string, len(places))
	for i, p := range places {
		paths[i] = p.path
	}
	return paths, nil
}

// Spec describes the source by its pattern or path and its options. There is no
// description where the options hold an Adapter, or are at fault.
func (s *FileSource) Spec() (datamix.Spec, bool) {
	if s.err != nil || s.set.Adapter != nil {
		return datamix.Spec{}, false
	}
	return datamix.NewSpec(s.name, 1, s.what), true
}

type describedOptions struct {
	Path    string   `json:"path"`
	Options *Options `json:"options,omitempty"`
}

// placesOf finds the files of fsys that pattern names; prefix is put in front
// of their paths.
func placesOf(fsys fs.FS, pattern, prefix string) ([]place, error) {
	names, err := glob(fsys, pattern)
	if err != nil {
		return nil, err
	}
	places := make([]place, len(names))
	for i, name := range names {
		places[i] = place{path: prefix + name, open: func() (io.ReadCloser, error) { return fsys.Open(name) }}
	}
	return places, nil
}

// osPlaces is placesOf for one file of the operating system.
func osPlaces(path string) ([]place, func(), error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return nil, nil, fmt.Errorf("%s is a folder: use Files with os.DirFS", path)
	}
	head := make([]byte, len(magicZip))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, magicZip) {
		open := func() (io.ReadCloser, error) { return os.Open(path) }
		return []place{{path: path, open: open}}, func() {}, nil
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	places, err := placesOf(archive, ".", filepath.ToSlash(path)+"/")
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), archive.Close())
	}
	return places, func() { _ = archive.Close() }, nil
}
