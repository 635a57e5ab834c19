package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/fault"
)

// serveWithin runs the service behind a server with the limits, and gives its address.
func serveWithin(t *testing.T, l limits) string {
	t.Helper()
	o, err := parse([]string{"--log-level", "ERROR"}, nil, io.Discard)
	require.NoError(t, err)
	o.faults = fault.NewSet()
	told, s, err := assemble(o, io.Discard)
	require.NoError(t, err)
	listener, err := listen("127.0.0.1:0", false)
	require.NoError(t, err)
	server := newServer(s.Handler(), l)
	var serving sync.WaitGroup
	serving.Go(func() { assert.ErrorIs(t, server.Serve(listener), http.ErrServerClosed) })
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		serving.Wait()
		require.NoError(t, s.Close(context.Background()))
		require.NoError(t, told.Close(context.Background()))
	})
	return listener.Addr().String()
}

// drip sends a byte now and then for as long as the connection takes them.
func drip(connection net.Conn, done <-chan struct{}) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if _, err := connection.Write([]byte("a")); err != nil {
				return
			}
		case <-done:
			return
		}
	}
}

func TestSlowClientsAreLetGoWhileOthersAreServed(t *testing.T) {
	for name, row := range map[string]struct {
		limits limits
		begins string
		status int // 0: the connection is closed without an answer
	}{
		"a slow header": {limits{header: 300 * time.Millisecond}, "GET /users/1 HTTP/1.1\r\nHost: x\r\nX-Slow: ", 0},
		"a slow body": {limits{request: 300 * time.Millisecond},
			"POST /pets HTTP/1.1\r\nHost: x\r\nX-API-Key: test-key\r\nContent-Length: 100000\r\n\r\n", http.StatusRequestTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			address := serveWithin(t, row.limits)
			var clients sync.WaitGroup
			for range 30 {
				connection, err := net.Dial("tcp", address)
				require.NoError(t, err)
				_, err = io.WriteString(connection, row.begins)
				require.NoError(t, err)
				clients.Go(func() { assert.Equal(t, row.status, slowly(t, connection)) })
			}
			answered := func() {
				response, err := http.Get("http://" + address + "/users/1")
				require.NoError(t, err)
				response.Body.Close()
				require.Equal(t, http.StatusOK, response.StatusCode)
			}
			answered()
			clients.Wait()
			answered()
		})
	}
}

// slowly drips until the service lets go of the connection, and gives the status of its answer, or
// 0 for none.
func slowly(t *testing.T, connection net.Conn) int {
	defer connection.Close()
	connection.SetReadDeadline(time.Now().Add(20 * time.Second))
	ended := make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() { drip(connection, ended) })
	defer dripping.Wait()
	defer close(ended)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the service held the connection")
		return 0
	}
	defer response.Body.Close()
	assert.True(t, response.Close, "the answer says that the connection ends")
	return response.StatusCode
}
