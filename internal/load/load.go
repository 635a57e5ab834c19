// Package load carries a plan out.
//
// In goes a [scenarios.Plan]; hits leave when they are due, whatever the replies do, and everything
// the client knows of them goes into a [Ledger]. The pacer says what is due, the dispatcher which
// worker sends it, and one of two engines sends it: our own for HTTP/1.1 (package http1), whose
// workers are plain goroutines, or vegeta's Attacker (package vegeta) for everything else. Package
// clock waits, package dial connects, package hit has the words for what came of a hit. Package
// internal/run is the caller, package pace has the schedules.
package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/common/config"

	"brrtload/internal/load/dial"
	"brrtload/scenarios"
)

// Options are how a plan is carried out. BaseURL, Connections and Timeout must be given.
type Options struct {
	BaseURL     string        // of the target; its path, if any, comes before every hit's
	Connections int           // maximum number of connections
	Timeout     time.Duration // of a hit, from its sending
	Engine      Engine        // the one that fits the other options, when empty
	NoKeepAlive bool          // a connection for every hit
	TLS         *tls.Config   // for an https target: authorities, client certificate
	HTTP2       bool          // where an https target offers it
	H2C         bool          // HTTP/2 without TLS, from the first byte
	Proxy       *url.URL
	Unix        string        // path of a socket to dial instead of the base URL's host
	Lifetime    time.Duration // of a connection, then the name is looked up anew; 0 is unlimited
	Start       time.Time     // of the load, which due times count from; as soon as it can be, when zero
	// Stop, once closed, ends the sending; hits in flight are waited for, up to Timeout.
	Stop     <-chan struct{}
	Began    func(time.Time) // called with the instant that due times count from, before the first hit
	Recorder *Recorder       // of every result, if not nil; the caller closes it
	Steps    *Steps          // collects the steps of hits, if not nil, at some microsecond a hit
	// Dial replaces the network, in tests. Then the pacer waits with Go's timers, which a test's
	// bubble can fake.
	Dial dial.Func
}

// For returns the options that a scenario asks for, with the URL of its target.
func For(s *scenarios.Scenario, baseURL string) (Options, error) {
	t := s.Transport
	o := Options{
		BaseURL: baseURL, Connections: s.Connections, Timeout: s.Timeout, Engine: Engine(t.Client.Value),
		NoKeepAlive: t.KeepAlive != nil && !*t.KeepAlive, Lifetime: t.Lifetime,
		HTTP2: t.HTTP2, H2C: t.H2C, Proxy: t.ProxyURL(), Unix: t.Unix,
	}
	var err error
	if o.TLS, err = config.NewTLSConfig(&t.TLS.TLSConfig); err != nil {
		return o, fmt.Errorf("TLS settings: %w", err)
	}
	return o, nil
}

// target returns where the hits go.
func (o Options) target() (dial.Target, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return dial.Target{}, fmt.Errorf("base URL: %w", err)
	}
	t := dial.Target{
		Base: base, Connections: o.Connections, Timeout: o.Timeout, NoKeepAlive: o.NoKeepAlive,
		Lifetime: o.Lifetime, TLS: o.TLS, HTTP2: o.HTTP2, H2C: o.H2C, Proxy: o.Proxy, Unix: o.Unix, Dial: o.Dial,
	}
	if o.Steps != nil {
		t.Record = o.Steps.record
	}
	return t, nil
}

// Run carries the plan out and returns when every hit that was sent is in the ledger. When ctx is
// done it cuts what is in flight and returns its cause; a closed Stop is no error. It fails when no
// connection can be made.
func Run(ctx context.Context, p *scenarios.Plan, l *Ledger, o Options) error {
	pace, err := newPacer(p.Schedule(), o.Connections, o.Dial != nil)
	if err != nil {
		return err
	}
	defer pace.close() //nolint:errcheck // a timer holds nothing that could be lost
	a, err := o.attacker(p, pace.since, pace.wakeUps)
	if err != nil {
		return err
	}
	target, err := o.target()
	if err != nil {
		return err
	}
	c := a.add(target)
	defer c.Close()
	if err := c.Connect(); err != nil {
		return err
	}
	pace.start = o.start()
	if o.Began != nil {
		o.Began(pace.start)
	}
	c.Begin()
	if o.Recorder != nil {
		o.Recorder.begin(pace.start, o.BaseURL)
	}
	carryOut(ctx, pace, a, newWhole(p, l, o.Recorder), pace.start, o.Stop, c.Cut)
	return context.Cause(ctx)
}

// start returns when the load starts, by the monotonic clock.
func (o Options) start() time.Time {
	now := time.Now()
	if o.Start.IsZero() {
		return now
	}
	return now.Add(o.Start.Sub(now))
}

// carryOut runs the pacer and the engine, and returns when all hits are done. Times of results
// count from start. A closed stop ends the sending, a done ctx also what is in flight, through cut.
func carryOut(ctx context.Context, pace *pacer, a attacker, o order, start time.Time,
	stop <-chan struct{}, cut func(),
) {
	pace.dispatcher.waits = o.waits
	done := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(pace.run)
	beside.Go(func() {
		select {
		case <-ctx.Done():
		case <-stop:
		case <-done:
			return
		}
		pace.wait.Stop()
		select {
		case <-ctx.Done():
			cut()
		case <-done:
		}
	})
	a.attack(pace.dispatcher, o, start)
	close(done)
	beside.Wait()
}
