//go:build !notelemetry

package stack

import (
	"sync/atomic"
	"unsafe"
)

// Canary is the word that the free part of a watched stack is painted with. As an address it is not
// canonical, so that a collector that meets a stale one ignores it.
const Canary = 0xDEADBEEFCAFEBABE

// Watch measures one coroutine's stack. Tick and Sample belong to the coroutine itself; Used and
// Overflows may be called from anywhere. A nil watch measures nothing, and every method says so.
//
// Distances are in bytes. Those called depths are counted down from where the configured size
// begins, just under the ballast; those called offsets are counted up from the lower end of the
// stack.
type Watch struct {
	size   uintptr // configured; the watch counts a request as an overflow when it wrote a word deeper than this
	top    uintptr // of the point where size begins, from the upper end of the stack
	guard  uintptr // how far above the stack's lower end the runtime makes it larger
	cookie uintptr // lowest word of the painted stack: tells it from another that came to lie at the same address

	lo, hi uintptr // bounds of the painted stack
	line   uintptr // offset of the first word that is still within the configured size
	near   uintptr // offset from which each request is looked at

	unsampled uint32 // requests since the last sample
	outgrown  bool   // the stack grew, so that the ballast is no longer a quarter of it
	used      atomic.Int64
	overflows atomic.Uint64
}

// newWatch paints the free part of the current stack and takes a first sample.
func newWatch(size, top, guard uintptr) *Watch {
	w := &Watch{size: size, top: top, guard: guard}
	w.cookie = uintptr(unsafe.Pointer(w)) // unique among the watches alive, and never the canary
	w.repaint()
	w.Sample()
	return w
}

// restart continues on the present stack, under a ballast that fits it; top is as in [Watch].
func (w *Watch) restart(top uintptr) {
	w.top = top
	w.repaint()
}

// takeOutgrown reports whether the stack grew since the last call. A nil watch's never did.
func (w *Watch) takeOutgrown() bool {
	if w == nil {
		return false
	}
	outgrown := w.outgrown
	w.outgrown = false
	return outgrown
}

// Used returns the high-water mark in bytes since [Run] began, and false for a nil watch. The mark
// is exact for everything written within the stack as first allocated, which is the configured size
// and at least 1 KiB more; of a request that went deeper, so that the runtime moved the stack, it
// is a lower bound above the configured size. It is as fresh as the last sample.
func (w *Watch) Used() (bytes int, ok bool) {
	if w == nil {
		return 0, false
	}
	return int(w.used.Load()), true
}

// Overflows returns how many requests went past the configured size; see [Watch.Tick].
func (w *Watch) Overflows() uint64 {
	if w == nil {
		return 0
	}
	return w.overflows.Load()
}

// Tick ends a request: it counts the request when it overflowed, and takes a sample at every
// every-th call. A coroutine calls it after each request; it costs tens of nanoseconds.
//
// A request overflowed when it wrote a word deeper than the configured size. Tick sees that when
// the stack moved (the runtime made it larger) or when a word within 1 KiB past the size was
// written. A request that leaps over that KiB without writing any of it, and returns before the
// stack must grow, is found by the next sample, which counts all such requests since the one before
// it as one. From the first overflow on, every Tick looks at all there is, and each request counts.
//
// Tick returns true when the stack grew: the body given to [Run] then returns, and is called again
// under a ballast that keeps the collector from taking the larger stack, and the paint, away.
func (w *Watch) Tick(every uint32) (outgrown bool) {
	if w == nil {
		return false
	}
	w.unsampled++
	if w.unsampled < every && w.overflows.Load() == 0 && w.clean() {
		return false
	}
	w.Sample()
	return w.outgrown
}

// clean reports whether the stack is the one painted and nothing was written just past the
// configured size.
func (w *Watch) clean() bool {
	at, lo, hi, cookie := scan(w.near, w.line)
	return at == w.line && lo == w.lo && hi == w.hi && cookie == w.cookie
}

// Sample brings Used up to date and counts an overflow not counted yet. It costs some 40 ns for
// each KiB of the stack that was never used; a coroutine at rest calls it on request, so
// that the mark is exact at rest.
func (w *Watch) Sample() {
	if w == nil {
		return
	}
	w.unsampled = 0
	to := w.line
	if mark := uintptr(w.used.Load()); mark < w.size {
		to = w.offset(mark)
	}
	at, lo, hi, cookie := scan(8, to)
	if lo != w.lo || hi != w.hi || cookie != w.cookie {
		w.moved(hi - lo)
		return
	}
	w.raise(w.offset(at))
	if at < w.line {
		w.overflows.Add(1)
		paint(at, w.line, w.cookie)
	}
}

// moved takes up a stack that is not the painted one any more. It grew since the last look, and all
// of the former stack down to the runtime's guard had been used; the collector may have taken back
// a part of what it grew by. Only a body that went on after [Watch.Tick] returned true can find it
// smaller than it was, when the collector took back what an earlier overflow had made it grow by.
func (w *Watch) moved(size uintptr) {
	if former := w.hi - w.lo; size >= former {
		w.raise(former - w.top - w.guard)
		w.overflows.Add(1)
		w.outgrown = true
	}
	w.repaint()
}

// repaint paints all of the free part of the current stack.
func (w *Watch) repaint() {
	const everything = 1 << 40
	w.lo, w.hi = paint(8, everything, w.cookie)
	w.line = (w.offset(w.size) + 7) &^ 7
	w.near = w.line - window
}

// raise makes used the high-water mark when it is above the one so far.
func (w *Watch) raise(used uintptr) { w.used.Store(max(w.used.Load(), int64(used))) }

// offset turns a depth into an offset, and an offset into a depth.
func (w *Watch) offset(depth uintptr) uintptr { return w.hi - w.lo - w.top - depth }
