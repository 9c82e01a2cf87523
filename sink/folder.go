package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/datamix-go/datamix"
)

// Folder is a sink that writes shards into a folder. JSONL and Parquet make
// one.
//
// Nothing is touched before the first Write or Close; that is also where wrong
// options and a folder that is in use are errors. At Close the shards get their
// names, <prefix>-00000-of-00007 with the suffix of the format, then
// report.json and report.txt if the run reported, README.md, what Attach added,
// then manifest.json. A run without records leaves one empty shard.
//
// A folder that has a manifest or shards of the prefix is an error that wraps
// fs.ErrExist unless Options.Overwrite is set; then they stay until the new
// ones are complete. Only one run at a time may write into a folder.
//
// Errors other than those of a record are kept and returned from then on, and
// nothing gets its final name. The sink of Quarantine may be used at the same
// time from another goroutine.
type Folder struct {
	dir    string
	format string
	user   *Options
	create creator

	mu       sync.Mutex
	state    folderState
	err      error
	o        Options
	made     bool // the folder was made by this sink
	writer   format
	current  *output
	shard    Shard // of current
	done     []finished
	report   *datamix.Report
	attached []Attachment
	bad      quarantine
}

type folderState int

const (
	fresh folderState = iota
	open
	closed
)

// finished is a shard with its temporary path.
type finished struct {
	Shard
	temp string
}

// JSONL returns a sink that writes JSON Lines into the folder dir, which it
// makes where there is none.
func JSONL(dir string, o *Options) *Folder { return newFolder(dir, formatJSONL, o) }

// Parquet returns a sink that writes Parquet files into the folder dir, which
// it makes where there is none. It has the forms messages and text, each with
// one schema whatever the records hold, so that all shards of all runs fit
// together.
func Parquet(dir string, o *Options) *Folder { return newFolder(dir, formatParquet, o) }

func newFolder(dir, format string, o *Options) *Folder {
	f := &Folder{dir: dir, format: format, create: createFile}
	if o != nil {
		own := *o
		f.user = &own
	}
	f.bad.folder = f
	return f
}

// Write adds a record.
func (f *Folder) Write(_ context.Context, r *datamix.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.begin(); err != nil {
		return err
	}
	if err := f.write(r); err != nil {
		if datamix.Final(err) {
			f.err = err
		}
		return err
	}
	return nil
}

// Borrows reports that records are encoded at once, or copied.
func (f *Folder) Borrows() bool { return true }

func (f *Folder) write(r *datamix.Record) error {
	if f.current == nil {
		if err := f.startShard(); err != nil {
			return err
		}
	}
	if err := f.writer.write(r); err != nil {
		return err
	}
	c := r.Counts()
	f.shard.Rows++
	f.shard.Tokens += int64(c.Total)
	f.shard.Trainable += int64(c.Trainable)
	full := f.o.RowsPerShard > 0 && f.shard.Rows >= f.o.RowsPerShard ||
		f.o.BytesPerShard > 0 && f.writer.size() >= f.o.BytesPerShard
	if full {
		return f.endShard()
	}
	return nil
}

// begin opens the folder where that has not been done.
func (f *Folder) begin() error {
	if f.state == closed {
		return errClosed
	}
	if f.err != nil || f.state == open {
		return f.err
	}
	f.state = open
	f.err = f.open()
	return f.err
}

func (f *Folder) open() (err error) {
	if f.o, err = f.user.resolve(f.format); err != nil {
		return err
	}
	if f.format == formatParquet {
		f.writer = newTable(f.o)
	} else if f.writer, err = newLines(f.o); err != nil {
		return err
	}
	if err := f.checkAttached(); err != nil {
		return err
	}
	if _, err := os.Stat(f.dir); errors.Is(err, fs.ErrNotExist) {
		f.made = true
	}
	if err := os.MkdirAll(f.dir, 0o777); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return f.sweep()
}

// Check returns the error that the first Write would return for wrong options or
// for a folder that is in use, and touches nothing: for programs that work long
// before they write.
func (f *Folder) Check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state != fresh {
		return f.err
	}
	o, err := f.user.resolve(f.format)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	f.o = o
	return f.free(entries)
}

// free refuses a folder in use.
func (f *Folder) free(entries []fs.DirEntry) error {
	for _, e := range entries {
		if f.owns(e.Name()) && !f.o.Overwrite {
			return fmt.Errorf("sink: %s holds %s of another run: choose another folder or set overwrite: %w", f.dir, e.Name(), fs.ErrExist)
		}
	}
	return nil
}

// sweep removes what a killed run left and refuses a folder in use.
func (f *Folder) sweep() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	if err := f.free(entries); err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempInFolder) && e.Type().IsRegular() {
			if err := removeIfThere(f.path(e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// owns reports whether a file is a manifest or a shard of the prefix.
func (f *Folder) owns(name string) bool {
	rest, ok := strings.CutPrefix(name, f.o.Prefix+"-")
	return name == ManifestName || ok && shardName.MatchString(rest)
}

// shardName matches what follows the prefix.
var shardName = regexp.MustCompile(`^\d{5,}-of-\d{5,}\.(jsonl|jsonl\.gz|jsonl\.zst|parquet)$`)

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *Folder) startShard() error {
	name := fmt.Sprintf("%s%s-%05d%s", tempInFolder, f.o.Prefix, len(f.done), f.writer.suffix())
	out, err := newOutput(f.create, f.path(name))
	if err != nil {
		return err
	}
	f.current, f.shard = out, Shard{}
	return f.writer.start(out)
}

// endShard ends a shard and puts it on the disk.
func (f *Folder) endShard() error {
	if err := f.writer.finish(); err != nil {
		return err
	}
	if err := f.current.finish(); err != nil {
		return err
	}
	f.shelve()
	return nil
}

// shelve puts the shard, to which nothing is added any more, to those that are done.
func (f *Folder) shelve() {
	f.shard.Bytes, f.shard.SHA256 = f.current.n, f.current.hash()
	f.done = append(f.done, finished{f.shard, f.current.path})
	f.current = nil
}

// WriteReport keeps the report for Close.
func (f *Folder) WriteReport(r datamix.Report) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == closed {
		return errClosed
	}
	f.report = &r
	return nil
}

// Close commits. After an error it aborts instead and returns the error.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == closed {
		return f.err
	}
	err := f.begin()
	if err == nil {
		err = f.commit()
	}
	if err != nil {
		err = errors.Join(err, f.abort())
	}
	f.state, f.err = closed, err
	return err
}

// Abort removes what was written, except quarantine.jsonl. After Close it does
// nothing.
func (f *Folder) Abort() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == closed {
		return nil
	}
	err := f.abort()
	f.state = closed
	return err
}

func (f *Folder) abort() error {
	var errs []error
	if f.current != nil {
		f.writer.halt()
		errs = append(errs, f.current.discard())
		f.current = nil
	}
	for _, d := range f.done {
		errs = append(errs, removeIfThere(d.temp))
	}
	errs = append(errs, f.bad.keep())
	if f.made {
		_ = os.Remove(f.dir) // fails where something is kept in it
	}
	return errors.Join(errs...)
}
