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

func TestTakeSaysWhenItIsAboutToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waiting atomic.Int64
		m := newMailbox(3, &waiting)
		idle := 0
		taken := make(chan *job)
		go func() { taken <- m.take(func() { idle++ }) }()
		synctest.Wait()
		require.Equal(t, 1, idle)
		want := &job{}
		_, err := m.send(want)
		require.NoError(t, err)
		require.Same(t, want, <-taken)
		m.close()
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
