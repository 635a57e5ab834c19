// Package pipetest is an HTTP server in memory, for tests under testing/synctest: its connections
// wait on channels, which a bubble's fake clock understands, where a socket would keep the clock
// from moving.
//
// In goes a handler; out comes a function that dials it. Package load is tested with it.
package pipetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// Server serves a handler on connections in memory.
type Server struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
	accepted    atomic.Int32
}

// Serve starts a server, inside a bubble if the test is in one, and ends it with the test.
func Serve(t testing.TB, handler http.Handler) *Server {
	s := &Server{connections: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(s); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
		serving.Wait()
	})
	return s
}

// Dial makes a connection to the server; network and address are not looked at.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case s.connections <- server:
		return client, nil
	case <-s.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (s *Server) Accept() (net.Conn, error) {
	select {
	case c := <-s.connections:
		s.accepted.Add(1)
		return c, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

// Accepted returns how many connections were made so far.
func (s *Server) Accepted() int { return int(s.accepted.Load()) }

// Close implements net.Listener.
func (s *Server) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// Addr implements net.Listener.
func (s *Server) Addr() net.Addr { return address{} }

type address struct{}

func (address) Network() string { return "pipe" }
func (address) String() string  { return "pipe" }
