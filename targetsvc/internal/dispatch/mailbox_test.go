package dispatch

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestMailboxKeepsOrderAndCapacity(t *testing.T) {
	var waiting atomic.Int64
	m := newMailbox(3, &waiting)
	jobs := []*job{{}, {}, {}, {}}
	for i, j := range jobs[:3] {
		depth, err := m.send(j)
		require.NoError(t, err)
		require.Equal(t, i, depth, "what was there before")
	}
	depth, err := m.send(jobs[3])
	require.ErrorIs(t, err, errFull)
	require.Equal(t, 3, depth)
	require.EqualValues(t, 3, waiting.Load())

	require.True(t, m.remove(jobs[1]), "out of the middle")
	require.False(t, m.remove(jobs[1]), "once")
	_, err = m.send(jobs[3])
	require.NoError(t, err, "its place is free")
	for _, want := range []*job{jobs[0], jobs[2], jobs[3]} {
		require.Same(t, want, m.take(func() {}))
		require.False(t, m.remove(want))
	}
	require.Zero(t, waiting.Load())
}

func TestClosedMailboxIsEmptiedAndRefuses(t *testing.T) {
	var waiting atomic.Int64
	m := newMailbox(3, &waiting)
	held := &job{}
	_, err := m.send(held)
	require.NoError(t, err)
	m.close()
	_, err = m.send(&job{})
	require.ErrorIs(t, err, errClosed)
	require.Same(t, held, m.take(func() {}))
	require.Nil(t, m.take(func() { t.Error("a closed mailbox is not waited for") }))
}

func TestEveryVisitIsHeardOfByWhoeverRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waiting atomic.Int64
		m := newMailbox(3, &waiting)
		m.visit() // nobody is there, and nobody is waited for
		const coroutines = 3
		var heard, taken atomic.Int64
		for range coroutines {
			go func() {
				for m.take(func() { heard.Add(1) }) != nil {
					taken.Add(1)
				}
			}()
		}
		synctest.Wait()
		for visit := range int64(50) {
			before := heard.Load()
			m.visit()
			require.Equal(t, before+coroutines, heard.Load(), "when the visit is over, all have heard of it")
			_, err := m.send(&job{}) // wakes one just before the next visit does
			require.NoError(t, err)
			m.visit()
			require.GreaterOrEqual(t, heard.Load(), before+2*coroutines-1, "all but the one that may be at work")
			synctest.Wait()
			require.Equal(t, visit+1, taken.Load(), "and the job is not lost")
		}
		m.close()
		m.visit() // those that end do not keep it waiting
	})
}

func TestVisitDoesNotWaitForCoroutinesAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waiting atomic.Int64
		m := newMailbox(3, &waiting)
		_, err := m.send(&job{})
		require.NoError(t, err)
		require.NotNil(t, m.take(func() { t.Error("one that finds a job does not rest") }))
		m.visit()
	})
}

func TestEveryJobIsTakenOrRemovedOnce(t *testing.T) {
	var waiting atomic.Int64
	m := newMailbox(16, &waiting)
	var taken, removed, sent atomic.Int64
	var takers, senders sync.WaitGroup
	for range 3 {
		takers.Go(func() {
			for m.take(func() {}) != nil {
				taken.Add(1)
			}
		})
	}
	for sender := range 4 {
		senders.Go(func() {
			for n := range 2000 {
				j := &job{}
				if _, err := m.send(j); err != nil {
					continue
				}
				sent.Add(1)
				if (n+sender)%3 == 0 && m.remove(j) {
					removed.Add(1)
				}
			}
		})
	}
	senders.Wait()
	m.close()
	takers.Wait()
	require.Equal(t, sent.Load(), taken.Load()+removed.Load())
	require.Zero(t, waiting.Load())
	require.Zero(t, m.length)
}

func BenchmarkMailbox(b *testing.B) {
	var waiting atomic.Int64
	m := newMailbox(16, &waiting)
	j := &job{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.send(j); err != nil {
			b.Fatal(err)
		}
		m.take(func() {})
	}
}
