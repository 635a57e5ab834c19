package record

import (
	"strconv"
	"time"

	"brrtload/internal/evidence"
)

// Served is what is known from outside of the process that serves, besides what it uses.
type Served struct {
	Foreign bool            // neither the command nor a process that it started listens at the target's address
	Started time.Time       // of the process whose CPU and memory are recorded
	Exposes bool            // it listens at the port of the metrics as well
	All     []int           // every process of the target that listens somewhere, if any is known
	Peers   map[int]float64 // others that the command started and that listen somewhere, with their start times
}

func (s Served) write(b *evidence.Batch) {
	if s.Foreign {
		b.Add(Named(seriesForeign), 1)
	}
	if s.Started.IsZero() {
		return
	}
	b.Add(Named(seriesStarted), Unix(s.Started))
	exposes := 0.0
	if s.Exposes {
		exposes = 1
	}
	b.Add(Named(seriesExposes), exposes)
	for pid, started := range s.Peers {
		b.Add(Named(seriesPeer, "pid", strconv.Itoa(pid)), started)
	}
}

// Unix returns a time in seconds.
func Unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
