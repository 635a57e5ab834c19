package run

import (
	"time"

	"brrtload/internal/pace"
)

// How long the phases around the load may take.
const (
	floorTime = 500 * time.Millisecond // of the null-transport run
	restTime  = 10 * time.Second       // to come to rest before the baseline
	quietTime = 10 * time.Second       // to come to rest after the load, besides what the endpoints lag
	maxLag    = 20 * time.Second       // the longest lag of an endpoint that is waited for
	idleTime  = 500 * time.Millisecond // between the final and the idle scrape
	// how much later than its stage's end an edge scrape may be sent and still be an edge
	lateEdge = time.Second
	tryAgain = 300 * time.Millisecond // after which a scrape that the run cannot do without is taken again
)

// closedFloor is the rate, in hits per second, at which the floor of a closed loop is measured: it
// has none of its own.
const closedFloor pace.Rate = 1000
