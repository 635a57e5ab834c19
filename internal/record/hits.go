package record

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// outcomes lists all that a hit can come to.
var outcomes = []hit.Outcome{hit.Answered, hit.NeverReached, hit.Ambiguous, hit.Cut}

// hits are the series of one request in one stage. The store's handles are kept from one record to
// the next.
type hits struct {
	place            []string // pairs of label and value that they all have
	rows             []*evidence.Series
	zeroes           []*evidence.Series // a series at 0 for every outcome; none of a request beyond maxZeroes
	in               map[hit.Outcome]*evidence.Series
	gateway          map[int]*evidence.Series // by status
	unexpected, out  *evidence.Series
	latency, service track
}

func newHits(request *scenarios.Request, stage scenarios.Span, zeroes bool) hits {
	place := []string{"phase", string(stage.Phase), "stage", stage.Name, "request", request.Name.Value}
	h := hits{
		place: place, in: map[hit.Outcome]*evidence.Series{}, gateway: map[int]*evidence.Series{},
		latency: track{name: Named(seriesLatency, place...)},
		service: track{name: Named(seriesService, append(slices.Clone(place), "method", request.Method.Value)...)},
	}
	if zeroes {
		h.zeroes = make([]*evidence.Series, len(outcomes))
	}
	return h
}

// write adds what came of the hits to a batch, with how long they took if timed. The series start
// from 0 at zero. Hits that did not happen are a known 0: each outcome has a series at 0, without
// the status or the kind of trouble that every hit has, written as seldom as durations are.
func (h *hits) write(b *evidence.Batch, rows []load.Row, zero time.Time, timed bool) {
	if len(rows) == 0 && (h.zeroes == nil || !timed) {
		return
	}
	if timed {
		for i, series := range h.zeroes {
			if series == nil {
				series = b.Series(h.named(seriesHits, "outcome", string(outcomes[i])))
				h.zeroes[i] = series
			}
			b.Append(series, evidence.Sample{Zero: zero})
		}
	}
	var unexpected, out float64
	in := map[hit.Outcome]float64{hit.Answered: 0}
	gateway := map[int]float64{}
	for i, row := range rows {
		if row.Outcome == hit.NotSent {
			if i == len(h.rows) {
				h.rows = append(h.rows, nil)
			}
			continue
		}
		if mayBeGateways(row) {
			gateway[row.Status] += float64(row.Hits)
		}
		if i == len(h.rows) {
			h.rows = append(h.rows, b.Series(h.named(seriesHits, "credential", row.Credential, "status",
				Status(row.Status),
				"outcome", string(row.Outcome), "kind", string(row.Kind), "traced", traced(row.Traced))))
		}
		b.Append(h.rows[i], evidence.Sample{Value: float64(row.Hits), Zero: zero})
		in[row.Outcome] += float64(row.BytesIn)
		out += float64(row.BytesOut)
		if row.Unexpected {
			unexpected += float64(row.Hits)
		}
	}
	if h.out == nil {
		h.unexpected, h.out = b.Series(h.named(seriesUnexpected)), b.Series(h.named(seriesBodyOut))
	}
	b.Append(h.unexpected, evidence.Sample{Value: unexpected, Zero: zero})
	b.Append(h.out, evidence.Sample{Value: out, Zero: zero})
	for outcome, bytes := range in {
		if h.in[outcome] == nil {
			h.in[outcome] = b.Series(h.named(seriesBodyIn, "outcome", string(outcome)))
		}
		b.Append(h.in[outcome], evidence.Sample{Value: bytes, Zero: zero})
	}
	for code, answers := range gateway {
		if h.gateway[code] == nil {
			h.gateway[code] = b.Series(h.named(seriesGateway, "status", Status(code)))
		}
		b.Append(h.gateway[code], evidence.Sample{Value: answers, Zero: zero})
	}
	if timed {
		b.Pause()
		h.latency.writeFrom(b, zero)
		h.service.writeFrom(b, zero)
	}
}

// mayBeGateways reports whether a proxy in front of the service may have given the answer by
// itself: one that the scenario does not want.
func mayBeGateways(row load.Row) bool {
	return row.Outcome == hit.Answered && row.Unexpected && row.Status >= 502 && row.Status <= 504
}

func (h *hits) named(name string, pairs ...string) labels.Labels {
	return Named(name, append(pairs, h.place...)...)
}

// track is a histogram of durations, in seconds, with its series.
type track struct {
	name   labels.Labels
	series *evidence.Series
	native Native
	now    *histogram.Histogram
}

// add takes in what was recorded since the last call.
func (t *track) add(changes []load.Change) { t.now = t.native.add(changes) }

// write adds the histogram to a batch, as a counter that started from 0 at the baseline.
func (t *track) write(b *evidence.Batch) { t.writeFrom(b, b.Baseline()) }

// writeFrom is write for a counter that started from 0 at zero. Hits that have come due leave after it.
func (t *track) writeFrom(b *evidence.Batch, zero time.Time) {
	if t.now == nil {
		return
	}
	if t.series == nil {
		t.series = b.Series(t.name)
	}
	b.Append(t.series, evidence.Sample{Histogram: t.now, Zero: zero})
	b.Pause()
}
