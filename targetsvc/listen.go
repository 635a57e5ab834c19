package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// listen opens a listener. An address that others can reach is refused unless remote is true: the
// service carries known demonstration keys and does work on demand.
func listen(address string, remote bool) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if !remote && (resolved.IP == nil || !resolved.IP.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: not a loopback address; --allow-remote says that this is meant", address)
	}
	return net.ListenTCP("tcp", resolved)
}

// limits bound how long a client can hold a connection.
type limits struct {
	header  time.Duration // for the header to arrive
	request time.Duration // for header and body to arrive
	answer  time.Duration // for the answer to be taken
	idle    time.Duration // between two requests
}

func usualLimits(keepAlive time.Duration) limits {
	return limits{header: 5 * time.Second, request: 30 * time.Second, answer: 2 * time.Minute, idle: keepAlive}
}

// maxHeader bounds what a client can have us keep of its header, bytes.
const maxHeader = 64 << 10

// newServer bounds what a client can hold: slow headers, slow bodies, slow readers, large headers.
func newServer(h http.Handler, l limits) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: l.header, ReadTimeout: l.request, WriteTimeout: l.answer,
		IdleTimeout: l.idle, MaxHeaderBytes: maxHeader}
}
