package load

import (
	"context"
	"time"

	"brrtload/internal/load/hit"
	"brrtload/internal/pace"
	"brrtload/scenarios"
)

// Floor measures how late this machine sends when sending costs nothing: the pacer, dispatcher and
// engine of the options, and no target, at a rate for a time. It returns the lag, against which
// that of a run is judged.
func Floor(ctx context.Context, rate pace.Rate, d time.Duration, o Options) (*Histogram, error) {
	hits := pace.NewSchedule(pace.Constant{Rate: rate, Duration: d})
	pacer, err := newPacer(hits, o.Connections, false)
	if err != nil {
		return nil, err
	}
	defer pacer.close() //nolint:errcheck // a timer holds nothing that could be lost
	a, err := o.attacker(nil, pacer.since, pacer.wakeUps)
	if err != nil {
		return nil, err
	}
	nowhere := &nowhere{hits: hits, lag: shared{histogram: NewHistogram()}}
	pacer.start = time.Now()
	carryOut(ctx, pacer, a, nowhere, pacer.start, nil, func() {})
	return nowhere.lag.histogram, context.Cause(ctx)
}

// nowhere is the order of hits that are not sent. It keeps how late they were.
type nowhere struct {
	hits pace.Schedule
	lag  shared
}

func (o *nowhere) hit(n uint64) (scenarios.Hit, int) {
	return scenarios.Hit{Seq: n, Due: o.hits.At(n)}, 0
}

func (o *nowhere) waits(n uint64, noticed time.Duration) { o.lag.record(noticed - o.hits.At(n)) }

func (o *nowhere) done(_ int, h scenarios.Hit, r hit.Result) {
	if !r.Waited {
		o.lag.record(r.Sent - h.Due)
	}
}
