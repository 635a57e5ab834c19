package dispatch

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/telemetry"
)

var (
	errFull   = errors.New("mailbox full")
	errClosed = errors.New("mailbox closed")
)

// job is a request in a mailbox or on a coroutine.
type job struct {
	ctx     context.Context
	call    *handlers.Call
	waiting telemetry.Waiting
	reply   chan outcome // holds one, so that a coroutine never waits for a client

	queued         bool // the mailbox's; guarded by its lock
	previous, next *job
}

type outcome struct {
	response handlers.Response
	panicked bool
}

// mailbox is a bounded queue out of whose middle a job can be taken: a client that goes away frees
// its place at once, which a Go channel cannot do. It is safe for concurrent use.
type mailbox struct {
	capacity int
	waiting  *atomic.Int64 // jobs in all mailboxes of the handler

	mu          sync.Mutex
	arrived     sync.Cond
	first, last *job
	length      int
	closed      bool
	resting     int // coroutines that wait for a job
	visits      int
	visited     sync.WaitGroup // resting coroutines that have not heard of the last visit
}

func newMailbox(capacity int, waiting *atomic.Int64) *mailbox {
	m := &mailbox{capacity: capacity, waiting: waiting}
	m.arrived.L = &m.mu
	return m
}

// send adds a job, and gives how many were there before. It never blocks.
func (m *mailbox) send(j *job) (depth int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return m.length, errClosed
	case m.length >= m.capacity:
		return m.length, errFull
	}
	j.queued, j.previous, j.next = true, m.last, nil
	if m.last == nil {
		m.first = j
	} else {
		m.last.next = j
	}
	m.last = j
	m.length++
	m.waiting.Add(1)
	m.arrived.Signal()
	return m.length - 1, nil
}

// take returns the oldest job, waiting for one, or nil when the mailbox is closed and empty. While
// it waits, it calls visited, without the lock, for every [mailbox.visit].
func (m *mailbox) take(visited func()) *job {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first == nil && !m.closed {
		m.rest(visited)
	}
	j := m.first
	if j != nil {
		m.unlink(j)
	}
	return j
}

// rest waits for a job or the end. A coroutine that was counted as resting hears of the visit
// before it does anything else.
func (m *mailbox) rest(visited func()) {
	m.resting++
	for seen := m.visits; ; {
		switch {
		case seen != m.visits:
			seen = m.visits
			m.mu.Unlock()
			visited()
			m.visited.Done()
			m.mu.Lock()
		case m.first != nil || m.closed:
			m.resting--
			return
		default:
			m.arrived.Wait()
		}
	}
}

// visit has every coroutine that waits for a job call its visited, and returns when all have. Those
// at work are not waited for. Only one visit may be under way.
func (m *mailbox) visit() {
	m.mu.Lock()
	m.visits++
	m.visited.Add(m.resting)
	m.arrived.Broadcast()
	m.mu.Unlock()
	m.visited.Wait()
}

// remove takes a job out again, and says whether it was still there.
func (m *mailbox) remove(j *job) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !j.queued {
		return false
	}
	m.unlink(j)
	return true
}

func (m *mailbox) unlink(j *job) {
	if j.previous == nil {
		m.first = j.next
	} else {
		j.previous.next = j.next
	}
	if j.next == nil {
		m.last = j.previous
	} else {
		j.next.previous = j.previous
	}
	j.queued, j.previous, j.next = false, nil, nil
	m.length--
	m.waiting.Add(-1)
}

// close refuses further jobs. Those already there are still taken.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.arrived.Broadcast()
}
