package run

import (
	"fmt"

	"brrtload/internal/load/dial"
)

// ownFiles is about how many descriptors a run needs besides those of its connections: the
// database, logs, scrapes, timers.
const ownFiles = 24

// tooFew reports that the limit of file descriptors does not allow for all connections, and nothing
// when it does or is not known.
func tooFew(connections int, limit uint64) string {
	wanted := uint64(connections) + ownFiles + dial.Reserved
	if limit == 0 || wanted <= limit {
		return ""
	}
	return fmt.Sprintf("%d connections need %d file descriptors and the limit is %d; raise `ulimit -n`, or lower connections", connections, wanted, limit)
}
