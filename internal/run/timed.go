package run

import (
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

// timedEvery returns the time between two such records.
func timedEvery(plan *scenarios.Plan) time.Duration {
	return min(max(plan.Length()/timedShare, timedMost), timedLeast)
}

// timed reports whether a record at t has the histograms of durations too.
func (c *client) timed(t time.Time) bool {
	if c.atEdge || t.Sub(c.lastTimed) >= timedEvery(c.plan) {
		c.lastTimed, c.atEdge = t, false
		return true
	}
	return false
}

// look brings what is known of the hits up to date. It needs the lock.
func (c *client) look() {
	c.ledger.Update(&c.view)
	c.lag.add(c.view.Lag)
	c.wait.add(c.view.Waiting)
	for i := range c.view.Cells {
		cell := &c.view.Cells[i]
		c.hits[i].latency.add(cell.Latency)
		c.hits[i].service.add(cell.Service)
	}
	if c.steps == nil {
		return
	}
	c.steps.Update(func(step hit.Step, changes []load.Change) {
		if c.step == nil {
			c.step = map[hit.Step]*track{}
		}
		if c.step[step] == nil {
			c.step[step] = &track{name: named(seriesStep, "step", string(step))}
		}
		c.step[step].add(changes)
	})
}

// stepsTaken returns how long the steps of hits took, nil when not asked for.
func (c *client) stepsTaken() map[hit.Step]*load.Histogram {
	if c.steps == nil {
		return nil
	}
	return c.steps.Snapshot()
}

// latencyP99 returns the p99 of the latency of a stage's hits so far, in seconds, as of the last
// record.
func (c *client) latencyP99(stage int) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var of []*native
	for i := range c.of(stage) {
		of = append(of, &c.of(stage)[i].latency.native)
	}
	return quantile(0.99, of...)
}

// of returns the hits of a stage, one entry a request.
func (c *client) of(stage int) []hits {
	n := len(c.plan.Requests())
	return c.hits[stage*n : (stage+1)*n]
}
