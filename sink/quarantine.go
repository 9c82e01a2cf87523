package sink

import (
	"context"
	"fmt"
	"os"

	"github.com/datamix-go/datamix"
)

// QuarantineName is the file of a folder that holds the bad rows of a run.
const QuarantineName = "quarantine.jsonl"

// Quarantine returns a sink for the bad records of a run, to be given to
// datamix.Quarantine. It writes quarantine.jsonl into the folder, in form raw,
// and only if there is a bad record. The folder closes it: the file gets its
// name when the folder is closed and also when it is aborted, since then it
// may tell why. Its own Close does nothing. It is safe for concurrent use.
func (f *Folder) Quarantine() datamix.Sink { return &f.bad }

// quarantine is guarded by the folder's mutex. It does not buffer: bad rows are
// few.
type quarantine struct {
	folder *Folder
	enc    *encoder
	out    *output
	buf    []byte
}

// Write adds a bad record.
func (q *quarantine) Write(_ context.Context, r *datamix.Record) error {
	f := q.folder
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.begin(); err != nil {
		return err
	}
	if q.out == nil {
		out, err := newOutput(f.create, f.path(tempInFolder+QuarantineName))
		if err != nil {
			return err
		}
		q.out, q.enc = out, newEncoder(Options{As: FormRaw, SourceColumn: NoSource})
	}
	var err error
	if q.buf, err = q.enc.appendLine(q.buf[:0], r); err != nil {
		return err
	}
	if _, err = q.out.Write(q.buf); err != nil {
		f.err = err
	}
	return err
}

// Close does nothing.
func (q *quarantine) Close() error { return nil }

// keep gives the file its name, where there is one.
func (q *quarantine) keep() error {
	if q.out == nil {
		return nil
	}
	out := q.out
	q.out = nil
	if err := out.finish(); err != nil {
		return err
	}
	if err := os.Rename(out.path, q.folder.path(QuarantineName)); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return syncDir(q.folder.dir)
}

// commit is keep for a run that is complete: the file of an earlier run goes
// where this run had no bad record.
func (q *quarantine) commit() error {
	if q.out == nil {
		return removeIfThere(q.folder.path(QuarantineName))
	}
	return q.keep()
}
