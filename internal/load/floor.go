package load

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"brrtload/internal/pace"
)

// Floor measures how late this machine sends when sending costs nothing: the same pacer and workers, and a transport that
// does nothing, at a rate for a time. It returns the lag, against which that of a run is judged.
func Floor(ctx context.Context, rate pace.Rate, d time.Duration, connections int) (*Histogram, error) {
	pacer, err := newPacer(pace.NewSchedule(pace.Constant{Rate: rate, Duration: d}), false)
	if err != nil {
		return nil, err
	}
	defer pacer.close() //nolint:errcheck // a timer holds nothing that could be lost
	null := &null{pacer: pacer, lag: NewHistogram()}
	pacer.start = time.Now()
	attack(ctx, pacer, null, connections, nil, func() {})
	return null.lag, context.Cause(ctx)
}

// null answers at once, and keeps how late it was asked to.
type null struct {
	pacer *pacer
	mu    sync.Mutex
	lag   *Histogram
}

var nothing = &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}

func (t *null) RoundTrip(r *http.Request) (*http.Response, error) {
	n, err := strconv.ParseUint(r.Header["X-Vegeta-Seq"][0], 10, 64)
	if err != nil {
		return nil, err
	}
	lag := t.pacer.since() - t.pacer.hits.At(n)
	t.mu.Lock()
	t.lag.Record(lag)
	t.mu.Unlock()
	return nothing, nil
}
