package record

import (
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/evidence"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
)

// The series that keep what moved without the run: the judge reads them beside the counters, when
// the run is over and whenever it is judged again. Each has the labels of the counter, and its name
// as the label "counter".
const (
	seriesOthersRate = "brrtload_background_rate" // per second, before the load
	// the most that it adds from the baseline on, where the rate was steady
	seriesOthersMost = "brrtload_background_most"
	seriesUnsettled  = "brrtload_unsettled_rate" // per second, still after the load

	// endpoint: the longest time that its counters stood still while hits were answered
	seriesLags = "brrtload_exposition_lag_seconds"
	// for how long no counter had moved at the baseline, as far as was seen
	seriesRested = "brrtload_rested_before_load_seconds"
)

// others is what the run knows of movements that are not its own.
type others struct {
	before, after []scrape.Movement
	rested        time.Duration
	known         bool // what was before the load
}

// AtRest takes in what was seen before the load.
func (c *Client) AtRest(q rounds.Quietness) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.others = others{before: q.Others, rested: q.Rested, known: true}
}

// AfterLoad takes in what was seen while waiting for the final scrape.
func (c *Client) AfterLoad(q rounds.Quietness) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.others.after = q.Others
}

// Behind returns the longest lag of an endpoint: what is sure to have been counted in a scrape that
// comes so much later.
func (c *Client) Behind() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	longest := time.Duration(0)
	for _, w := range c.watches {
		longest = max(longest, w.lag.most)
	}
	return longest
}

// StoodStill reports whether an endpoint that counts has said the same through all of the load.
func (c *Client) StoodStill() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.watches {
		if w.lag.counts && !w.lag.ever && w.gaps >= staleGaps {
			return true
		}
	}
	return false
}

// lag is how long an endpoint's counters stand still while hits are answered.
type lag struct {
	moved time.Time     // the last scrape that found them moved, or that no hits came before
	most  time.Duration // at most this long: from one such scrape to the next
	least time.Duration // at least this long: through scrapes that found nothing moved, two and more of them
	gaps  int           // how many scrapes running found nothing moved

	counts bool // the endpoint has counters that may move
	ever   bool // one has moved while hits were answered
}

// take takes in a scrape; busy says that hits were sent and answered since the one before.
func (l *lag) take(r scrape.Reading, busy bool) {
	l.counts = r.Counts
	l.ever = l.ever || busy && r.Moved
	switch {
	case !busy:
		l.moved, l.gaps = r.Sent, 0
	case r.Moved:
		if !l.moved.IsZero() {
			l.most = max(l.most, r.Sent.Sub(l.moved))
		}
		l.moved, l.gaps = r.Sent, 0
	default:
		if l.gaps++; l.gaps > 1 {
			l.least = max(l.least, r.Sent.Sub(l.moved))
			l.most = max(l.most, l.least)
		}
	}
}

// writeOthers needs the lock.
func (c *Client) writeOthers(b *evidence.Batch, t time.Time) {
	if !c.others.known {
		return
	}
	b.Add(Named(seriesRested), c.others.rested.Seconds())
	for _, m := range c.others.before {
		b.Add(counterOf(seriesOthersRate, m), m.Rate)
		if start := c.stages[0].Start; m.Steady && !start.IsZero() {
			length := t.Sub(start)
			if c.beyond != nil { // the counts begin before the hits
				length += c.beyond[0]
			}
			b.Add(counterOf(seriesOthersMost, m), m.Most(length))
		}
	}
	for _, m := range c.others.after {
		b.Add(counterOf(seriesUnsettled, m), m.Rate)
	}
}

// counterOf returns the labels of a counter, for a series that is about it.
func counterOf(series string, m scrape.Movement) labels.Labels {
	builder := labels.NewBuilder(m.Series)
	builder.Set("counter", m.Series.Get(model.MetricNameLabel))
	builder.Set(model.MetricNameLabel, series)
	return builder.Labels()
}
