// Package relay waits for a Prometheus that scrapes the service already: until it has scraped it
// before the load, after the load, and once more.
package relay

import (
	"context"
	"fmt"
	"strings"
	"time"

	"brrtload/internal/prometheus"
	"brrtload/internal/scrape"
)

// Relay reads the service's series from a server that scrapes it already. The run waits for that
// server's scrapes before the load and after it, and takes in all of them when it is over:
//
//	… probes |     S     | t0  load  last hit |     S     | t1 |     S     | idle
//	               first scrape                    last scrape     idle scrape
//
// The counts of the run are those between the first scrape and the last. All hits lie between them,
// by the server's own clock; so do up to one interval of rest on either side, and what others did
// in it.
type Relay struct {
	Server   *prometheus.Server
	Every    time.Duration // between two of its scrapes, the longest of all endpoints
	Waited   []string      // the endpoints whose scrapes are waited for: those that were scraped lately
	metric   string        // one that they all have
	Touched  time.Time     // by the server's clock, after everything that the run did before the load
	Over     time.Time     // the same after the last hit
	Baseline time.Time     // t0, by ours
	Done     time.Time     // the last hit, by ours
	Clock    prometheus.Clock
	Doubt    string // why nothing can be concluded
	Stats    []scrape.Stats
}

// How the server is waited for.
const (
	// history is how much of what was before the load is read: it shows the interval, and what
	// others do.
	History = 5 * time.Minute
	// longestInterval is the longest interval between two scrapes that a run waits for.
	longestInterval = 2 * time.Minute
	// reachable is how long a server that fails is tried.
	Reachable = 5 * time.Second
	// late is by how much more than its interval a scrape may be late, and take to arrive.
	Late = 10 * time.Second
	// unsure is how far apart a scrape and its time may lie: Prometheus aligns times that are off
	// by a few milliseconds.
	Unsure = 20 * time.Millisecond
	// askAgain is after how long a server that failed is asked again.
	askAgain = 300 * time.Millisecond
	// live is how many intervals ago an endpoint must have been scraped to be there still.
	Live = 3
)

// Trying calls what asks the server until it succeeds, or is refused, or has failed for too long.
func Trying(ctx context.Context, atMost time.Duration, ask func() error) error {
	deadline := time.Now().Add(atMost)
	for {
		err := ask()
		if err == nil || ctx.Err() != nil || prometheus.Hopeless(err) || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(askAgain):
		}
	}
}

// Tick returns the server's time now.
func (p *Relay) Tick(ctx context.Context) (time.Time, error) {
	err := Trying(ctx, Reachable, func() (err error) {
		p.Clock, err = p.Server.Clock(ctx)
		return err
	})
	return p.Clock.Now, err
}

// Open finds out what the server has of the service, and how often it is scraped.
func (p *Relay) Open(ctx context.Context, match string) error {
	var err error
	if p.Touched, err = p.Tick(ctx); err != nil {
		return err
	}
	series := 0
	if err = Trying(ctx, Reachable, func() error { series, err = p.Server.Count(ctx); return err }); err != nil {
		return err
	}
	switch {
	case series == 0:
		return fmt.Errorf("prometheus %s: no series matches %s now; see its page /targets for the labels of the service",
			p.Server.Where(), match)
	case series > prometheus.MaxSeries:
		return fmt.Errorf("prometheus %s: %s matches %d series, and %d are read at most: narrow match", p.Server.Where(),
			match, series, prometheus.MaxSeries)
	}
	var past prometheus.Read
	err = Trying(ctx, Reachable, func() error {
		past, err = p.Server.Read(ctx, p.Touched.Add(-History), p.Touched, p.Clock)
		return err
	})
	if err != nil {
		return err
	}
	if past.Doubt != "" {
		return fmt.Errorf("prometheus %s: %s", p.Server.Where(), past.Doubt)
	}
	p.metric = past.Metric
	for _, one := range past.Endpoints {
		p.Every = max(p.Every, even(one.Interval()))
	}
	switch {
	case len(past.Endpoints) == 0:
		return fmt.Errorf("prometheus %s: %s matches no series with a label instance, only %s: match the series that it scrapes of the service",
			p.Server.Where(), match, strings.Join(past.Left, ", "))
	case past.Metric == "":
		return fmt.Errorf("prometheus %s: the %d endpoints that %s matches have no metric in common: narrow match to one service",
			p.Server.Where(), len(past.Endpoints), match)
	case p.Every == 0:
		return fmt.Errorf("prometheus %s: it has scraped %s only once in %s; let it scrape the service for a while before the run",
			p.Server.Where(), past.Endpoints[0].Name, History)
	case p.Every > longestInterval:
		return fmt.Errorf("prometheus %s: it scrapes every %s, and a run waits for %s at most; let it scrape more often, or scrape the service itself",
			p.Server.Where(), p.Every, longestInterval)
	}
	for _, one := range past.Endpoints {
		last := one.Rounds[len(one.Rounds)-1]
		if age := p.Touched.Add(-p.Clock.Ahead).Sub(last.At); age <= Live*p.Every && !last.Failed {
			p.Waited = append(p.Waited, one.Name)
		}
	}
	if len(p.Waited) == 0 {
		return fmt.Errorf("prometheus %s: it could scrape none of the %d endpoints lately; see its page /targets",
			p.Server.Where(), len(past.Endpoints))
	}
	return nil
}

// even returns an interval without the milliseconds by which scrapes wander.
func even(d time.Duration) time.Duration {
	if d < time.Second {
		return d
	}
	return d.Round(100 * time.Millisecond)
}

// Counted writes a number of things.
func Counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
