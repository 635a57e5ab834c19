//go:build !notelemetry

package allocs

import (
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The functions below allocate through the slice they are given, which is on the heap, so that
// nothing else is allocated.

//go:noinline
func smallHandler(n int, out *[]byte) {
	for i := range n {
		*out = make([]byte, 100+i%50)
	}
}

//go:noinline
func largeHandler(n int, out *[]byte) {
	for range n {
		*out = make([]byte, 1<<20)
	}
}

// recursiveHandler allocates on its way down, as deep as the profile can still tell whose it is.
//
//go:noinline
func recursiveHandler(left int, out *[]byte) {
	*out = make([]byte, 2000)
	if left > 0 {
		recursiveHandler(left-1, out)
	}
}

//go:noinline
func nobody(n int, out *[]byte) {
	for range n {
		*out = make([]byte, 3000)
	}
}

func load(scale int) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			out := new([]byte)
			Register("small").Within(func() { smallHandler(20000*scale, out) })
			Register("large").Within(func() { largeHandler(5*scale, out) })
			nobody(1000*scale, out)
			Register("recursive").Within(func() {
				for range 80 * scale {
					recursiveHandler(24, out)
				}
			})
		})
	}
	wg.Wait()
}

func byHandler(usages []Usage) map[string]Usage {
	out := map[string]Usage{}
	for _, u := range usages {
		out[u.Handler] = u
	}
	return out
}

// alone runs the calling test once more in a process of its own, where the heap profile's rate is
// not shared, and reports whether this is that process.
func alone(t *testing.T) bool {
	if os.Getenv("ALLOCS_ALONE") == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "ALLOCS_ALONE="+t.Name())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

// TestEveryObjectSampledGivesTheExactFigures takes the sampling away: what is left is attribution,
// and the lag of the profile.
func TestEveryObjectSampledGivesTheExactFigures(t *testing.T) {
	if !alone(t) {
		return
	}
	e := New(1)
	load(1)
	before, _ := Total()
	got := byHandler(e.Read())
	after, _ := Total()
	// An allocation that starts a collection has the runtime allocate a few objects of its own
	// under the same stack.
	const objects, bytes = 64, 64 << 10
	assert.InDelta(t, 4*5<<20, got["large"].Bytes, bytes)
	assert.InDelta(t, 4*5, got["large"].Objects, objects)
	assert.InDelta(t, 4*80*25*2048, got["recursive"].Bytes, bytes, "the size class of 2000 bytes is 2048")
	assert.InDelta(t, 4*20000, got["small"].Objects, objects)
	assert.Zero(t, got["small"].BytesError)

	sum := 0.0
	for _, u := range got {
		sum += u.Bytes
	}
	assert.Greater(t, sum, 0.99*float64(before), "the sum closes on the exact total")
	assert.Less(t, sum, 1.01*float64(after), "the sum closes on the exact total")
}

func TestEstimatesLieWithinTheStatedError(t *testing.T) {
	if !alone(t) {
		return
	}
	e := New(Rate)
	var before uint64
	last := byHandler(e.Read())
	require.Zero(t, last["small"].Bytes)
	for round := 1; round <= 4; round++ {
		load(2)
		got := byHandler(e.Read())
		truth := map[string]float64{"large": float64(round * 4 * 10 << 20), "recursive": float64(round) * 4 * 160 * 25 * 2048}
		for handler, bytes := range truth {
			// Five standard errors: one reading in a million and a half lies outside.
			assert.InDelta(t, bytes, got[handler].Bytes, 5*got[handler].BytesError+5*math.Sqrt(Rate*bytes), handler)
		}
		assert.InDelta(t, float64(round*4*40000), got["small"].Objects, 5*got["small"].ObjectsError)

		total, _ := Total()
		require.Greater(t, total, before)
		sum, variance := 0.0, 0.0
		for handler, u := range got {
			sum += u.Bytes
			variance += u.BytesError * u.BytesError
			assert.GreaterOrEqual(t, u.Bytes, last[handler].Bytes, "%s fell", handler)
			assert.GreaterOrEqual(t, u.Objects, last[handler].Objects, "%s fell", handler)
		}
		assert.InDelta(t, float64(total), sum, 5*math.Sqrt(variance), "the sum closes on the exact total")
		assert.Less(t, math.Abs(sum/float64(total)-1), 0.25)
		before, last = total, got
	}

	total, _ := Total()
	sum := 0.0
	for _, u := range New(Rate).Read() {
		sum += u.Bytes
	}
	assert.InEpsilon(t, float64(total), sum, 0.02, "one that begins late counts what was before it, exactly")
}

func TestCollectionsAtTheReadersRequestAreRationed(t *testing.T) {
	e := &Estimator{known: map[[32]uintptr]int{}}
	e.began = time.Now()
	e.settling = time.Hour // as if they had taken very long
	before := collections()
	for range 10 {
		e.Read()
	}
	assert.Less(t, collections()-before, uint32(5))
	e.settling = 0
	before = collections()
	e.Read()
	assert.Greater(t, collections(), before)
}

func collections() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumGC
}

func TestMarksAreDistinctAndLast(t *testing.T) {
	assert.Len(t, slices.Compact(slices.Sorted(maps.Values(markOf()))), len(frames), "each mark is a function of its own")
	if !alone(t) {
		return
	}
	for i := range len(frames) + 3 {
		mark := Register(fmt.Sprint(i))
		ran := false
		mark.Within(func() {
			ran = true
			var stack [32]uintptr
			want := i
			if i >= len(frames) {
				want = unmarked
			}
			assert.Equal(t, want, find(stack[:runtime.Callers(1, stack[:])]))
		})
		assert.True(t, ran)
		assert.Len(t, registered(), min(i+1, len(frames)))
		Register(fmt.Sprint(i))
		assert.Len(t, registered(), min(i+1, len(frames)), "the same name again")
	}
}

func TestEstimateIsStatedWithItsRate(t *testing.T) {
	assert.Contains(t, Estimate(4096), "sqrt(4096/B)")
	assert.NotContains(t, Estimate(1), "error", "every object is seen")
}

func BenchmarkRead(b *testing.B) {
	e := New(Rate)
	load(1)
	for _, settle := range []bool{false, true} {
		b.Run(fmt.Sprintf("settle=%t", settle), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.settling = 0
				if !settle {
					e.settling = time.Hour
				}
				e.Read()
			}
			b.ReportMetric(float64(len(e.records)), "stacks")
		})
	}
}

// BenchmarkAllocation is what sampling costs a kilobyte allocated: with none, at this package's
// rate, at an eighth of that distance.
func BenchmarkAllocation(b *testing.B) {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	for _, rate := range []int{0, Rate, Rate / 8} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			runtime.MemProfileRate = rate
			b.ReportAllocs()
			out := new([]byte)
			for b.Loop() {
				*out = make([]byte, 1024)
			}
		})
	}
}
