package rounds

import (
	"slices"
	"time"
)

// maxMoments bounds the moments that are kept.
const maxMoments = 200

// Moment is when a scrape did not go as planned.
type Moment struct {
	At             time.Time
	Endpoint, What string // What: "missed", "failed", "found the process restarted"
}

// keepMoment needs mu.
func (l *Loop) keepMoment(at time.Time, endpoint int, what string) {
	if len(l.odd) < maxMoments {
		l.odd = append(l.odd, Moment{at, l.stats[endpoint].Endpoint, what})
	}
}

// Moments returns when scrapes did not go as planned, the first 200.
func (l *Loop) Moments() []Moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.odd)
}
