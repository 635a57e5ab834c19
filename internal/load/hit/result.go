// Package hit has the words for what came of a hit, which both engines use.
//
// An engine fills a [Result]; package load enters it in the ledger.
package hit

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"brrtload/scenarios"
)

// Outcome is how far a hit got.
type Outcome string

// The outcomes of a hit.
const (
	Answered     Outcome = "answered"      // a whole response came
	NeverReached Outcome = "never reached" // nothing was sent: no connection, or one that took no byte
	Ambiguous    Outcome = "ambiguous"     // sent in part or whole; no status came; may have been counted
	Cut          Outcome = "cut"           // a status came, then the body was cut short
	NotSent      Outcome = "not sent"      // the generator lacked a descriptor, a port, memory, a resolver
)

// Kind is why a hit was not answered: one word or two, the same for both engines.
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

// Lacks are the kinds of hits that were not sent.
var Lacks = [...]Kind{NoDescriptor, NoPort, NoMemory, NoResolver}

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

// ExcerptBytes bounds Result.Excerpt.
const ExcerptBytes = 512

// MaxHeader is the largest response header, in bytes, that is read.
const MaxHeader = 64 << 10

// Received counts a piece of the body. It keeps the first one when the status was not expected.
func (r *Result) Received(h *scenarios.Hit, piece []byte) {
	if r.BytesIn == 0 && len(piece) > 0 {
		r.Excerpted(h, piece)
	}
	r.BytesIn += int64(len(piece))
}

// Excerpted keeps the beginning of a body when the status was not expected.
func (r *Result) Excerpted(h *scenarios.Hit, body []byte) {
	if !h.Request.Expects(r.Status) {
		r.Excerpt = string(body[:min(len(body), ExcerptBytes)])
	}
}

// LeavesHTTP reports whether the connection is no longer one for HTTP after an answer to a method:
// the answer ends with its header.
func LeavesHTTP(method string, status int) bool {
	return status == http.StatusSwitchingProtocols || method == http.MethodConnect && status/100 == 2
}

// ErrKeptClosed is the error of a hit that meets the end of a connection which had served before.
// The hit is not sent again: the target may have taken it.
var ErrKeptClosed = fmt.Errorf("the target closed a kept connection without a byte of an answer; "+
	"it may close idle connections early: try keep_alive: false or a lifetime: %w", io.EOF)
