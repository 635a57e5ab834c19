package run

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"brrtload/reports"
)

// maxMarks bounds the events of a run that its charts show.
const maxMarks = 200

// marks are the events of a run. Methods are safe for concurrent use.
type marks struct {
	mu   sync.Mutex
	list []moment
}

type moment struct {
	at   time.Time
	text string
}

// add keeps an event, unless there are too many.
func (m *marks) add(at time.Time, format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) < maxMarks {
		m.list = append(m.list, moment{at, fmt.Sprintf(format, args...)})
	}
}

// since returns the events with their times after the load began.
func (m *marks) since(began time.Time) (list []reports.Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.list {
		list = append(list, reports.Mark{At: e.at.Sub(began).Seconds(), Text: e.text})
	}
	return list
}

// happened returns the events that charts show: faults of the bundled service, what the run did,
// and what befell its scrapes.
func (r *runner) happened() []reports.Mark {
	if b := r.Scenario.Target.Bundled; b != nil {
		for _, fault := range slices.Sorted(maps.Keys(b.Faults)) {
			r.marks.add(r.began, "fault %s", setting(fault, b.Faults[fault]))
		}
	}
	if r.loop != nil { // a target that was never ready is not scraped
		for _, e := range r.loop.Moments() {
			r.marks.add(e.At, "scrape of %s %s", e.Endpoint, e.What)
		}
	}
	if stages := r.plan.Stages(); r.report.End == reports.Completed && len(stages) > 0 {
		r.marks.add(r.began.Add(stages[len(stages)-1].End), "the plan ends")
	}
	return r.marks.since(r.began)
}
