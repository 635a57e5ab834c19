package stacks

import "time"

// Looks cost at most this share of a core, and are never closer than the shortest pause.
const (
	share    = 200 // one part in: half a per cent
	shortest = 500 * time.Millisecond
)

// Pause returns how long to wait after a look that took this much CPU time, so that looks together
// cost less than half a per cent of a core.
func Pause(cpu time.Duration) time.Duration { return max(share*cpu, shortest) }
