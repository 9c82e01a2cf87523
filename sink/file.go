package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/datamix-go/datamix"
)

// File returns a sink that writes one file of JSON Lines. It is written under a
// temporary name in the same folder, which must be there, and renamed at Close;
// Abort removes it. Nothing is touched before the first Write or Close.
//
// A path that ends in ".gz" or ".zst" is compressed accordingly, and Compression
// must be unset or say the same. A file that exists is an error that wraps
// fs.ErrExist unless Overwrite is set. RowsPerShard, BytesPerShard and Prefix
// are errors.
func File(path string, o *Options) datamix.Sink {
	f := &file{path: path, create: createFile}
	if o != nil {
		f.o = *o
	}
	return f
}

type file struct {
	path   string
	o      Options
	create creator
	lines  *lines
	out    *output
	closed bool
	err    error
}

// Write adds a line.
func (f *file) Write(_ context.Context, r *datamix.Record) error {
	if f.closed {
		return errClosed
	}
	err := f.begin()
	if err == nil {
		err = f.lines.write(r)
	}
	if datamix.Final(err) {
		f.err = err
	}
	return err
}

// Borrows reports that records are encoded at once.
func (f *file) Borrows() bool { return true }

func (f *file) begin() error {
	if f.err != nil || f.lines != nil {
		return f.err
	}
	o, err := f.resolve()
	if err != nil {
		return err
	}
	if _, err := os.Stat(f.path); err == nil && !o.Overwrite {
		return fmt.Errorf("sink: %s: choose another name or set overwrite: %w", f.path, fs.ErrExist)
	}
	l, err := newLines(o)
	if err != nil {
		return err
	}
	dir, name := filepath.Split(f.path)
	if f.out, err = newOutput(f.create, filepath.Join(dir, tempOfFile+name)); err != nil {
		return err
	}
	f.lines = l
	return l.start(f.out)
}

func (f *file) resolve() (Options, error) {
	o := f.o
	if o.sharded() {
		return o, errors.New("sink: a file has no shards: leave out rows_per_shard, bytes_per_shard and prefix")
	}
	byName := None
	switch {
	case strings.HasSuffix(f.path, ".gz"):
		byName = Gzip
	case strings.HasSuffix(f.path, ".zst"):
		byName = Zstd
	}
	if o.Compression != "" && o.Compression != byName {
		return o, fmt.Errorf("sink: %s: the name says compression %s, the options %s", f.path, byName, o.Compression)
	}
	o.Compression = byName
	return o.resolve(formatJSONL)
}

// Close gives the file its name. After an error it aborts instead.
func (f *file) Close() error {
	if f.closed {
		return f.err
	}
	f.closed = true
	err := f.begin()
	if err == nil {
		err = f.commit()
	}
	if err != nil {
		f.err = errors.Join(err, f.discard())
	}
	return f.err
}

func (f *file) commit() error {
	if err := f.lines.finish(); err != nil {
		return err
	}
	if err := f.out.finish(); err != nil {
		return err
	}
	if err := os.Rename(f.out.path, f.path); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return syncDir(filepath.Dir(f.path))
}

// Abort removes what was written. After Close it does nothing.
func (f *file) Abort() error {
	if f.closed {
		return nil
	}
	f.closed = true
	return f.discard()
}

func (f *file) discard() error {
	if f.out == nil {
		return nil
	}
	if f.lines != nil {
		f.lines.halt()
	}
	return f.out.discard()
}
