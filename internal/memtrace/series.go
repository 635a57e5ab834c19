package memtrace

import (
	"errors"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/memory"
)

// The series of what the tool saw. Those with a label site sum up to all that it saw: the site
// "other" has what is not listed. Package run names the rest of brrtload's own series.
const (
	seriesAllocations = "brrtload_traced_allocations_total"     // site
	seriesBytes       = "brrtload_traced_allocated_bytes_total" // site
	seriesLive        = "brrtload_traced_live_bytes"            // site
	// tool; covers: which windows it knows, see [covers]; slowed: yes where the target ran under the
	// tool
	seriesBy      = "brrtload_traced_by"
	seriesSampled = "brrtload_traced_sample_bytes" // mean bytes between two samples; 0: every allocation is seen
	seriesLost    = "brrtload_traced_lost"         // tool, why: 1 when what the tool saw could not be read
)

// Series lists the names of the series, those of a profile that could not be read included.
func Series() []string {
	return []string{seriesAllocations, seriesBytes, seriesLive, seriesBy, seriesSampled, seriesLost}
}

// Window is a stretch of time.
type Window struct{ Start, End time.Time }

// Write adds what the tool saw to the evidence, at its own times. Run is the window from the baseline
// to the final scrape.
func (t *Tracer) Write(store *evidence.Store, p memory.Profile, run Window) error {
	slowed := "no"
	if t.Wraps() {
		slowed = "yes"
	}
	b := store.At(run.End)
	b.Add(named(seriesBy, "tool", string(t.tool), "covers", covers(p), "slowed", slowed), 1)
	b.Add(named(seriesSampled), float64(p.Sampled))
	return errors.Join(b.Commit(), t.writePoints(store, p, run))
}

// WriteLost adds that what the tool saw could not be read, and why.
func (t *Tracer) WriteLost(store *evidence.Store, why error, at time.Time) error {
	b := store.At(at)
	b.Add(named(seriesLost, "tool", string(t.tool), "why", diag.Printable(why.Error())), 1)
	return b.Commit()
}

// writePoints adds the points of the sites, moment by moment. A process that the tool started had
// allocated nothing when it began. Of one with totals alone it is not known what was live before.
func (t *Tracer) writePoints(store *evidence.Store, p memory.Profile, run Window) error {
	var last time.Time
	put := func(at time.Time, point func(memory.Site) memory.Point) error {
		at = at.Truncate(time.Millisecond)
		if !at.After(last) {
			return nil
		}
		last = at
		b := store.At(at)
		for _, s := range p.Sites {
			add(b, s.Function, point(s))
		}
		return b.Commit()
	}
	if t.Wraps() && len(p.Total) > 0 {
		first := p.Total[0]
		if first.At != 0 {
			zero := nothing(first)
			if whole(p) {
				zero.LiveBytes = memory.Unknown
			}
			if err := put(p.Start, func(memory.Site) memory.Point { return zero }); err != nil {
				return err
			}
		}
	}
	for i, moment := range p.Total {
		at := p.Start.Add(moment.At)
		if whole(p) {
			at = run.End
		}
		if err := put(at, func(s memory.Site) memory.Point { return s.Points[i] }); err != nil {
			return err
		}
	}
	return nil
}

// covers says what is known: of any window; of the run, whose ends alone have profiles that were
// asked for after a collection; or totals of the whole process.
func covers(p memory.Profile) string {
	switch {
	case whole(p):
		return "process"
	case p.Tool == memory.Pprof:
		return "run"
	}
	return "window"
}

// nothing is a point of a process that has not begun, with the figures that another one has.
func nothing(like memory.Point) memory.Point {
	zero := func(n int64) int64 { return min(n, 0) } // memory.Unknown stays
	return memory.Point{Allocations: zero(like.Allocations), Bytes: zero(like.Bytes), Live: zero(like.Live), LiveBytes: zero(like.LiveBytes)}
}

func add(b *evidence.Batch, site string, p memory.Point) {
	for _, figure := range []struct {
		name  string
		value int64
	}{{seriesAllocations, p.Allocations}, {seriesBytes, p.Bytes}, {seriesLive, p.LiveBytes}} {
		if figure.value != memory.Unknown {
			b.Add(named(figure.name, "site", site), float64(figure.value))
		}
	}
}

// whole reports whether the profile has totals at the end of the process alone.
func whole(p memory.Profile) bool {
	return p.Tool == memory.DHAT || len(p.Total) > 0 && p.Total[len(p.Total)-1].At == memory.AtEnd
}

func named(name string, pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
}
