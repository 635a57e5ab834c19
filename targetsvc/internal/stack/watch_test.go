//go:build !notelemetry

package stack

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aboveTruth is by how much, in bytes, a quiet measurement exceeds the lowest stack pointer that
// dive reports: nothing on amd64; on arm64 the frame pointer stored below it; under the race
// detector what its hook pushes on entry to keep.
func aboveTruth() int {
	switch {
	case raceEnabled:
		return 56
	case runtime.GOARCH == "arm64":
		return 8
	}
	return 0
}

// slack is what the runtime itself may use below the deepest frame of the code measured: a
// preemption, a collector's assist.
const slack = 4 << 10

// watched runs body once under a watch in a goroutine of its own, whose stack begins small, and
// waits for it.
func watched(size int, body func(*Watch)) {
	var wg sync.WaitGroup
	wg.Go(func() {
		ran := false
		Run(size, func(w *Watch) {
			if !ran {
				ran = true
				body(w)
			}
		})
	})
	wg.Wait()
}

// depth is how deep dive went, counted as the watch counts.
func (w *Watch) depth(frames int) int { return dive(frames) - int(w.top) }

func used(w *Watch) int {
	n, _ := w.Used()
	return n
}

func TestQuietMeasurementEqualsTheLowestStackPointer(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	points := 0
	for _, size := range []int{2<<10 + 1, 4<<10 + 1, 0x4001, 32<<10 + 1, 64<<10 + 1, 5<<10 + 333, 300<<10 + 1} {
		for frames := 3; frames*400+1200 < size; frames += 1 + frames/4 {
			// The system monitor may preempt the dive, which pushes a frame that is truly used:
			// only time after time is it a defect.
			var own, truth, measured int
			for range 5 {
				watched(size, func(w *Watch) {
					w.Tick(1)
					w.Tick(1)
					own = used(w) // what the watch itself needs
					truth = w.depth(frames)
					w.Tick(1)
					measured = used(w)
					require.Zero(t, w.Overflows())
				})
				require.GreaterOrEqual(t, measured, truth, "size %d, %d frames", size, frames)
				if measured == truth+aboveTruth() {
					break
				}
			}
			if truth < own {
				continue
			}
			require.Equal(t, truth+aboveTruth(), measured, "size %d, %d frames, own %d", size, frames, own)
			points++
		}
	}
	assert.Greater(t, points, 50)
}

func TestHighWaterMarkStaysAndIsSeenWithoutASampleEachRequest(t *testing.T) {
	watched(0x4001, func(w *Watch) {
		deep := w.depth(20)
		for range 63 {
			w.depth(2)
			w.Tick(64)
		}
		assert.Less(t, used(w), deep, "sampled before its turn")
		w.Tick(64)
		assert.GreaterOrEqual(t, used(w), deep)
		before := used(w)
		w.depth(2)
		w.Sample()
		assert.Equal(t, before, used(w))
	})
}

// TestNeverBelowTheTruth holds many watched coroutines to their own lowest stack pointer while the
// collector runs without a pause, preempts them, and would shrink every stack it may.
func TestNeverBelowTheTruth(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	rounds, workers := 150, 16
	if testing.Short() {
		rounds = 40
	}
	stop := make(chan struct{})
	var storm, wg sync.WaitGroup
	storm.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	for i := range workers {
		wg.Go(func() {
			Run(0x4001, func(w *Watch) {
				random := rand.New(rand.NewPCG(1, uint64(i)))
				truth := 0
				for round := range rounds {
					frames := 1 + random.IntN(30)
					truth = max(truth, allocatingDive(frames)-int(w.top))
					w.Sample()
					if got := used(w); got < truth || got > truth+slack {
						t.Errorf("coroutine %d, round %d: measured %d bytes where %d were used", i, round, got, truth)
						return
					}
					if round%8 == 0 { // parked, the stack is at the collector's mercy
						time.Sleep(time.Millisecond)
					}
				}
				assert.Zero(t, w.Overflows())
			})
		})
	}
	wg.Wait()
	close(stop)
	storm.Wait()
}

// allocatingDive is dive with an allocation and a chance to be preempted in every frame.
//
//go:noinline
func allocatingDive(frames int) int {
	var frame [200]byte
	keep(&frame[0])
	local := make([]byte, 64+frames)
	if frames%7 == 0 {
		runtime.Gosched()
	}
	if frames > 0 {
		deepest := allocatingDive(frames - 1)
		keep(&frame[0])
		runtime.KeepAlive(local)
		return deepest
	}
	_, hi, sp := bounds()
	return int(hi - sp)
}

