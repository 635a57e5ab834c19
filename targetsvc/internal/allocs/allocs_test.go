//go:build !notelemetry

package allocs

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The functions below allocate through the slice they are given, which is on the heap, so that nothing else is allocated.

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

// recursiveHandler allocates far more frames below itself than the profile keeps, through a closure.
//
//go:noinline
func recursiveHandler(depth int, out *[]byte) {
	var descend func(int)
	descend = func(left int) {
		*out = make([]byte, 2000)
		if left > 0 {
			descend(left - 1)
		}
	}
	descend(depth)
}

//go:noinline
func nobody(n int, out *[]byte) {
	for range n {
		*out = make([]byte, 3000)
	}
}

func nameOf(f any) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }

func ownAll(e *Estimator) {
	e.Own("small", nameOf(smallHandler))
	e.Own("large", nameOf(largeHandler))
	e.Own("recursive", nameOf(recursiveHandler))
}

func load(scale int) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			out := new([]byte)
			smallHandler(20000*scale, out)
			largeHandler(5*scale, out)
			nobody(1000*scale, out)
			for range 20 * scale {
				recursiveHandler(100, out)
			}
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

// alone runs the calling test once more in a process of its own, where the heap profile's rate is not shared, and reports whether
// this is that process.
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

// TestEveryObjectSampledGivesTheExactFigures takes the sampling away: what is left is attribution, and the lag of the profile.
func TestEveryObjectSampledGivesTheExactFigures(t *testing.T) {
	if !alone(t) {
		return
	}
	e := newAt(1)
	ownAll(e)
	load(1)
	before, _ := Total()
	got := byHandler(e.Read())
	after, _ := Total()
	// An allocation that starts a collection has the runtime allocate a few objects of its own under the same stack.
	const objects, bytes = 64, 64 << 10
	assert.InDelta(t, 4*5<<20, got["large"].Bytes, bytes)
	assert.InDelta(t, 4*5, got["large"].Objects, objects)
	assert.InDelta(t, 4*20*101*2048, got["recursive"].Bytes, bytes, "the size class of 2000 bytes is 2048")
	assert.InDelta(t, 4*20000, got["small"].Objects, objects)
	assert.Zero(t, got["small"].BytesError)

	sum := 0.0
	for _, u := range got {
		sum += u.Bytes
	}
	assert.Greater(t, sum, 0.998*float64(before), "the sum closes on the exact total")
	assert.Less(t, sum, 1.002*float64(after), "the sum closes on the exact total")
}

func TestEstimatesLieWithinTheStatedError(t *testing.T) {
	if !alone(t) {
		return
	}
	e := New()
	ownAll(e)
	var before uint64
	last := byHandler(e.Read())
	require.Zero(t, last["small"].Bytes)
	for round := 1; round <= 4; round++ {
		load(2)
		e.settle()
		got := byHandler(e.Read())
		truth := map[string]float64{"large": float64(round * 4 * 10 << 20), "recursive": float64(round) * 4 * 40 * 101 * 2048}
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
}

func TestCollectionsAtTheReadersRequestAreRationed(t *testing.T) {
	e := &Estimator{owners: map[string]string{}, known: map[[32]uintptr]string{}}
	e.settle()
	e.cost = 1 << 40 // as if the last one had taken very long
	before := collections()
	for range 10 {
		e.Read()
	}
	assert.Less(t, collections()-before, uint32(5))
	e.cost = 0
	before = collections()
	e.Read()
	assert.Greater(t, collections(), before)
}

func collections() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumGC
}

func TestClosuresBelongToTheFunctionTheyStandIn(t *testing.T) {
	for function, want := range map[string]string{
		"a/b.outer":              "",
		"a/b.outer.func1":        "a/b.outer",
		"a/b.outer.func1.2":      "a/b.outer.func1",
		"a/b.outer.gowrap1":      "a/b.outer",
		"a/b.outer-range1":       "a/b.outer",
		"a/b.outer.func1-range2": "a/b.outer.func1",
		"a/b.(*T).method":        "",
		"a/b.(*T).method.func2":  "a/b.(*T).method",
		"a/b.function":           "",
		"main":                   "",
	} {
		assert.Equal(t, want, enclosing(function), function)
	}
}

func TestEstimateIsStatedWithItsRate(t *testing.T) {
	assert.Contains(t, Estimate, fmt.Sprint(Rate))
}

func BenchmarkRead(b *testing.B) {
	e := New()
	ownAll(e)
	load(1)
	for _, settle := range []bool{false, true} {
		b.Run(fmt.Sprintf("settle=%t", settle), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.cost = 0
				if !settle {
					e.cost = 1 << 40
				}
				e.Read()
			}
			b.ReportMetric(float64(len(e.records)), "stacks")
		})
	}
}

// BenchmarkAllocation is what sampling costs a kilobyte allocated, at the runtime's own rate, at this package's, and with none.
func BenchmarkAllocation(b *testing.B) {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	for _, rate := range []int{0, 512 << 10, Rate} {
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
