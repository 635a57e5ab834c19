//go:build !notelemetry

package stack

import "fmt"

// tryPainting watches the current goroutine go to known depths, and returns an error when the mark
// is below the truth, or so far above it that the runtime's own use of the stack cannot explain it.
func tryPainting(guard uintptr) error {
	const size, most = 16 << 10, 4 << 10
	var err error
	onBallast(allocation(size, guard), func(top uintptr) {
		w := newWatch(size, top, guard)
		for _, frames := range []int{4, 16, 32} {
			truth := dive(frames) - int(top)
			w.Sample()
			if used, _ := w.Used(); used < truth || used > truth+most {
				err = fmt.Errorf("measured %d bytes of stack where %d were used", used, truth)
				return
			}
		}
		if n := w.Overflows(); n > 0 {
			err = fmt.Errorf("measured %d overflows where there was none", n)
		}
	})
	return err
}

// dive calls itself frames deep and returns the stack pointer at the bottom, as a distance in bytes
// from the stack's upper end.
//
//go:noinline
func dive(frames int) int {
	var frame [256]byte
	keep(&frame[0])
	if frames > 0 {
		deepest := dive(frames - 1)
		keep(&frame[0])
		return deepest
	}
	_, hi, sp := bounds()
	return int(hi - sp)
}
