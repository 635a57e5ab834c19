package stack

import (
	"fmt"
	"runtime"
	"sync"
)

// Supported reports whether stacks can be measured here, and if not, why. It is decided once, by
// trying: the platform must have the assembly, the words it reads must look like the bounds of a
// stack, and a measured depth must agree with a known one. What it cannot see is a future runtime
// that keeps live data more than 128 bytes below the stack pointer.
func Supported() (ok bool, reason string) {
	if err := check().err; err != nil {
		return false, err.Error()
	}
	return true, ""
}

// checked is what was found at start.
type checked struct {
	guard uintptr // distance in bytes from the stack's lower end to where the runtime makes it larger
	err   error   // why nothing can be measured, or nil
}

// check looks once, and afterwards returns what it found.
var check = sync.OnceValue(func() checked {
	if !hasLeaves {
		return checked{err: fmt.Errorf("no stack measurement on %s/%s", runtime.GOOS, runtime.GOARCH)}
	}
	result := make(chan checked)
	go func() { result <- probe() }() // a goroutine of its own, whose stack begins small
	return <-result
})

// layout is what the assembly says of a stack.
type layout struct{ lo, hi, sp, guard uintptr }

// probe reads the layout of the current goroutine's stack, and has the painting tried on it when
// the layout is believable.
func probe() checked {
	var l layout
	for range 100 { // the guard is unreadable while a preemption is asked for
		l.lo, l.hi, l.sp = bounds()
		if l.guard = guardAt(); l.guard < l.hi {
			break
		}
		runtime.Gosched()
	}
	if err := l.believable(); err != nil {
		return checked{err: fmt.Errorf("the runtime's goroutine descriptor is not as known: %w", err)}
	}
	guard := l.guard - l.lo
	return checked{guard: guard, err: tryPainting(guard)}
}

// believable reports what of a layout cannot be true of a goroutine's stack.
func (l layout) believable() error {
	size := l.hi - l.lo
	switch {
	case l.lo >= l.hi || l.lo%8 != 0:
		return fmt.Errorf("bounds %#x to %#x", l.lo, l.hi)
	case size&(size-1) != 0 || size < 2048 || size > 1<<30:
		return fmt.Errorf("a stack of %d bytes", size)
	case l.sp <= l.lo || l.sp >= l.hi:
		return fmt.Errorf("stack pointer %#x outside %#x to %#x", l.sp, l.lo, l.hi)
	case l.guard < l.lo+256 || l.guard > l.lo+size/2+1024 || l.guard >= l.hi:
		return fmt.Errorf("guard %d bytes above the lower end of %d", int64(l.guard-l.lo), size)
	}
	return nil
}
