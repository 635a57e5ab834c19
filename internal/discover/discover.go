// Package discover learns by experiment how a service counts its requests.
//
// In goes the URL of a service that runs. Each kind of request is sent alone, in a number that no
// other kind has, with a settled scrape between: a series that increases by that number counts that
// kind. Out comes [Learned], which can be shown as a table ([Learned.Rows]) and written as a
// scenario that holds the service to what was learned ([Learned.Scenario]). Names are the first
// guess only. Read experiment.go next.
package discover

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"brrtload/internal/evidence"
)

// Run carries the experiment out: some seconds, at most [MaxHits] requests, safe methods only (GET,
// HEAD, OPTIONS).
func Run(ctx context.Context, o Options) (*Learned, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%w: invalid URL; want http://host:port", ErrUsage)
	}
	if base.User != nil {
		return nil, fmt.Errorf(
			"%w: the URL has a password; a scenario reads one from the environment: see credentials in docs/scenarios.md",
			ErrUsage,
		)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if path := base.EscapedPath(); path != "" && path != "/" && len(o.Paths) == 0 {
		o.Paths = []string{base.RequestURI()}
	}
	origin := base.Scheme + "://" + base.Host
	dir, err := os.MkdirTemp("", "brrtload-init")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing else can be done about it
	store, err := evidence.Create(dir)
	if err != nil {
		return nil, err
	}
	defer store.Close() //nolint:errcheck // nothing of it is kept
	shown, err := fields(o.Headers)
	if err != nil {
		return nil, err
	}
	s := newSender(origin, shown)
	defer s.close()
	l := &Learned{URL: origin, fields: shown}
	if _, err := s.get(ctx, "/"); err != nil {
		return nil, fmt.Errorf("%w: %s: %w; is the service running?", ErrUnreachable, origin, err)
	}
	o.Progress("looking for paths")
	if l.Paths, l.PathsFrom, err = findPaths(ctx, s, o); err != nil {
		return nil, err
	}
	o.Progress("looking for the metrics endpoint")
	r, metrics, err := findEndpoint(ctx, store, origin, o.Metrics, shown)
	if err != nil {
		return nil, err
	}
	defer r.endpoint.Close()
	l.Metrics, l.Scraping = metrics, r.settings
	e := &experiment{sender: s, reader: r, paths: l.Paths, unsafe: o.Unsafe, progress: o.Progress}
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	l.Sent, l.Steps, l.Age, l.Families = s.sent, e.steps, r.age, r.families
	l.Restless = r.restlessNames()
	l.Turns, l.Unversioned = r.turns > 0, r.untyped
	known := e.recognised()
	if !l.Turns {
		l.Counter = findCounter(e, known)
		l.Duration = findDuration(e, l.Counter)
		l.InFlight = e.inFlight()
	}
	l.Exposed = r.exposed()
	l.Instrumentation = l.confirmed(known)
	l.Calibrated = e.calibrated(l.Duration)
	l.Process = processes(base, r, l.Turns, l.Counter != nil)
	return l, nil
}
