//go:build !notelemetry

// Package allocs estimates how much memory each handler allocates, from the runtime's heap profile.
//
// In go the handlers' marks ([Register]); out come bytes and objects by handler since the process
// started, and the rest under [Other]. Go counts no allocations by goroutine, but its heap profile
// samples them with their stacks: an allocation belongs to the handler whose [Mark] is on the
// stack. The runtime keeps the 32 innermost frames, so that what is allocated deeper than about 30
// calls into a handler is found under Other; so is what a handler's own goroutines allocate.
//
// The estimator. The runtime samples an object of s bytes with probability p = 1 − exp(−s/[Rate]),
// so that each sampled object stands for 1/p objects and s/p bytes (Horvitz and Thompson 1952). The
// variances of the two sums are estimated without bias by Σ(1−p)/p² and Σs²(1−p)/p² over the
// sampled objects. For objects much smaller than Rate the relative standard error of B bytes is
// √(Rate/B), about one divided by the square root of the number of samples; objects much larger
// than Rate are all seen.
package allocs

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"
)

// Rate is the mean distance in bytes between two sampled allocations, unless the configuration asks
// for another. It is the runtime's own, so that no allocation is sampled that would not have been
// without telemetry: a sample walks a stack, and at an eighth of the distance they cost half a
// percent of a short request.
const Rate = 512 << 10

// Other is the name under which everything is found that no handler allocated.
const Other = "_other"

// Estimate says in words how the figures come about and how far they can be trusted, where the
// runtime samples one allocation in rate bytes.
func Estimate(rate int) string {
	if rate == 1 {
		return "from the runtime's heap profile, which has every allocation"
	}
	return fmt.Sprintf("estimated from the runtime's heap profile (one sample in %d bytes, each weighted by the inverse of "+
		"its probability); the relative standard error of B bytes is sqrt(%d/B), and twice that covers 19 readings in 20",
		rate, rate)
}

// Usage is what was allocated by one handler since the process started, with the standard errors of
// both figures.
type Usage struct {
	Handler               string
	Bytes, BytesError     float64
	Objects, ObjectsError float64
}

// Estimator attributes the process's allocations to handlers. It is safe for concurrent use. There
// is one in a process, because the heap profile's rate is the process's.
type Estimator struct {
	mu      sync.Mutex
	known   map[[32]uintptr]int // stack → mark, or unmarked
	records []runtime.MemProfileRecord
	before  Usage // allocated before New, exact, less what the profile says of that time

	began    time.Time
	settling time.Duration // time spent on collections at the reader's request
}

// New sets the heap profile's rate for the process, in bytes, and begins to count; what was
// allocated before goes to Other. A rate of 1 samples everything: the figures are exact then, and
// each allocation costs a walk of its stack.
func New(rate int) *Estimator {
	runtime.MemProfileRate = rate
	e := &Estimator{known: map[[32]uintptr]int{}, began: time.Now()}
	e.settle()
	e.read()
	seen := e.sum()
	bytes, objects := Total()
	e.before = Usage{Bytes: float64(bytes), Objects: float64(objects)}
	for _, u := range seen {
		e.before.Bytes -= u.Bytes
		e.before.Objects -= u.Objects
	}
	return e
}

// Read returns what each handler allocated so far, sorted by name, Other among them. No figure ever
// falls.
//
// The profile lags behind the program by up to two collections. Read therefore runs one collection
// first, which brings the profile up to date, as long as all collections at its request together
// took less than a second and 5 % of the time since New. A reading costs that collection and about
// 60 ns for each distinct stack in the profile.
func (e *Estimator) Read() []Usage {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.settling < time.Second+time.Since(e.began)/20 {
		e.settle()
	}
	e.read()
	out := e.sum()
	for i := range out {
		out[i].BytesError, out[i].ObjectsError = math.Sqrt(out[i].BytesError), math.Sqrt(out[i].ObjectsError)
	}
	slices.SortFunc(out, func(a, b Usage) int { return strings.Compare(a.Handler, b.Handler) })
	return out
}

// settle brings the heap profile up to date: the runtime publishes an allocation at the end of the
// collection after it.
func (e *Estimator) settle() {
	start := time.Now()
	runtime.GC()
	e.settling += time.Since(start)
}

// read copies the profile's records, into the memory of the last reading when that is large enough.
func (e *Estimator) read() {
	for {
		n, ok := runtime.MemProfile(e.records[:cap(e.records)], true)
		if ok {
			e.records = e.records[:n]
			return
		}
		e.records = make([]runtime.MemProfileRecord, 0, n+n/4)
	}
}

// sum adds the records up by mark, and last those without one. The errors are variances.
func (e *Estimator) sum() []Usage {
	handlers := append(registered(), Other)
	sums := make([]Usage, len(handlers))
	sums[len(sums)-1] = e.before
	for i, handler := range handlers {
		sums[i].Handler = handler
	}
	for i := range e.records {
		r := &e.records[i]
		mark := e.mark(r)
		if mark == unmarked {
			mark = len(sums) - 1
		}
		sums[mark].add(float64(r.AllocObjects), float64(r.AllocBytes))
	}
	return sums
}

// add takes in n sampled objects of the same size, as one record of the profile has them, that have
// this many bytes together.
func (u *Usage) add(n, bytes float64) {
	if n == 0 {
		return
	}
	size := bytes / n
	p := -math.Expm1(-size / float64(runtime.MemProfileRate))
	if runtime.MemProfileRate == 1 {
		p = 1 // the runtime then samples every object
	}
	u.Objects += n / p
	u.Bytes += bytes / p
	u.ObjectsError += n * (1 - p) / (p * p)
	u.BytesError += n * size * size * (1 - p) / (p * p)
}

const unmarked = -1

// mark finds the mark on a record's stack.
func (e *Estimator) mark(r *runtime.MemProfileRecord) int {
	mark, ok := e.known[r.Stack0]
	if !ok {
		mark = find(r.Stack())
		e.known[r.Stack0] = mark
	}
	return mark
}

func find(stack []uintptr) int {
	walk := runtime.CallersFrames(stack)
	for more := true; more; {
		var f runtime.Frame
		f, more = walk.Next()
		if mark, ok := markOf()[f.Entry]; ok {
			return mark
		}
	}
	return unmarked
}

// Total returns what the whole process has allocated on the heap since it started: exact, and what
// the sum of a reading estimates.
func Total() (bytes, objects uint64) {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64(), sample[1].Value.Uint64()
}
