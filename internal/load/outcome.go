package load

import (
	"time"

	"brrtload/scenarios"
)

// Outcome tells how far a hit got.
type Outcome string

// The outcomes of a hit.
const (
	Answered     Outcome = "answered"      // a whole response came
	NeverReached Outcome = "never reached" // nothing was sent: no connection, or one that took no byte
	Ambiguous    Outcome = "ambiguous"     // sent in part or whole, and no status came: the target may have counted it or not
	Cut          Outcome = "cut"           // a status came, then the body was cut short
	NotSent      Outcome = "not sent"      // the generator lacked what a connection takes: a descriptor, a port, memory, a resolver
)

// Kind tells why a hit was not answered: one word or two, the same for both transports.
type Kind string

// The kinds of trouble. A hit that was answered has none.
const (
	NoTrouble Kind = ""
	NoMessage Kind = "template"  // its message could not be rendered
	NoDial    Kind = "dial"      // no connection could be made
	TimedOut  Kind = "timed out" // not done within the scenario's timeout
	Closed    Kind = "closed"    // the target closed the connection
	Reset     Kind = "reset"     // the connection was reset
	Malformed Kind = "malformed" // what came is not HTTP, or its header is too large
	Cancelled Kind = "cancelled" // we ended the run

	// Of hits that were not sent: what the generator lacked.
	NoDescriptor Kind = "descriptors"
	NoPort       Kind = "ports"
	NoMemory     Kind = "memory"
	NoResolver   Kind = "resolver" // no name server gave an answer
	OtherError   Kind = "other"
)

// lacks are the kinds of hits that were not sent.
var lacks = [...]Kind{NoDescriptor, NoPort, NoMemory, NoResolver}

// Result is what came of a hit. Sent and Done are after the start of the load.
type Result struct {
	Sent, Done time.Duration
	Waited     bool // every connection was busy when the hit came due
	Outcome    Outcome
	Kind       Kind
	Status     int // 0 when none came
	BytesOut   int64
	BytesIn    int64  // of the body
	Err        error  // the details of Kind
	Excerpt    string // the beginning of a body that was not expected
}

// excerptBytes bounds Result.Excerpt.
const excerptBytes = 512

// received counts a piece of the body, and keeps the first one when the status was not expected.
func (r *Result) received(h *scenarios.Hit, piece []byte) {
	if r.BytesIn == 0 && len(piece) > 0 && !h.Request.Expects(r.Status) {
		r.Excerpt = string(piece[:min(len(piece), excerptBytes)])
	}
	r.BytesIn += int64(len(piece))
}