// TestBallastKeepsTheStack parks a coroutine and collects: under the ballast the stack stays where
// it is; the same stack grown without it, the negative control, is taken away.
func TestBallastKeepsTheStack(t *testing.T) {
	collect := func() {
		for range 3 {
			runtime.GC()
		}
	}
	size := func(parked func(park func())) (before, after uintptr) {
		reached, resume := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			parked(func() {
				lo, hi, _ := bounds()
				before = hi - lo
				close(reached)
				<-resume
				lo, hi, _ = bounds()
				after = hi - lo
			})
		})
		<-reached
		collect()
		close(resume)
		wg.Wait()
		return before, after
	}
	before, after := size(func(park func()) { Run(0x4001, func(*Watch) { park() }) })
	assert.Equal(t, before, after, "with ballast")
	before, after = size(func(park func()) { grow(32 << 10); park() })
	assert.Less(t, after, before, "without ballast the collector shrinks the stack; if it does not, this test shows nothing")
}

func TestOverflowsAreCountedByRequest(t *testing.T) {
	for _, size := range []int{2<<10 + 1, 0x4001, 64<<10 + 1} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			watched(size, func(w *Watch) {
				within, past := framesFor(w, size-600), framesFor(w, size+300)
				w.depth(within)
				w.Tick(1000)
				require.Zero(t, w.Overflows(), "a request within the size")
				for n := uint64(1); n <= 5; n++ {
					truth := w.depth(past)
					require.Greater(t, truth, size)
					w.Tick(1000)
					require.Equal(t, n, w.Overflows())
					require.GreaterOrEqual(t, used(w), truth)
					w.depth(within)
					w.Tick(1000)
					w.Sample()
					require.Equal(t, n, w.Overflows(), "the request after it")
				}
			})
		})
	}
}

// framesFor returns how many frames dive needs to reach a depth in bytes, or by less than a frame
// more.
func framesFor(w *Watch, depth int) int {
	one, two := w.depth(1), w.depth(2)
	return 1 + (depth-one+two-one-1)/(two-one)
}

func TestRequestThatOutgrowsTheStackIsAnOverflow(t *testing.T) {
	watched(0x4001, func(w *Watch) {
		before := w.hi - w.lo
		beyond := int(before) + 8<<10
		truth := w.depth(framesFor(w, beyond))
		w.Tick(1000)
		assert.EqualValues(t, 1, w.Overflows())
		assert.Greater(t, w.hi-w.lo, before)
		assert.Greater(t, used(w), 0x4001, "a lower bound, above the configured size")
		assert.LessOrEqual(t, used(w), truth)

		w.depth(3)
		w.Tick(1000)
		assert.EqualValues(t, 1, w.Overflows(), "the request after it")

		truth = w.depth(framesFor(w, beyond))
		w.Tick(1000)
		assert.EqualValues(t, 2, w.Overflows())
		assert.GreaterOrEqual(t, used(w), truth, "on the larger stack the mark is exact")
		assert.LessOrEqual(t, used(w), truth+slack)
	})
}

func TestStackTakenBackAfterAnOverflowIsNoOverflow(t *testing.T) {
	watched(0x4001, func(w *Watch) {
		w.depth(framesFor(w, int(w.hi-w.lo)+8<<10))
		w.Tick(1000)
		grown := w.hi - w.lo
		for range 3 {
			runtime.GC()
		}
		w.Tick(1000)
		assert.Less(t, w.hi-w.lo, grown)
		assert.EqualValues(t, 1, w.Overflows())
		truth := w.depth(framesFor(w, 20<<10))
		w.Tick(1000)
		assert.EqualValues(t, 2, w.Overflows())
		assert.GreaterOrEqual(t, used(w), truth)
	})
}

// TestMarkBelowAStackTakenBackIsNoOverflow has a body that goes on after its stack grew: the mark is
// then deeper than the stack that the collector leaves.
func TestMarkBelowAStackTakenBackIsNoOverflow(t *testing.T) {
	watched(0x4001, func(w *Watch) {
		for range 2 { // the second is measured exactly, on the larger stack
			w.depth(framesFor(w, 100<<10))
			w.Tick(1000)
		}
		grown := w.hi - w.lo
		for range 4 {
			runtime.GC()
		}
		for range 3 {
			w.Tick(1000)
			w.Sample()
		}
		require.Less(t, w.hi-w.lo, grown)
		require.Greater(t, used(w), int(w.hi-w.lo))
		assert.EqualValues(t, 2, w.Overflows())
	})
}

