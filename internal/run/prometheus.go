package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/prometheus"
	"brrtload/internal/quantity"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
	"brrtload/reports"
)

// relay reads the service's series from a server that scrapes it already. The run waits for that
// server's scrapes before the load and after it, and takes in all of them when it is over:
//
//	… probes |     S     | t0  load  last hit |     S     | t1 |     S     | idle
//	               first scrape                    last scrape     idle scrape
//
// The counts of the run are those between the first scrape and the last. All hits lie between them,
// by the server's own clock; so do up to one interval of rest on either side, and what others did
// in it.
type relay struct {
	server   *prometheus.Server
	every    time.Duration // between two of its scrapes, the longest of all endpoints
	waited   []string      // the endpoints whose scrapes are waited for: those that were scraped lately
	metric   string        // one that they all have
	touched  time.Time     // by the server's clock, after everything that the run did before the load
	over     time.Time     // the same after the last hit
	baseline time.Time     // t0, by ours
	done     time.Time     // the last hit, by ours
	clock    prometheus.Clock
	doubt    string // why nothing can be concluded
	stats    []scrape.Stats
}

// How the server is waited for.
const (
	// history is how much of what was before the load is read: it shows the interval, and what
	// others do.
	history = 5 * time.Minute
	// longestInterval is the longest interval between two scrapes that a run waits for.
	longestInterval = 2 * time.Minute
	// reachable is how long a server that fails is tried.
	reachable = 5 * time.Second
	// late is by how much more than its interval a scrape may be late, and take to arrive.
	late = 10 * time.Second
	// unsure is how far apart a scrape and its time may lie: Prometheus aligns times that are off
	// by a few milliseconds.
	unsure = 20 * time.Millisecond
	// live is how many intervals ago an endpoint must have been scraped to be there still.
	live = 3
)

// notYet is why nothing is concluded under load.
const notYet = "the samples are read from Prometheus when the load is over"

// newRelay prepares the reading of what a scenario names; nil when it names nothing.
func (r *runner) newRelay() (*relay, error) {
	p := r.Scenario.Scrape.Prometheus
	if p == nil {
		return nil, nil
	}
	server, err := prometheus.New(prometheus.Settings{URL: p.URL.Value, Match: p.Match.Value, HTTP: p.HTTP.Settings(),
		Screen: func(body []byte) {
			if r.intake.screen.Has(body) {
				r.intake.screen.Found("the series in Prometheus", body, "")
				r.intake.screen.Mask(body)
			}
		}})
	if err != nil {
		return nil, end{reports.Unreachable, err}
	}
	return &relay{server: server}, nil
}

// trying calls what asks the server until it succeeds, or is refused, or has failed for too long.
func trying(ctx context.Context, atMost time.Duration, ask func() error) error {
	deadline := time.Now().Add(atMost)
	for {
		err := ask()
		if err == nil || ctx.Err() != nil || prometheus.Hopeless(err) || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(tryAgain):
		}
	}
}

// tick returns the server's time now.
func (p *relay) tick(ctx context.Context) (time.Time, error) {
	err := trying(ctx, reachable, func() (err error) {
		p.clock, err = p.server.Clock(ctx)
		return err
	})
	return p.clock.Now, err
}

