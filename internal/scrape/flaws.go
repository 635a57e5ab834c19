package scrape

import (
	"math"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

// What may be wrong with an exposition that can be read in spite of it. The names stand in the
// evidence.
const (
	flawOld        = "old timestamps"
	flawAhead      = "timestamps ahead"
	flawLate       = "late timestamps"
	flawUnborn     = "created ahead"
	flawTooOld     = "created before the process"
	flawRecreated  = "creation time changes"
	flawExemplar   = "exemplar outside its bucket"
	flawFutureMark = "exemplar ahead"
)

// How far the times in an exposition may lie from that of the scrape.
const (
	tooOld  = time.Hour        // what Prometheus refuses by default
	tooNew  = 10 * time.Minute // what Prometheus refuses
	lagging = 5 * time.Second
)

// often is in how many scrapes running a creation time must change, with the counter going on, to
// be called untrue.
const often = 3

// flaw takes in what is wrong with the scrape under way.
func (e *Endpoint) flaw(name string) {
	if e.flaws == nil {
		e.flaws = map[string]bool{}
	}
	e.flaws[name] = true
}

// stamped checks the time that a sample carries.
func (e *Endpoint) stamped(ms *int64) {
	if ms == nil {
		return
	}
	switch age := e.at.Sub(time.UnixMilli(*ms)); {
	case age > tooOld:
		e.flaw(flawOld)
	case age < -tooNew:
		e.flaw(flawAhead)
	case age > lagging:
		e.flaw(flawLate)
	}
}

// born checks the creation time of a sample.
func (e *Endpoint) born(x *sample, created, before int64) {
	if created == 0 {
		return
	}
	if created > e.at.Add(clockSkew).UnixMilli() {
		e.flaw(flawUnborn)
	}
	if len(e.processes) == 1 {
		for _, start := range e.processes {
			if float64(created)/1000 < start-facts.StartJitter {
				e.flaw(flawTooOld)
			}
		}
	}
	known := x.entry
	if before == 0 || created == before || !e.same || x.count() < known.value {
		known.changes = 0
		return
	}
	if known.changes++; known.changes >= often {
		e.flaw(flawRecreated)
	}
}

// marked checks the exemplars of a sample.
func (e *Endpoint) marked(x *sample) {
	for _, mark := range x.exemplars {
		if mark.Ts > e.at.Add(clockSkew).UnixMilli() {
			e.flaw(flawFutureMark)
		}
		if upper, ok := bound(x); ok && (mark.Value > upper || mark.Value <= e.below(x, upper)) {
			e.flaw(flawExemplar)
		}
	}
}

// bound returns the upper bound of a classic bucket.
func bound(x *sample) (float64, bool) {
	le := x.entry.series.Labels().Get(labels.BucketLabel)
	if le == "" || x.entry.role != cumulative || x.histogram != nil || x.float != nil {
		return 0, false
	}
	upper, err := strconv.ParseFloat(le, 64)
	return upper, err == nil
}

// below returns the upper bound of the bucket below, if that came right before.
func (e *Endpoint) below(x *sample, upper float64) float64 {
	if n := len(e.samples); n > 0 && e.samples[n-1].entry.instance == x.entry.instance {
		if lower, ok := bound(&e.samples[n-1]); ok && lower < upper {
			return lower
		}
	}
	return math.Inf(-1)
}
