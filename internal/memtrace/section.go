package memtrace

import (
	"brrtload/internal/diag"
	"brrtload/internal/memory"
	"brrtload/reports"
)

// Section returns what a report says of the memory: figures of the run window, in which hits were
// sent.
func (t *Tracer) Section(p memory.Profile, run Window, hits uint64) *reports.Memory {
	m := &reports.Memory{Tool: string(t.tool), Slowed: t.Wraps(), WholeProcess: whole(p), Sampled: float64(p.Sampled),
		Peak: float64(p.Peak), Hits: hits, Unseen: p.Unseen}
	for _, s := range p.Sites {
		start, end := around(p, s.Points, run)
		site := reports.MemorySite{Function: s.Function, Place: s.Place}
		site.Allocations = between(start, end, func(p memory.Point) int64 { return p.Allocations })
		site.Bytes = between(start, end, func(p memory.Point) int64 { return p.Bytes })
		if !m.WholeProcess {
			site.LiveStart = figure(start.LiveBytes)
		}
		site.LiveEnd = figure(end.LiveBytes)
		m.Sites = append(m.Sites, site)
	}
	return m
}

// SectionLost returns what a report says where what the tool saw could not be read.
func (t *Tracer) SectionLost(why error) *reports.Memory {
	return &reports.Memory{Tool: string(t.tool), Slowed: t.Wraps(), Lost: diag.Printable(why.Error())}
}

// around returns the points at the edges of a window: each the last one until then, nothing before
// the first.
func around(of memory.Profile, points []memory.Point, w Window) (start, end memory.Point) {
	if len(points) == 0 {
		return start, end
	}
	start = nothing(points[0])
	end = start
	if whole(of) {
		return start, points[len(points)-1]
	}
	for _, p := range points {
		at := of.Start.Add(p.At)
		if !at.After(w.Start) {
			start = p
		}
		if !at.After(w.End) {
			end = p
		}
	}
	return start, end
}

// between returns by how much a figure grew; nil where the tool does not record it.
func between(start, end memory.Point, of func(memory.Point) int64) *float64 {
	if of(start) == memory.Unknown || of(end) == memory.Unknown {
		return nil
	}
	return figure(of(end) - of(start))
}

func figure(n int64) *float64 {
	if n == memory.Unknown {
		return nil
	}
	v := float64(n)
	return &v
}
