package load

import (
	"context"
	"time"

	"brrtload/internal/pace"
)

// Floor measures how late this machine sends when sending costs nothing: the same pacer and workers, and a transport that
// does nothing, at a rate for a time. It returns the lag, against which that of a run is judged.
func Floor(ctx context.Context, rate pace.Rate, d time.Duration, connections int) (*Histogram, error) {
	pacer, err := newPacer(pace.NewSchedule(pace.Constant{Rate: rate, Duration: d}), connections, false)
	if err != nil {
		return nil, err
	}
	defer pacer.close() //nolint:errcheck // a timer holds nothing that could be lost
	lag := shared{histogram: NewHistogram()}
	pacer.start = time.Now()
	attack(ctx, pacer, func(_ int, t turn) {
		if !t.waited {
			lag.record(pacer.since() - pacer.hits.At(t.n))
		}
	}, func(n uint64, noticed time.Duration) { lag.record(noticed - pacer.hits.At(n)) }, nil, func() {})
	return lag.histogram, context.Cause(ctx)
}
