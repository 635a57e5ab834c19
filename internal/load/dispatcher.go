package load

import (
	"sync"
	"time"

	"brrtload/internal/pace"
)

// dispatcher hands hits to workers: in their order, each when it has come due or, when every worker
// is busy then, as soon as one is free. The pacer reports what has come due, and never waits for a
// worker. So it is known of every hit why it was late: because of the generator, which noticed late
// or was slow to send, or because of the target, which kept every connection busy.
type dispatcher struct {
	closed uint64 // number of the first hit of a closed loop
	hits   uint64 // how many there are
	// waits is called with each hit that has come due while every worker was busy, and when that
	// was noticed.
	waits func(n uint64, noticed time.Duration)
	spent func() // called, perhaps more than once, when the last hit has been handed out

	workers int
	absent  sync.WaitGroup // workers that are not enlisted yet

	mu   sync.Mutex
	due  uint64 // number of the first hit that has not come due
	next uint64 // number of the next hit to be handed out; not above due
	over bool   // nothing is handed out any more
	idle []chan<- task
}

// task is a hit handed to a worker.
type task struct {
	n      uint64
	waited bool // every worker was busy when it came due
	end    bool // there is no hit: nothing is handed out any more
}

// newDispatcher returns one for this many workers, which must all be enlisted.
func newDispatcher(hits pace.Schedule, workers int, spent func()) *dispatcher {
	d := &dispatcher{closed: hits.ClosedFrom(), hits: hits.Hits(), spent: spent, workers: workers}
	d.absent.Add(workers)
	return d
}

// work has a goroutine for each worker do the tasks that it is handed. It returns when there are no
// more.
func (d *dispatcher) work(do func(worker int, t task)) {
	var working sync.WaitGroup
	for worker := range d.workers {
		working.Go(func() {
			mine := make(chan task, 1)
			d.enlist(mine)
			for t := <-mine; !t.end; t = d.await(mine) {
				do(worker, t)
			}
		})
	}
	working.Wait()
}

// enlist makes the channel's worker one that is idle, for the first time.
func (d *dispatcher) enlist(worker chan<- task) {
	defer d.absent.Done()
	d.free(worker)
}

// await returns a worker's next task. The channel is the worker's own, with room for one.
func (d *dispatcher) await(mine chan task) task {
	d.mu.Lock()
	t, ready := d.overdue()
	if ready {
		d.mu.Unlock()
		return t
	}
	d.idle = append(d.idle, mine)
	d.mu.Unlock()
	return <-mine
}

// free makes the channel's worker one that is idle, or hands it a hit that waits for a worker. The
// channel may be that of several workers, with room for a task each.
func (d *dispatcher) free(worker chan<- task) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t, ready := d.overdue(); ready {
		worker <- t
	} else {
		d.idle = append(d.idle, worker)
	}
}

// overdue returns the task of a worker that need not be idle. It needs the lock.
func (d *dispatcher) overdue() (t task, ready bool) {
	switch {
	case d.over:
		return task{end: true}, true
	case d.next < d.due:
		t = task{n: d.next, waited: d.next < d.closed}
		d.advance()
		return t, true
	default:
		return t, false
	}
}

// advance needs the lock.
func (d *dispatcher) advance() {
	d.next++
	if d.next == d.hits {
		d.spent()
	}
}

// release reports that all hits before n have come due by now. The worker that was idle last is
// taken first, so that as few connections as can be are kept warm.
func (d *dispatcher) release(n uint64, now time.Duration) {
	d.mu.Lock()
	from := d.due
	d.due = n
	for d.next < n && len(d.idle) > 0 {
		last := len(d.idle) - 1
		d.idle[last] <- task{n: d.next}
		d.idle = d.idle[:last]
		d.advance()
	}
	from = max(from, d.next)
	d.mu.Unlock()
	for ; from < min(n, d.closed); from++ {
		d.waits(from, now)
	}
}

// hasIdle reports whether at least n workers, or one, are idle.
func (d *dispatcher) hasIdle(n int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.idle) >= max(n, 1)
}

// close hands out nothing more, and ends the idle workers.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	for _, idle := range d.idle {
		idle <- task{end: true}
	}
	d.idle = nil
}
