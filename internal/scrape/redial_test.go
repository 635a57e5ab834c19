package scrape

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
)

// Every fifth scrape has a new connection, and once several processes are to be reached, every one.
func TestRedial(t *testing.T) {
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, err := w.Write([]byte("x_total 1\n"))
		require.NoError(t, err)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	e, err := New(Target{Name: "target", URL: server.URL}, store)
	require.NoError(t, err)
	defer e.Close()
	seconds := 0.0
	scrape := func() {
		seconds++
		batch := store.At(at(seconds))
		_, err := e.Scrape(t.Context(), at(seconds), batch)
		require.NoError(t, err)
		require.NoError(t, batch.Commit())
	}
	for range 10 {
		scrape()
	}
	require.EqualValues(t, 3, connections.Load(), "the first, the fifth and the tenth")
	e.Redial()
	for range 4 {
		scrape()
	}
	require.EqualValues(t, 7, connections.Load())
}
