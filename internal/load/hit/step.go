package hit

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Step names a part of a hit's time.
type Step string

// The steps of a hit. The first three are of connections.
const (
	DNS       Step = "dns"
	Connect   Step = "connect"
	Handshake Step = "tls"
	FirstByte Step = "first byte" // from the sending of the request to the first byte of the response
	Transfer  Step = "transfer"   // from there to the end of the body
)

// Record counts how long a step took. It is safe for concurrent use. A nil Record measures nothing.
type Record func(Step, time.Duration)

// Timer returns a function that counts a step as what has passed since Timer was called.
func (r Record) Timer(step Step) func() {
	begun := time.Now()
	return func() { r(step, time.Since(begun)) }
}

// Connecting returns the hooks that the net package and net/http call while they make a connection.
// Several attempts at one connection may overlap; each is counted.
func (r Record) Connecting() *httptrace.ClientTrace {
	var mu sync.Mutex
	var resolved, handshaken func()
	dials := map[string]func(){}
	start := func(done *func(), step Step) {
		mu.Lock()
		defer mu.Unlock()
		*done = r.Timer(step)
	}
	end := func(done *func()) {
		mu.Lock()
		defer mu.Unlock()
		(*done)()
	}
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { start(&resolved, DNS) },
		DNSDone:  func(httptrace.DNSDoneInfo) { end(&resolved) },
		ConnectStart: func(_, address string) {
			mu.Lock()
			defer mu.Unlock()
			dials[address] = r.Timer(Connect)
		},
		ConnectDone: func(_, address string, _ error) {
			mu.Lock()
			defer mu.Unlock()
			dials[address]()
		},
		TLSHandshakeStart: func() { start(&handshaken, Handshake) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { end(&handshaken) },
	}
}
