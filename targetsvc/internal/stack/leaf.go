//go:build (amd64 || arm64) && (linux || darwin || freebsd)

package stack

// The functions below are leaves in assembly without a prologue: no stack growth, no preemption and so no move of the stack
// can happen inside one. Each reads the bounds of the stack itself and takes offsets from its lower end, never addresses,
// because between two calls the stack may have moved. None touches what is within the red zone below its stack pointer.

const hasLeaves = true

// bounds returns the lower and the upper end of the goroutine's stack, and the stack pointer inside bounds itself: no word
// written so far by the calls that led here lies below it, but for the frame pointer that arm64 keeps one word lower.
func bounds() (lo, hi, sp uintptr)

// guardAt returns the address at which the runtime would grow the goroutine's stack, or, while a preemption is asked for, a
// value above every address.
func guardAt() uintptr

// paint writes cookie into the stack's lowest word and [Canary] into every other word below offset to and the red zone,
// from offset from on, and returns the bounds of the stack it painted. Offsets are multiples of 8; from is at least 8.
func paint(from, to, cookie uintptr) (lo, hi uintptr)

// scan returns the offset of the first word between the offsets from and to that does not hold [Canary], or the end of what
// it looked at: to, or the red zone when that comes first. With it come the bounds of the stack and its lowest word.
func scan(from, to uintptr) (at, lo, hi, cookie uintptr)