func TestGrownStackIsKeptByALargerBallast(t *testing.T) {
	var wg sync.WaitGroup
	var entries int
	var grown uintptr
	wg.Go(func() {
		Run(0x4001, func(w *Watch) {
			deep := func() bool {
				w.depth(100)
				w.depth(framesFor(w, int(w.hi-w.lo)+8<<10))
				return w.Tick(1000)
			}
			entries++
			if entries == 1 {
				assert.True(t, deep())
				grown = w.hi - w.lo
				return
			}
			assert.EqualValues(t, 1, w.Overflows())
			for range 4 {
				runtime.GC()
			}
			assert.False(t, w.Tick(1000))
			assert.Equal(t, grown, w.hi-w.lo, "the collector took the stack back")
			assert.EqualValues(t, 1, w.Overflows())
			w.depth(framesFor(w, 20<<10))
			for range 4 { // at the end of a request, before it is looked at
				runtime.GC()
			}
			assert.False(t, w.Tick(1000))
			assert.EqualValues(t, 2, w.Overflows())
		})
	})
	wg.Wait()
	assert.Equal(t, 2, entries)
}

// TestLeapPastTheLineIsFoundByTheNextSample documents the limit of what one Tick sees: a request
// that passes the first KiB beyond the size without writing to it.
func TestLeapPastTheLineIsFoundByTheNextSample(t *testing.T) {
	watched(2<<10+1, func(w *Watch) {
		deepest := leap(false) - int(w.top)
		require.Greater(t, deepest, 2<<10+1+window, "the leap must land beyond what Tick looks at")
		w.Tick(1000)
		assert.Zero(t, w.Overflows())
		w.Sample()
		assert.EqualValues(t, 1, w.Overflows())
		assert.GreaterOrEqual(t, used(w), deepest)

		leap(false)
		w.Tick(1000)
		assert.EqualValues(t, 2, w.Overflows(), "from the first overflow on, every Tick sees everything")
	})
}

// leap reserves a frame of 3 KiB, writes it only if told to, and calls on from below it.
//
//go:noinline
func leap(write bool) int {
	if write {
		var frame [3 << 10]byte
		keep(&frame[0])
	}
	return dive(0)
}

// TestUntouchedLeafFrameIsInvisible documents the limit that every canary has: what the deepest
// frame reserves and does not write cannot be seen; the same frame can once it is written. On arm64
// every frame's own prologue writes to its lowest word, as the race detector's call does.
func TestUntouchedLeafFrameIsInvisible(t *testing.T) {
	watched(0x4001, func(w *Watch) {
		base := used(w)
		leaf(0)
		w.Sample()
		if runtime.GOARCH == "amd64" && !raceEnabled {
			assert.Less(t, used(w)-base, 1<<10)
		}
		leaf(1 << 10)
		w.Sample()
		assert.GreaterOrEqual(t, used(w)-base, 2<<10)
	})
}

// leaf reserves a frame of 4 KiB, writes to it only if n is above 0, and calls nothing.
//
//go:noinline
func leaf(n int) (sum byte) {
	if n > 0 {
		var frame [4 << 10]byte
		for i := range n {
			frame[i] = byte(i)
		}
		for i := range n {
			sum += frame[i]
		}
	}
	return sum
}

func TestPanicsLeaveTheWatchIntact(t *testing.T) {
	watched(0x4001, func(w *Watch) {
		truth := 0
		for range 20 {
			func() {
				defer func() { require.NotNil(t, recover()) }()
				var nowhere *int
				truth = max(truth, w.depth(10))
				*nowhere = truth
			}()
			w.Tick(1)
			require.GreaterOrEqual(t, used(w), truth)
			require.LessOrEqual(t, used(w), truth+slack)
		}
		assert.Zero(t, w.Overflows())
	})
	require.PanicsWithValue(t, "through", func() { Run(0x4001, func(*Watch) { panic("through") }) })
}

func TestOnlyAnOddSizeIsTracked(t *testing.T) {
	for size, want := range map[int]bool{0x4000: false, 0x4001: true, 0: false, -1: false, 1: true, MaxSize + 1: false, MaxSize - 1: true} {
		assert.Equal(t, want, Tracking(size), size)
		watched(size, func(w *Watch) {
			_, ok := w.Used()
			assert.Equal(t, want, ok, size)
			w.Tick(1) // must be harmless without a watch, and with less stack than Tick itself needs
			w.Sample()
			if size != 1 {
				assert.Zero(t, w.Overflows())
			}
		})
	}
}

func TestUsedIsReadableFromOtherGoroutines(t *testing.T) {
	watches, done := make(chan *Watch), make(chan struct{})
	go Run(0x4001, func(w *Watch) {
		watches <- w
		for i := range 2000 {
			w.depth(i % 20)
			w.Tick(4)
		}
		close(done)
	})
	w := <-watches
	last := 0
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		require.GreaterOrEqual(t, used(w), last)
		last = used(w)
	}
}
