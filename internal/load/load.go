// Package load carries a plan out.
//
// In goes a [scenarios.Plan]; hits leave when they are due, whatever the replies do, and everything the client knows of them goes into a [Ledger].
// vegeta owns the workers; the pacer, the transports and the ledger are here. Package internal/run is the caller, package pace the schedules.
package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/common/config"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"brrtload/scenarios"
)

// Options are how a plan is carried out. BaseURL, Connections and Timeout must be given.
type Options struct {
	BaseURL     string        // of the target; its path, if any, comes before every hit's
	Connections int           // at most so many at once
	Timeout     time.Duration // of a hit, from its sending
	Transport   Transport     // the one that fits the other options, when empty
	NoKeepAlive bool          // a connection for every hit
	TLS         *tls.Config   // for an https target: authorities, client certificate
	HTTP2       bool          // where an https target offers it
	H2C         bool          // HTTP/2 without TLS, from the first byte
	Proxy       *url.URL
	Unix        string          // path of a socket to dial in place of the base URL's host
	Stop        <-chan struct{} // once closed no further hit is sent, and those in flight are waited for, up to Timeout
	Began       func(time.Time) // called with the instant that due times count from, before the first hit
	Recorder    *Recorder       // of every result, if not nil; the caller closes it
	Steps       *Steps          // collects what hits spend their time on, if not nil, at some microsecond a hit
	// Lifetime is how long a connection is used before a new one is made in its place, which looks the name up again; 0 for ever.
	Lifetime time.Duration
	// Dial replaces the network, in tests. Then the pacer waits with Go's timers, which a test's bubble can fake.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// For gives the options that a scenario asks for, with the URL of its target.
func For(s *scenarios.Scenario, baseURL string) (Options, error) {
	t := s.Transport
	o := Options{
		BaseURL: baseURL, Connections: s.Connections, Timeout: s.Timeout, Transport: Transport(t.Client.Value),
		NoKeepAlive: t.KeepAlive != nil && !*t.KeepAlive, HTTP2: t.HTTP2, H2C: t.H2C, Proxy: t.ProxyURL(), Unix: t.Unix, Lifetime: t.Lifetime,
	}
	var err error
	if o.TLS, err = config.NewTLSConfig(&t.TLS.TLSConfig); err != nil {
		return o, fmt.Errorf("TLS settings: %w", err)
	}
	return o, nil
}

// Transport names what sends hits.
type Transport string

// The transports. Both send a hit once, as written, follow no redirect and decompress nothing.
const (
	FastHTTP Transport = "fasthttp" // HTTP/1.1; nothing allocated for a hit
	NetHTTP  Transport = "net/http" // HTTP/1.1 and 2, proxies; some forty allocations for a hit
)

// carrier makes the carrier that the options ask for; its workers may wait for the bell.
func (o Options) carrier(p *scenarios.Plan, since func() time.Duration, b *bell) (carrier, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	beyond := o.HTTP2 || o.H2C || o.Proxy != nil
	switch o.Transport {
	case FastHTTP, "":
		if !beyond {
			return newLanes(o, newWire(base, !o.NoKeepAlive, p), o.toTarget(base), since, b), nil
		}
		if o.Transport == FastHTTP {
			return nil, fmt.Errorf("transport %s knows neither HTTP/2 nor proxies; %s does", FastHTTP, NetHTTP)
		}
		fallthrough
	case NetHTTP:
		return newStandard(base, o, since), nil
	default:
		return nil, fmt.Errorf("unknown transport %q: want %s or %s", o.Transport, FastHTTP, NetHTTP)
	}
}

// Run carries the plan out and returns when every hit that was sent is in the ledger. When ctx is done it cuts what is in
// flight and returns its cause; a closed Stop is no error. It is an error when no connection can be made.
func Run(ctx context.Context, p *scenarios.Plan, l *Ledger, o Options) error {
	pace, err := newPacer(p.Schedule(), o.Connections, o.Dial != nil)
	if err != nil {
		return err
	}
	defer pace.close() //nolint:errcheck // a timer holds nothing that could be lost
	c, err := o.carrier(p, pace.since, pace.bell)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.connect(); err != nil {
		return err
	}
	pace.start = time.Now()
	if o.Began != nil {
		o.Began(pace.start)
	}
	c.begin()
	t := newTransport(p, l, c, pace.since)
	if t.recorder = o.Recorder; t.recorder != nil {
		t.recorder.begin(pace.start, o.BaseURL)
	}
	attack(ctx, pace, t.send, t.waits, o.Stop, c.cut)
	return context.Cause(ctx)
}

// attack has vegeta run the pacer and the workers, which call send for every hit, and returns when all hits are done; waits is told of hits that
// find every worker busy. A closed stop ends the sending, a done ctx also what is in flight, through cut.
func attack(ctx context.Context, pace *pacer, send func(worker int, t turn), waits func(n uint64, noticed time.Duration), stop <-chan struct{}, cut func()) {
	pace.roster.waits = waits
	attacker := vegeta.NewAttacker(vegeta.Client(&http.Client{Transport: &shifts{pace.roster, send}}),
		vegeta.Workers(pace.workers), vegeta.MaxWorkers(pace.workers))
	done := make(chan struct{})
	var ending sync.WaitGroup
	ending.Go(func() {
		select {
		case <-ctx.Done():
		case <-stop:
		case <-done:
			return
		}
		pace.wait.stop()
		select {
		case <-ctx.Done():
			cut()
		case <-done:
		}
	})
	for range attacker.Attack(target, pace, 0, "") { // shifts that are over
	}
	close(done)
	ending.Wait()
}

// target is vegeta's Targeter. It says nothing of any hit: the transport knows them by their numbers.
func target(t *vegeta.Target) error {
	t.Method, t.URL = http.MethodGet, "http://h"
	return nil
}