// open finds out what the server has of the service, and how often it is scraped.
func (p *relay) open(ctx context.Context, match string) error {
	var err error
	if p.touched, err = p.tick(ctx); err != nil {
		return err
	}
	series := 0
	if err = trying(ctx, reachable, func() error { series, err = p.server.Count(ctx); return err }); err != nil {
		return err
	}
	switch {
	case series == 0:
		return fmt.Errorf("prometheus %s: no series matches %s now; see its page /targets for the labels of the service",
			p.server.Where(), match)
	case series > prometheus.MaxSeries:
		return fmt.Errorf("prometheus %s: %s matches %d series, and %d are read at most: narrow match", p.server.Where(),
			match, series, prometheus.MaxSeries)
	}
	var past prometheus.Read
	err = trying(ctx, reachable, func() error {
		past, err = p.server.Read(ctx, p.touched.Add(-history), p.touched, p.clock)
		return err
	})
	if err != nil {
		return err
	}
	if past.Doubt != "" {
		return fmt.Errorf("prometheus %s: %s", p.server.Where(), past.Doubt)
	}
	p.metric = past.Metric
	for _, one := range past.Endpoints {
		p.every = max(p.every, even(one.Interval()))
	}
	switch {
	case len(past.Endpoints) == 0:
		return fmt.Errorf("prometheus %s: %s matches no series with a label instance, only %s: match the series that it scrapes of the service",
			p.server.Where(), match, names(past.Left))
	case past.Metric == "":
		return fmt.Errorf("prometheus %s: the %d endpoints that %s matches have no metric in common: narrow match to one service",
			p.server.Where(), len(past.Endpoints), match)
	case p.every == 0:
		return fmt.Errorf("prometheus %s: it has scraped %s only once in %s; let it scrape the service for a while before the run",
			p.server.Where(), past.Endpoints[0].Name, history)
	case p.every > longestInterval:
		return fmt.Errorf("prometheus %s: it scrapes every %s, and a run waits for %s at most; let it scrape more often, or scrape the service itself",
			p.server.Where(), p.every, longestInterval)
	}
	for _, one := range past.Endpoints {
		last := one.Rounds[len(one.Rounds)-1]
		if age := p.touched.Add(-p.clock.Ahead).Sub(last.At); age <= live*p.every && !last.Failed {
			p.waited = append(p.waited, one.Name)
		}
	}
	if len(p.waited) == 0 {
		return fmt.Errorf("prometheus %s: it could scrape none of the %d endpoints lately; see its page /targets",
			p.server.Where(), len(past.Endpoints))
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

// await waits until each endpoint was scraped after a moment by the server's clock, so many times,
// at most as long as that many scrapes may take.
func (p *relay) await(ctx context.Context, after time.Time, times int) error {
	deadline := time.Now().Add(time.Duration(times+1)*p.every + late)
	after = after.Add(time.Duration(times-1)*p.every + unsure)
	var missing []string
	for {
		newest, err := p.server.Newest(ctx, p.metric)
		if err == nil {
			if missing = p.missing(newest, after); len(missing) == 0 {
				return nil
			}
			err = fmt.Errorf("it has no scrape of %s since %s; see its page /targets", names(missing),
				after.Add(-p.clock.Ahead).UTC().Format("15:04:05 MST"))
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if prometheus.Hopeless(err) || !time.Now().Before(deadline) {
			return fmt.Errorf("waited in vain for a scrape by Prometheus: %w", err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(time.Second, max(tryAgain, p.every/10))):
		}
	}
}

// missing returns the endpoints that were not scraped after a moment.
func (p *relay) missing(newest []prometheus.Newest, after time.Time) []string {
	seen := map[string]bool{}
	for _, one := range newest {
		if one.At.After(after) {
			seen[one.Instance] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(p.waited), func(name string) bool { return seen[name] })
}

// settle waits out the error of the two clocks: what was scraped by now is before what comes next
// by ours, too.
func (p *relay) settle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(min(p.clock.Error+unsure, time.Second)):
	}
}

// openRelay finds the service's series.
func (r *runner) openRelay(ctx context.Context) error {
	p := r.relay
	if p == nil {
		return nil
	}
	r.store.Relay(evidence.Relayed{Doubt: notYet})
	if err := p.open(ctx, r.Scenario.Scrape.Prometheus.Match.Value); err != nil {
		return p.unreachable(ctx, err)
	}
	r.store.Relay(evidence.Relayed{Every: p.every, Doubt: notYet})
	r.client.relayed(p.every)
	r.say("the series of %s are read from Prometheus, which scrapes every %s; waiting for its next scrape",
		counted(len(p.waited), "endpoint"), p.every)
	return nil
}

// beforeLoad waits for a scrape that has seen all that the run did so far.
func (r *runner) beforeLoad(ctx context.Context) error {
	p := r.relay
	if p == nil {
		return nil
	}
	if err := p.await(ctx, p.touched, 1); err != nil {
		return p.unreachable(ctx, err)
	}
	p.settle(ctx)
	return nil
}

func (p *relay) unreachable(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return ends(reports.Unreachable, "the target's metrics cannot be read: %w", err)
}

// afterLoad waits for a scrape that has seen the last hit.
func (r *runner) afterLoad(ctx context.Context) error {
	p := r.relay
	if p == nil {
		return nil
	}
	p.done = r.loop.Stamp()
	var err error
	if p.over, err = p.tick(ctx); err == nil {
		r.say("waiting for the next scrape by Prometheus, %s at most", (2*p.every + late).Round(time.Second))
		err = p.await(ctx, p.over, 1)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		p.doubt = err.Error()
	}
	p.settle(ctx)
	return nil
}

// idleRelay waits for one scrape more, and reports whether there was one.
func (r *runner) idleRelay(ctx context.Context) bool {
	p := r.relay
	if p == nil {
		return true
	}
	if p.doubt != "" {
		return false
	}
	err := p.await(ctx, p.over, 2)
	if err != nil && ctx.Err() == nil {
		r.note("what still moves after the load is not known: %v", err)
	}
	p.settle(ctx)
	return err == nil
}

// collect takes in what the server has kept of the run, once it is over. An error means that it
// could not be read.
func (r *runner) collect(ctx context.Context) error {
	p := r.relay
	if p == nil || p.baseline.IsZero() {
		return nil
	}
	if p.done.IsZero() {
		p.done = r.loop.Stamp()
	}
	var now time.Time
	var read prometheus.Read
	var err error
	if now, err = p.tick(ctx); err == nil {
		err = trying(ctx, reachable, func() error {
			read, err = p.server.Read(ctx, p.touched.Add(-history), now.Add(unsure), p.clock)
			return err
		})
	}
	if partial := new(prometheus.Partial); errors.As(err, partial) {
		p.doubt, err = err.Error(), nil
	}
	if err != nil {
		r.store.Relay(evidence.Relayed{Every: p.every, Doubt: "the samples could not be read: " + err.Error()})
		return ends(reports.MetricsLost, "after the load the target's metrics could not be read any longer: %w", err)
	}
	if len(read.Left) > 0 {
		r.note("these series match and were left out, for they are results of rules or have times of their own: %s",
			names(read.Left))
	}
	r.replay(read)
	return nil
}

// replay takes the scrapes into the store, and what they show into the client's records.
func (r *runner) replay(read prometheus.Read) {
	p := r.relay
	doubt := func(format string, args ...any) {
		if p.doubt == "" {
			p.doubt = fmt.Sprintf(format, args...)
		}
	}
	if read.Doubt != "" {
		doubt("%s", read.Doubt)
	}
	if len(read.Endpoints) == 0 {
		doubt("Prometheus has no samples of the run")
	}
	q := rounds.Quietness{Rested: history}
	after := rounds.Quietness{}
	var first, last []time.Time
	for _, kept := range read.Endpoints {
		got := kept.Replay(r.store, scrape.Moments{Touched: r.report.Started, Baseline: p.baseline, Over: p.done})
		p.stats = append(p.stats, got.Stats)
		if err := r.client.keptScrapes(kept); err != nil {
			doubt("the scrapes of %s cannot be stored: %v", kept.Name, err)
		}
		gone := len(kept.Rounds) > 0 && kept.Rounds[len(kept.Rounds)-1].At.Before(p.baseline.Add(-live*p.every))
		switch {
		case got.Err != nil:
			doubt("the samples of %s cannot be stored: %v", kept.Name, got.Err)
		case gone: // before the run
			continue
		case got.First.IsZero():
			doubt("%s appears during the run, and does not expose process_start_time_seconds: what it counted before is not known", kept.Name)
		case got.Last.IsZero():
			doubt("Prometheus has no scrape of %s after the load: what it counted last is not known", kept.Name)
		}
		q.Others, q.Rested = append(q.Others, got.Before...), min(q.Rested, got.Rested)
		after.Others = append(after.Others, got.After...)
		first, last = append(first, got.First), append(last, got.Last)
	}
	r.store.Relay(evidence.Relayed{Every: p.every, Doubt: p.doubt})
	r.client.atRest(q)
	r.client.afterLoad(after)
	if len(q.Others) > 0 {
		r.note("before the load these already moved: %s; an exact count of them allows for other traffic at a steady rate, or is inconclusive", moves(q.Others))
	}
	if len(after.Others) > 0 {
		r.note("after the load these still moved: %s; exact counts of them are inconclusive", moves(after.Others))
	}
	if p.doubt != "" || len(first) == 0 {
		return
	}
	before, behind := p.baseline.Sub(slices.MinFunc(first, time.Time.Compare)), slices.MaxFunc(last, time.Time.Compare).Sub(p.done)
	r.client.edgesOfCounts(before, behind)
	r.note("the series of %s are those of Prometheus, which scrapes every %s: counts of the run begin up to %s before it and end up to %s after its last hit; what others did meanwhile is part of them",
		counted(len(first), "endpoint"), p.every, quantity.Of(before.Seconds(), "s"), quantity.Of(behind.Seconds(), "s"))
}

// counted writes a number of things.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// collectLate is how long what Prometheus has kept is read for when the run was cut.
const collectLate = 10 * time.Second

// collectAnyway is collect when the run may have been cut: what was measured is judged all the
// same.
func (r *runner) collectAnyway(ctx context.Context) {
	if r.relay == nil || r.report.End == reports.Unreachable {
		return
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), collectLate,
		errors.New("no complete answer in "+collectLate.String()))
	defer cancel()
	if err := r.collect(ctx); err != nil {
		if r.report.End == reports.Completed {
			r.ended(err)
		} else {
			r.note("%v", err)
		}
	}
	if r.loop != nil {
		r.client.record(r.loop.Stamp())
	}
}
