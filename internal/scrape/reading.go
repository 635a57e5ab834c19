package scrape

import (
	"time"
)

// Reading is what one scrape of one endpoint was like.
type Reading struct {
	Endpoint    string
	URL         string        // without its password
	Sent        time.Time     // when the request was sent: the timestamp of its samples
	Took        time.Duration // from then until the body was read
	Bytes       int
	Series      int
	Families    int
	ContentType string
	// Unversioned says that the content type is text/plain without a version, which leaves readers
	// to guess the format.
	Unversioned bool
	// Duplicates are series that the exposition had twice, the first few; the first sample counted.
	Duplicates []string
	// Flaws are further ways in which it could be read, and should not be as it is, sorted.
	Flaws []string
	// Restarted reports whether the process started anew since the scrape before.
	Restarted bool
	// Turn reports whether another process answered than before, and both live.
	Turn bool
	// Unchanged says that the body is that of the scrape before, byte for byte.
	Unchanged bool
	// Moved says that a counter moved since the scrape before, other than those that move by
	// themselves, by scrapes or at a steady rate.
	Moved bool
	// Counts says that there are counters that could.
	Counts bool
	// Answered says that the endpoint gave a complete answer, whatever it was: with an Err, one
	// that is not an exposition.
	Answered bool
	// Err is why the scrape failed; what else stands here is then partial.
	Err error

	body []byte // valid until the endpoint's next scrape
}

// maxNamed bounds the series named in a reading.
const maxNamed = 10
