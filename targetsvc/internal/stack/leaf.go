//go:build (amd64 || arm64) && (linux || darwin || freebsd)

package stack

// The functions below are leaves in assembly without a prologue: no stack growth, no preemption and
// so no move of the stack can happen inside one.

const hasLeaves = true

// bounds returns the lower and the upper end of the goroutine's stack, and the stack pointer inside
// bounds itself: no word written so far by the calls that led here lies below it, but for the frame
// pointer that arm64 keeps one word lower.
func bounds() (lo, hi, sp uintptr)

// guardAt returns the address at which the runtime would grow the goroutine's stack, or, while a
// preemption is asked for, a value above every address.
func guardAt() uintptr
