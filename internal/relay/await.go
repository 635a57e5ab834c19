package relay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"brrtload/internal/prometheus"
)

// Await waits until each endpoint was scraped after a moment by the server's clock, so many times,
// at most as long as that many scrapes may take.
func (p *Relay) Await(ctx context.Context, after time.Time, times int) error {
	deadline := time.Now().Add(time.Duration(times+1)*p.Every + Late)
	after = after.Add(time.Duration(times-1)*p.Every + Unsure)
	var missing []string
	for {
		newest, err := p.Server.Newest(ctx, p.metric)
		if err == nil {
			if missing = p.missing(newest, after); len(missing) == 0 {
				return nil
			}
			err = fmt.Errorf("it has no scrape of %s since %s; see its page /targets", strings.Join(missing, ", "),
				after.Add(-p.Clock.Ahead).UTC().Format("15:04:05 MST"))
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if prometheus.Hopeless(err) || !time.Now().Before(deadline) {
			return fmt.Errorf("waited in vain for a scrape by Prometheus: %w", err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(time.Second, max(askAgain, p.Every/10))):
		}
	}
}

// missing returns the endpoints that were not scraped after a moment.
func (p *Relay) missing(newest []prometheus.Newest, after time.Time) []string {
	seen := map[string]bool{}
	for _, one := range newest {
		if one.At.After(after) {
			seen[one.Instance] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Waited), func(name string) bool { return seen[name] })
}

// Settle waits out the error of the two clocks: what was scraped by now is before what comes next
// by ours, too.
func (p *Relay) Settle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(min(p.Clock.Error+Unsure, time.Second)):
	}
}
