//go:build (amd64 || arm64) && (linux || darwin || freebsd) && !notelemetry

package stack

// Like [bounds], these are leaves without a prologue. Each reads the bounds of the stack itself and
// takes offsets from its lower end, never addresses, because between two calls the stack may have
// moved. Neither touches what is within the red zone below its stack pointer.

// paint writes cookie into the stack's lowest word and [Canary] into every other word below offset
// to and the red zone, from offset from on, and returns the bounds of the stack it painted. Offsets
// are multiples of 8; from is at least 8.
func paint(from, to, cookie uintptr) (lo, hi uintptr)

// scan returns the offset of the first word between the offsets from and to that does not hold
// [Canary], or the end of what it looked at: to, or the red zone when that comes first. With it
// come the bounds of the stack and its lowest word.
func scan(from, to uintptr) (at, lo, hi, cookie uintptr)
