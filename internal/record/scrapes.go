package record

import (
	"errors"
	"maps"
	"slices"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
)

// maxReasons bounds the reasons of failed scrapes that are distinguished, for each endpoint.
const maxReasons = 16

// otherReasons stands for those beyond.
const otherReasons = "other reasons"

// watch is how the scrapes of one endpoint have gone so far.
type watch struct {
	count  int
	failed map[failure]int
	flaws  map[string]int
	took   float64   // seconds
	same   time.Time // since when it has said the same
	gaps   int       // in how many gaps between scrapes running it has, though a hit was sent and answered in each
	up     float64   // 1 when the last one was read
	turns  int       // that another process answered than before

	instance string // host and port
	lag      lag
}

// failure is how a scrape failed.
type failure struct {
	answered bool
	why      string
}

// amid is what was known of the hits at one moment, and at the scrape before.
type amid struct {
	sent, wanted uint64 // now; wanted are answered with a status that the scenario wants
	last         struct{ sent, wanted uint64 }
	inFlight     uint64 // when the scrape began
	scrapes      int    // through all of which some hit was in flight
	unanswered   int    // scrapes of that kind since the last answer: no hit in flight may have reached the service
	throughout   uint64 // hits that were, in the last one, at least
}

// Scraped takes in how a round of scrapes went, and writes what is known after it.
func (c *Client) Scraped(round rounds.Round) {
	c.mu.Lock()
	old := len(round.Readings) == 0 || round.Readings[0].Unchanged // without metrics there is nothing to read
	busy := c.amid.round(c.ledger.Over(), c.ledger.Wanted(), old)
	for _, r := range round.Readings {
		c.watched(r.Endpoint).take(r, busy)
	}
	c.mu.Unlock()
	c.Record(round.After)
}

// round takes in what is known of the hits after a round of scrapes: how many of those in flight
// before it are over, and how many have been answered as wanted. The others were in flight
// throughout. It reports whether, between the last two rounds, hits were both sent and answered by
// the service. An answer that the scenario does not want, a 502 say, may be one of a proxy in
// front; a hit that timed out or was refused need not have reached the service.
func (a *amid) round(over, wanted uint64, old bool) (busy bool) {
	a.throughout = a.inFlight - min(a.inFlight, over)
	if a.throughout > 0 && !old { // an old exposition says nothing of them
		a.unanswered++
	}
	if wanted > a.last.wanted {
		a.scrapes, a.unanswered = a.scrapes+a.unanswered, 0
	}
	busy = a.sent > a.last.sent && a.wanted > a.last.wanted
	a.last.sent, a.last.wanted = a.sent, a.wanted
	return busy
}

// Seen returns the stretch in which the endpoints were scraped.
func (c *Client) Seen() facts.Window {
	c.mu.Lock()
	defer c.mu.Unlock()
	return facts.Window{Name: facts.Scraped, Start: c.first, End: c.latest}
}

// watched needs the lock.
func (c *Client) watched(endpoint string) *watch {
	if c.watches == nil {
		c.watches = map[string]*watch{}
	}
	if c.watches[endpoint] == nil {
		c.watches[endpoint] = &watch{failed: map[failure]int{}, flaws: map[string]int{}}
	}
	return c.watches[endpoint]
}

// take takes in one scrape; busy says that since the one before hits were both sent and answered as
// they should be.
func (w *watch) take(r scrape.Reading, busy bool) {
	w.count++
	w.up = 0
	w.instance = instanceOf(r.URL)
	if r.Turn {
		w.turns++
	}
	if r.Err != nil {
		why := failure{r.Answered, reason(r.Err)}
		if _, known := w.failed[why]; !known && len(w.failed) >= maxReasons {
			why.why = otherReasons
		}
		w.failed[why]++
		return
	}
	w.up = 1
	w.took = r.Took.Seconds()
	w.lag.take(r, busy)
	if r.Unversioned {
		w.flaws["unversioned"]++
	}
	if len(r.Duplicates) > 0 {
		w.flaws["duplicates"]++
	}
	for _, flaw := range r.Flaws {
		w.flaws[flaw]++
	}
	switch {
	case !r.Unchanged, w.gaps == 0 && !busy:
		w.same, w.gaps = r.Sent, 0
	case busy:
		w.gaps++
	}
}

// reason returns the error of a scrape without the address, which stands beside it.
func reason(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return err.Error()
}

// staleGaps is how many gaps running the exposition must have stayed the same to be called old: a
// hit that is answered while a scrape is under way may have been counted before it.
const staleGaps = 3

// Relayed reports that the service's series are those of a server that scrapes so often.
func (c *Client) Relayed(every time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Interval, c.beyond = every, &[2]time.Duration{every, every}
}

// EdgesOfCounts reports by how much earlier and later than the run's hits its counts begin and end.
func (c *Client) EdgesOfCounts(before, after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beyond = &[2]time.Duration{before, after}
}

// KeptScrapes records how the scrapes went that another server made: from the first on, so that no
// zero is put at the baseline.
func (c *Client) KeptScrapes(k scrape.Kept) error {
	failed := 0
	some := slices.ContainsFunc(k.Rounds, func(round scrape.KeptRound) bool { return round.Failed })
	for n, round := range k.Rounds {
		b := c.store.At(round.At)
		b.Append(b.Series(Named(seriesScrapes, "endpoint", k.Name)), evidence.Sample{Value: float64(n + 1)})
		if round.Failed {
			failed++
		}
		if some {
			b.Append(b.Series(Named(seriesLost, "endpoint", k.Name, "answered", "no", "why",
				"Prometheus could not read it: up is 0")), evidence.Sample{Value: float64(failed)})
		}
		if err := b.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// writeScrapes needs the lock.
func (c *Client) writeScrapes(b *evidence.Batch, t time.Time) {
	if c.beyond != nil {
		b.Add(Named(seriesEdges, "edge", "start"), c.beyond[0].Seconds())
		b.Add(Named(seriesEdges, "edge", "end"), c.beyond[1].Seconds())
	}
	b.Add(Named(seriesInterval), c.Interval.Seconds())
	b.Add(Named(seriesHitsThrough), float64(c.amid.throughout))
	b.AddCounter(Named(seriesAmid), float64(c.amid.scrapes))
	c.writeAnswerers(b)
	for _, endpoint := range slices.Sorted(maps.Keys(c.watches)) {
		w := c.watches[endpoint]
		b.AddCounter(Named(seriesScrapes, "endpoint", endpoint), float64(w.count))
		for f, n := range w.failed {
			b.AddCounter(Named(seriesLost, "endpoint", endpoint, "answered", yes(f.answered), "why", f.why), float64(n))
		}
		for flaw, n := range w.flaws {
			b.AddCounter(Named(seriesFlaws, "endpoint", endpoint, "flaw", flaw), float64(n))
		}
		if w.lag.least > 0 {
			b.Add(Named(seriesLags, "endpoint", endpoint), w.lag.least.Seconds())
		}
		if w.took > 0 {
			b.Add(Named(seriesTook, "endpoint", endpoint), w.took)
		}
		if !w.same.IsZero() {
			b.Add(Named(seriesUnchanged, "endpoint", endpoint), w.unchanged(t))
		}
	}
}

// unchanged returns the seconds for which the endpoint has said the same in spite of everything.
func (w *watch) unchanged(now time.Time) float64 {
	if w.gaps < staleGaps {
		return 0
	}
	return now.Sub(w.same).Seconds()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
