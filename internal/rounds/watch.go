package rounds

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/scrape"
)

// watch goes on scraping while something moves, until that is found to be steady, or comes to rest,
// or the time is over.
func (l *Loop) watch(ctx context.Context, q Quietness, deadline time.Time) (Quietness, error) {
	for time.Now().Before(deadline) {
		select {
		case <-ctx.Done():
			return q, context.Cause(ctx)
		case <-time.After(scrape.Still):
		}
		round, err := l.Now(ctx, "")
		if ctx.Err() != nil {
			return q, context.Cause(ctx)
		}
		l.each((*scrape.Endpoint).Snap)
		moving := q.Moving
		q = l.quietness(round, nil)
		if q.Err = err; err != nil {
			q.Quiet = false
			return q, nil
		}
		if q.Quiet || l.allSteady() {
			if len(q.Moving) == 0 && !q.Quiet {
				q.Moving = moving
			}
			return q, nil
		}
	}
	return q, nil
}

// allSteady reports whether two stretches were watched and every counter that moved in them did so
// steadily.
func (l *Loop) allSteady() bool {
	<-l.turn
	defer l.pass()
	moved := false
	for _, e := range l.endpoints {
		some, steady := e.Steady()
		if !steady {
			return false
		}
		moved = moved || some
	}
	return moved
}

// others returns how counters moved that nothing of ours moves, sorted. Before the load, those that
// did so steadily are not waited for afterwards.
func (l *Loop) others(before bool) []scrape.Movement {
	<-l.turn
	defer l.pass()
	var all []scrape.Movement
	for _, e := range l.endpoints {
		all = append(all, e.Movements(before)...)
		if before {
			e.AcceptSteady()
		}
	}
	slices.SortFunc(all, func(a, b scrape.Movement) int {
		return cmp.Or(cmp.Compare(b.Rate, a.Rate), labels.Compare(a.Series, b.Series))
	})
	return all
}
