package main

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// endless is a source of n records.
type endless struct{ n int }

func (e endless) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for i := range e.n {
			r := datamix.NewChat(datamix.User("question"), datamix.Assistant(strings.Repeat("answer ", 100)))
			r.Origin.Row = int64(i)
			if !yield(r, nil) {
				return
			}
		}
	}
}

func served(t *testing.T, n int, log *strings.Builder) *httptest.Server {
	t.Helper()
	m, err := mix.New(mix.Recipe{Total: mix.Largest, Parts: []mix.Part{{Name: "a", Source: endless{n: n}, Quantity: mix.Share(1)}}}, nil)
	require.NoError(t, err)
	s := httptest.NewServer(handler(m, slog.New(slog.NewTextHandler(log, nil))))
	t.Cleanup(s.Close)
	return s
}

func TestServiceStreamsTheMix(t *testing.T) {
	s := served(t, 100, &strings.Builder{})
	for query, want := range map[string]int{"": 100, "?limit=7": 7, "?limit=0": 0} {
		res, err := http.Get(s.URL + "/mix" + query)
		require.NoError(t, err)
		assert.Equal(t, "application/x-ndjson", res.Header.Get("Content-Type"))
		n := 0
		for lines := bufio.NewScanner(res.Body); lines.Scan(); n++ {
			assert.True(t, strings.HasPrefix(lines.Text(), `{"messages":[`), lines.Text())
		}
		res.Body.Close()
		assert.Equal(t, want, n, query)
	}
	res, err := http.Get(s.URL + "/mix?limit=x")
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, http.StatusBadRequest, res.StatusCode)
}

func TestServiceStopsWhenTheClientLeaves(t *testing.T) {
	var log strings.Builder
	s := served(t, 200_000, &log)
	res, err := http.Get(s.URL + "/mix")
	require.NoError(t, err)
	_, err = bufio.NewReader(res.Body).ReadString('\n')
	require.NoError(t, err)
	res.Body.Close()
	s.CloseClientConnections()
	done := make(chan struct{})
	go func() { s.Close(); close(done) }() // waits for the handler
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("the handler goes on without a client")
	}
	assert.Contains(t, log.String(), "stopped")
}
