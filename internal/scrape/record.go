package scrape

import (
	"maps"
	"runtime"
	"slices"
	"time"

	"brrtload/internal/evidence"
)

// record adds the samples to the batch.
func (e *Endpoint) record(batch *evidence.Batch) {
	for i := range e.samples {
		if i%atOnce == 0 {
			runtime.Gosched()
		}
		x := &e.samples[i]
		e.notice(x)
		zero := e.zero(x)
		if x.entry.role == cumulative && x.entry.live && zero.IsZero() {
			e.fall(x)
		}
		x.entry.live = true
		x.entry.value = x.count()
		batch.Append(x.entry.series, evidence.Sample{
			Value: x.value, Histogram: x.histogram, Float: x.float, Exemplars: x.exemplars, Zero: zero,
		})
	}
}

// zero returns when the series of a sample started from 0, or the zero time for "before all this",
// which is also what is said of a gauge. A restart is a creation time other than that of the
// series' sample before: how it compares with our own stamps depends on the clocks, and on when in
// a scrape the series was created.
func (e *Endpoint) zero(x *sample) time.Time {
	known := x.entry
	if known.role != cumulative {
		return time.Time{}
	}
	created := x.started
	if created == 0 && known.instance.since == e.round {
		created = known.instance.created
	}
	before := known.created
	e.born(x, created, before)
	if created != 0 {
		known.created = created
	}
	last, seen := known.series.Last()
	switch {
	case !e.baseline.IsZero() && (!seen || last.Before(e.baseline)):
		return e.baseline
	case !seen: // no baseline: what it counted before is not known
		return time.Time{}
	case created != 0 && before != 0:
		if created == before {
			return time.Time{}
		}
		if created < before && !e.same {
			e.turn = true
		}
		return e.between(created)
	}
	if began := e.began(known.series); began.After(last) {
		return began // also when the series was away in the first scrape after the restart
	}
	return time.Time{}
}

// forget marks the series that the exposition no longer has as ended.
func (e *Endpoint) forget(batch *evidence.Batch) {
	if len(e.entries) == len(e.samples) {
		return // every series known was there
	}
	for raw, known := range e.entries {
		if known.round == e.round || known.role == created && known.family.round == e.round {
			continue
		}
		if known.live {
			batch.Stale(known.series)
			known.live = false
		}
		if known.created != 0 {
			e.births[known.series] = known.created
		}
		delete(e.entries, raw)
		delete(e.bySeries, known.series)
		delete(known.family.entries, known)
		known.family.values = nil
	}
}

// lost marks every series as ended: their values are unknown now.
func (e *Endpoint) lost(batch *evidence.Batch) {
	for _, known := range e.bySeries {
		if known.live {
			batch.Stale(known.series)
			known.live = false
		}
	}
}

// understood adds to the batch what was read, and to the reading what it shows.
func (e *Endpoint) understood(r *Reading, batch *evidence.Batch) {
	r.Restarted = e.starts()
	r.Duplicates = e.duplicates
	r.Series, r.Families = len(e.samples), len(e.present)
	e.record(batch)
	r.Turn = e.turn || e.fell && e.earlier && !e.same // workers are forked within milliseconds of each other
	r.Flaws = slices.Sorted(maps.Keys(e.flaws))
	e.forget(batch)
	e.settle()
	r.Moved, r.Counts = len(e.moving) > 0, e.counts()
	e.store.Describe(e.name, r.Sent, e.metadata())
	e.last = r.Sent
}
