package run

import (
	"fmt"
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
