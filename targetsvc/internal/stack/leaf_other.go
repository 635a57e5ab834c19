//go:build !((amd64 || arm64) && (linux || darwin || freebsd))

package stack

// Without assembly for the platform nothing can be known of a goroutine's stack: hasLeaves says so,
// and [Supported] answers no before any of these is called.

const hasLeaves = false

func bounds() (lo, hi, sp uintptr) { return 0, 0, 0 }
func guardAt() uintptr             { return 0 }
