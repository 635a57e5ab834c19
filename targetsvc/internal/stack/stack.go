// Package stack runs a coroutine on a stack of configured size and measures how much of it was
// really used.
//
// [Run] gives the calling goroutine room for the configured size and keeps the collector from
// taking it away again; that much is the same in both builds. In the instrumented build an odd size
// also switches tracking on: the free part of the stack is painted with [Canary], and the lowest
// word that no longer holds it is the high-water mark ([Watch.Used]).
//
// What is measured is what was written. Bytes that the deepest frame reserved and never wrote are
// invisible, as they are to every canary; as soon as that frame calls anything, its return address
// shows them. The runtime's own use of the stack (a preemption, a collector's assist) counts too: a
// stack of fixed size would have had to hold it as well.
//
// The package reads three words at the start of the runtime's goroutine descriptor, which no
// promise covers. [Supported] tries all of it once at start, and says no, with a reason, rather
// than let a wrong number out.
package stack

// MaxSize is the largest size in bytes that Run can provide for; a larger one runs the body without
// room and without a watch.
const MaxSize = 2 << 20

// Tracking reports whether a configured size in bytes asks for tracking: it is odd, and one that
// can be provided for.
func Tracking(size int) bool { return size&1 == 1 && 0 < size && size <= MaxSize }

// Run calls body on the current goroutine with size bytes of stack below it, and returns when body
// does. A panic in body passes through. The goroutine should live long: growing and painting cost
// microseconds, and the stack holds up to four times the configured size.
//
// The watch belongs to the calling goroutine. It is nil when nothing is measured: an even size, a
// size above [MaxSize], a platform that is not [Supported], or the build without telemetry. When
// [Watch.Tick] returns true, body returns, and Run calls it again with the same watch.
func Run(size int, body func(*Watch)) {
	found := check()
	if found.err != nil || size < 0 || size > MaxSize {
		body(nil)
		return
	}
	var w *Watch
	for first := true; first || w.takeOutgrown(); first = false {
		alloc := allocation(uintptr(size), found.guard)
		onBallast(alloc, func(top uintptr) {
			switch {
			case !Tracking(size) || top < alloc/4: // a ballast that is not there would let the stack shrink under the paint
				w = nil
			case w == nil:
				w = newWatch(uintptr(size), top, found.guard)
			default:
				w.restart(top)
			}
			body(w)
		})
	}
}
