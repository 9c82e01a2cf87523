package sink

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"sync"
)

// What unfinished files begin with. A folder removes those of its own that it
// finds; a file sink always takes the same name and writes over it.
const (
	tempInFolder = ".datamix-folder-"
	tempOfFile   = ".datamix-file-"
)

// handle is an open file.
type handle interface {
	io.Writer
	Sync() error
	Close() error
}

// creator opens a new file, replacing an old one.
type creator func(path string) (handle, error)

func createFile(path string) (handle, error) { return os.Create(path) }

// output is a file that is being written under a temporary name.
type output struct {
	path string
	file handle
	sum  hash.Hash
	n    int64
}

func newOutput(create creator, path string) (*output, error) {
	f, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	return &output{path: path, file: f, sum: sha256.New()}, nil
}

// Write appends to the file.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	o.n += int64(n)
	o.sum.Write(p[:n])
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		err = fmt.Errorf("sink: %s: after %d bytes: %w", o.path, o.n, err)
	}
	return n, err
}

// finish puts the file on the disk and closes it.
func (o *output) finish() error {
	err := o.file.Sync()
	if err = errors.Join(err, o.file.Close()); err != nil {
		return fmt.Errorf("sink: %s: after %d bytes: %w", o.path, o.n, err)
	}
	return nil
}

// landing puts files on the disk while others are being written: a disk takes
// several at once about as long as one.
type landing struct {
	wg   sync.WaitGroup
	errs []*error // in the order of the files
}

// add finishes a file, to which nothing is added any more.
func (l *landing) add(o *output) {
	err := new(error)
	l.errs = append(l.errs, err)
	l.wg.Go(func() { *err = o.finish() })
}

// wait waits for all files and returns what went wrong with the first.
func (l *landing) wait() error {
	l.wg.Wait()
	for _, err := range l.errs {
		if *err != nil {
			return *err
		}
	}
	return nil
}

// discard closes and removes the file.
func (o *output) discard() error {
	_ = o.file.Close() // it is removed anyway, and may be closed already
	return removeIfThere(o.path)
}

// hash returns the SHA-256 of what was written, in hexadecimal.
func (o *output) hash() string { return hex.EncodeToString(o.sum.Sum(nil)) }

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("sink: %w", err)
	}
	return nil
}

// syncDir puts the names in a folder on the disk. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sink: %s: %w", dir, err)
	}
	return nil
}
