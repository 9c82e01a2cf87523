package sinktest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink/sinktest"
)

// memory is a sink that keeps its records once it is closed.
type memory struct {
	pending, committed []*datamix.Record
	closed             bool
}

func (m *memory) Write(_ context.Context, r *datamix.Record) error {
	if m.closed {
		return errors.New("write after close")
	}
	m.pending = append(m.pending, r.Clone())
	return nil
}

func (m *memory) Close() error {
	m.committed, m.closed = m.pending, true
	return nil
}

func (m *memory) Abort() error {
	m.closed = true
	return nil
}

func TestRun(t *testing.T) {
	var m *memory
	sinktest.Run(t, func(*testing.T) datamix.Sink {
		m = &memory{}
		return m
	}, func(*testing.T) []*datamix.Record { return m.committed })
}
