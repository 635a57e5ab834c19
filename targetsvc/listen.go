package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// listen opens a listener. An address that others can reach is refused unless remote is true: the service carries known
// demonstration keys and does work on demand.
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

// newServer bounds what a client can hold: slow headers, slow bodies, slow readers, large headers.
func newServer(h http.Handler, keepAlive time.Duration) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 2 * time.Minute, IdleTimeout: keepAlive, MaxHeaderBytes: 64 << 10}
}
