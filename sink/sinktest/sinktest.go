// Package sinktest tests implementations of datamix.Sink, as testing/fstest
// does file systems.
package sinktest

import (
	"context"
	"fmt"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// Run tests that a sink keeps the rules of datamix.Sink and, where it has them,
// of datamix.Aborter and datamix.ReportSink.
//
// open returns a new sink whose target is empty; it is called once for each
// subtest. read returns the records that the sink of the last open has
// committed, in order. They are compared with what was written by ContentHash;
// an element may be nil where the target does not give back what it took, and
// only counts then.
//
// The records are chats of a user and an assistant turn; their texts have
// quotes, line breaks and characters outside of ASCII.
func Run(t *testing.T, open func(t *testing.T) datamix.Sink, read func(t *testing.T) []*datamix.Record) {
	t.Helper()
	s := suite{open, read}
	t.Run("close commits", s.closeCommits)
	t.Run("an empty run", s.emptyRun)
	t.Run("many records", s.manyRecords)
	t.Run("write after close", s.writeAfterClose)
	t.Run("records are not kept", s.recordsAreNotKept)
	t.Run("records are not changed", s.recordsAreNotChanged)
	t.Run("abort commits nothing", s.abortCommitsNothing)
	t.Run("a run with a report", s.runWithReport)
}

type suite struct {
	open func(t *testing.T) datamix.Sink
	read func(t *testing.T) []*datamix.Record
}

// Chat returns the n-th record that Run writes.
func Chat(n int) *datamix.Record {
	r := datamix.NewChat(datamix.User(fmt.Sprintf("Question \"%d\"?\n¿Qué? 質問", n)), datamix.Assistant(fmt.Sprintf("Answer\t%d \\ 😀", n)))
	r.Origin = datamix.Origin{Source: "part", Path: "sinktest.jsonl", Row: int64(n)}
	return r
}

func (s suite) write(t *testing.T, dst datamix.Sink, n int) {
	t.Helper()
	for i := range n {
		require.NoError(t, dst.Write(t.Context(), Chat(i)))
	}
}

// committed compares what was committed with the first n chats.
func (s suite) committed(t *testing.T, n int) {
	t.Helper()
	got := s.read(t)
	require.Len(t, got, n)
	for i, r := range got {
		if r != nil {
			require.Equal(t, Chat(i).ContentHash(), r.ContentHash(), "record %d: %v", i, r.Messages())
		}
	}
}

func (s suite) closeCommits(t *testing.T) {
	dst := s.open(t)
	s.write(t, dst, 3)
	require.NoError(t, dst.Close())
	s.committed(t, 3)
}

func (s suite) emptyRun(t *testing.T) {
	dst := s.open(t)
	require.NoError(t, dst.Close())
	s.committed(t, 0)
}

func (s suite) manyRecords(t *testing.T) {
	dst := s.open(t)
	s.write(t, dst, 5000)
	require.NoError(t, dst.Close())
	s.committed(t, 5000)
}

func (s suite) writeAfterClose(t *testing.T) {
	dst := s.open(t)
	s.write(t, dst, 1)
	require.NoError(t, dst.Close())
	assert.Error(t, dst.Write(t.Context(), Chat(1)))
	s.committed(t, 1)
}

func (s suite) recordsAreNotKept(t *testing.T) {
	dst := s.open(t)
	for i := range 10 {
		// What a source does that reuses memory: the texts change after Write.
		user, assistant := []byte(Chat(i).Prompt()), []byte(Chat(i).Response())
		r := datamix.NewChat(datamix.User(stringOf(user)), datamix.Assistant(stringOf(assistant)))
		require.NoError(t, dst.Write(t.Context(), r))
		clear(user)
		clear(assistant)
		r.SetText("another text")
	}
	require.NoError(t, dst.Close())
	s.committed(t, 10)
}

func (s suite) recordsAreNotChanged(t *testing.T) {
	dst := s.open(t)
	r := Chat(0)
	before, err := r.AppendBinary(nil)
	require.NoError(t, err)
	require.NoError(t, dst.Write(t.Context(), r))
	after, err := r.AppendBinary(nil)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	require.NoError(t, dst.Close())
}

func (s suite) abortCommitsNothing(t *testing.T) {
	dst := s.open(t)
	if _, ok := dst.(datamix.Aborter); !ok {
		t.Log("the sink cannot take back what was written: it is no datamix.Aborter")
		require.NoError(t, dst.Close())
		return
	}
	s.write(t, dst, 3)
	require.NoError(t, datamix.Abort(dst))
	s.committed(t, 0)
	assert.Error(t, dst.Write(t.Context(), Chat(0)), "write after abort")
}

func (s suite) runWithReport(t *testing.T) {
	src := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for i := range 20 {
				if !yield(Chat(i), nil) {
					return
				}
			}
		}
	})
	report, err := datamix.Run(t.Context(), src, s.open(t))
	require.NoError(t, err)
	assert.EqualValues(t, 20, report.Output.Rows)
	s.committed(t, 20)
}

// stringOf returns a string that shares the memory of b.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
