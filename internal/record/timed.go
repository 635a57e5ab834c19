package record

import (
	"runtime"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// How often histograms of durations are recorded while the load is sent: at most, and at least in a
// short run, whose charts want a number of points. They cost more than all other series of brrtload
// together; stages have theirs at the edges in any case.
const (
	timedMost  = 250 * time.Millisecond
	timedLeast = time.Second
	timedShare = 40 // of the load's length
)

// usageEvery is how often it is recorded what the machine and brrtload itself use, while the load is
// sent. The kernel adds it up for whoever asks, and hits that come due meanwhile wait.
const usageEvery = time.Second

// TimedEvery returns the time between two records that have histograms of durations.
func TimedEvery(plan *scenarios.Plan) time.Duration {
	return min(max(plan.Length()/timedShare, timedMost), timedLeast)
}

// has says what the record at t has besides the counts: histograms of durations, and what the machine
// and brrtload use. It needs the lock.
func (c *Client) has(t time.Time) (durations, usage bool) {
	durations = c.atEdge || t.Sub(c.lastTimed) >= TimedEvery(c.plan)
	usage = c.atEdge || !c.sending() || t.Sub(c.lastUsage) >= usageEvery
	if durations {
		c.lastTimed = t
	}
	if usage {
		c.lastUsage = t
	}
	c.atEdge = false
	return durations, usage
}

// sending reports whether the load is being sent. It needs the lock.
func (c *Client) sending() bool { return !c.began.IsZero() && c.ended.IsZero() }

// look brings what is known of the hits up to date. It needs the lock.
func (c *Client) look() {
	c.ledger.Update(&c.view)
	c.lag.add(c.view.Lag)
	c.wait.add(c.view.Waiting)
	for i := range c.view.Cells {
		runtime.Gosched() // hits that have come due leave first
		cell := &c.view.Cells[i]
		c.hits[i].latency.add(cell.Latency)
		c.hits[i].service.add(cell.Service)
	}
	if c.Steps == nil {
		return
	}
	c.Steps.Update(func(step hit.Step, changes []load.Change) {
		if c.step == nil {
			c.step = map[hit.Step]*track{}
		}
		if c.step[step] == nil {
			c.step[step] = &track{name: Named(seriesStep, "step", string(step))}
		}
		c.step[step].add(changes)
	})
}

// StepsTaken returns how long the steps of hits took, nil when not asked for.
func (c *Client) StepsTaken() map[hit.Step]*load.Histogram {
	if c.Steps == nil {
		return nil
	}
	return c.Steps.Snapshot()
}

// LatencyP99 returns the p99 of the latency of a stage's hits so far, in seconds, as of the last
// record.
func (c *Client) LatencyP99(stage int) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var of []*Native
	for i := range c.of(stage) {
		of = append(of, &c.of(stage)[i].latency.native)
	}
	return quantile(0.99, of...)
}

// of returns the hits of a stage, one entry a request.
func (c *Client) of(stage int) []hits {
	n := len(c.plan.Requests())
	return c.hits[stage*n : (stage+1)*n]
}
