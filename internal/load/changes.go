package load

import "time"

// Change is how many durations came into one bucket of a [Histogram] since the last look.
type Change struct {
	Bucket int // below [Buckets]; its upper bound is [Upper]
	Count  uint32
}

// Buckets is the number of buckets of a [Histogram].
var Buckets = bucketOf(longest) + 1

// Upper returns the highest duration that counts in a bucket.
func Upper(bucket int) time.Duration { return upper(bucket) }

// fresh is what was recorded in a histogram since it was last taken, so that a look at it costs
// what has changed and not the histogram's size.
type fresh struct {
	counts  []uint32 // by bucket; only the memory of buckets in use becomes resident
	touched []int    // buckets whose count is not 0
}

func newFresh() *fresh { return &fresh{counts: make([]uint32, Buckets)} }

func (f *fresh) add(bucket int) {
	if f.counts[bucket] == 0 {
		f.touched = append(f.touched, bucket)
	}
	f.counts[bucket]++
}

// take appends the changes to a list, in no order, and forgets them.
func (f *fresh) take(to []Change) []Change {
	for _, bucket := range f.touched {
		to = append(to, Change{bucket, f.counts[bucket]})
		f.counts[bucket] = 0
	}
	f.touched = f.touched[:0]
	return to
}

// View is one reader's account of a ledger. [Ledger.Update] brings it up to date at the cost of
// what has changed, in memory that the view has already. A ledger has one view, used by one
// goroutine at a time: what it takes is not there for another. The zero value is ready.
type View struct {
	Planned, Sent, Done, InFlight uint64 // as in [Snapshot]

	Lag, Waiting []Change // since the last update
	// Cells has one entry for each stage and request, at index stage × requests + request.
	Cells []CellView
}

// CellView is the account of one request in one stage.
type CellView struct {
	Rows             []Row    // all of them; new ones come at the end
	Latency, Service []Change // since the last update
}

// Update brings the reader's view up to date. Each request is consistent in itself; between two, a
// hit may have come in. It holds no hit up for longer than it takes to copy that hit's request's
// changes.
func (l *Ledger) Update(v *View) {
	if v.Cells == nil {
		v.Cells = make([]CellView, len(l.cells))
	}
	v.Done = l.done.Load()
	for i := range l.cells {
		l.cells[i].update(&v.Cells[i])
	}
	v.Lag, v.Waiting = l.lag.take(v.Lag[:0]), l.waiting.take(v.Waiting[:0])
	v.Planned, v.Sent = l.account()
	v.InFlight = v.Sent - v.Done
}

func (c *cell) update(v *CellView) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v.Latency, v.Service = v.Latency[:0], v.Service[:0]
	if c.latency == nil {
		return
	}
	v.Latency, v.Service = c.latency.fresh.take(v.Latency), c.service.fresh.take(v.Service)
	if len(v.Latency) > 0 {
		v.Rows = append(v.Rows[:0], c.rows...)
	}
}

func (s *shared) take(to []Change) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.histogram.fresh.take(to)
}
