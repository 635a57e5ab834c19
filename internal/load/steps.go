package load

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

// Steps collects how long the steps of hits took. The zero value is ready; it is safe for concurrent use.
type Steps struct {
	mu         sync.Mutex
	histograms map[Step]*Histogram
}

// Update hands over what came into each step's histogram since the last call. The changes are the
// callee's until it returns. Steps have one reader.
func (s *Steps) Update(take func(Step, []Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []Change
	for step, h := range s.histograms {
		changes = h.fresh.take(changes[:0])
		take(step, changes)
	}
}

// Snapshot gives copies of what was collected, by step.
func (s *Steps) Snapshot() map[Step]*Histogram {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := map[Step]*Histogram{}
	for step, h := range s.histograms {
		copies[step] = h.clone()
	}
	return copies
}

func (s *Steps) record(step Step, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.histograms == nil {
		s.histograms = map[Step]*Histogram{}
	}
	h := s.histograms[step]
	if h == nil {
		h = newTracked()
		s.histograms[step] = h
	}
	h.Record(d)
}

// timer gives a function that counts a step as what has passed since timer was called.
func (s *Steps) timer(step Step) func() {
	begun := time.Now()
	return func() { s.record(step, time.Since(begun)) }
}

// connecting makes the hooks that the net package and net/http call while they make a connection. Several attempts at one connection may overlap; each is counted.
func (s *Steps) connecting() *httptrace.ClientTrace {
	var mu sync.Mutex
	var resolved, handshaken func()
	dials := map[string]func(){}
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { mu.Lock(); resolved = s.timer(DNS); mu.Unlock() },
		DNSDone:           func(httptrace.DNSDoneInfo) { mu.Lock(); defer mu.Unlock(); resolved() },
		ConnectStart:      func(_, address string) { mu.Lock(); dials[address] = s.timer(Connect); mu.Unlock() },
		ConnectDone:       func(_, address string, _ error) { mu.Lock(); defer mu.Unlock(); dials[address]() },
		TLSHandshakeStart: func() { mu.Lock(); handshaken = s.timer(Handshake); mu.Unlock() },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { mu.Lock(); defer mu.Unlock(); handshaken() },
	}
}
