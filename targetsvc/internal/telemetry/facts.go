// Package telemetry turns facts about requests into metrics, log events and spans.
//
// The service states what happened (a route was matched, a provider refused, a coroutine took a
// request) and this package decides which metric, event and span follow: packages metrics, events
// and tracing make them. It has two builds: telemetry.go and its neighbours, and, under the tag
// notelemetry, off.go, whose types are empty and whose
// methods do nothing. Both satisfy the interfaces of contract.go and so cannot drift apart;
// callers use the concrete types, so that the bare build compiles to business calls only.
//
// Timers are values, and a group that is switched off reads no clock.
package telemetry

import (
	"io"
	"log/slog"
	"time"
)

// Options say what a process tells about itself.
type Options struct {
	Groups            Groups        // which parts are on
	Log               io.Writer     // where events go, one JSON object a line
	Level             slog.Level    // the least level that is written
	Version, Revision string        // of the build
	Period            time.Duration // the exposition is rebuilt at most so often; 0 is for every scrape
	Mailboxes         []int         // the mailbox capacities in use, for the bounds of the depth histogram
	Preset            bool          // answers known beforehand are series at start, not from the first on
}

// HandlerFacts are what is known of a handler when it is registered.
type HandlerFacts struct {
	Name       string
	Controller string     // the part of the program that implements it
	Method     string     // of its operation
	Statuses   []int      // answers it is known to give; see Options.Preset
	StackSize  int        // configured, bytes
	Waiting    func() int // requests in its mailbox now; safe for concurrent use
	Visit      func()     // has each of its coroutines at rest call Visited; safe for concurrent use
}

// Stage is how far a request had come when its client went away.
type Stage int

// The stages of a request.
const (
	BeforeDispatch Stage = iota
	Queued
	Executing
	Responding
)

var stages = []string{"before_dispatch", "queued", "executing", "responding"}

// String returns the label value of the stage.
func (s Stage) String() string { return stages[s] }

// The reasons for which a coroutine cannot be started.
const (
	SpawnLimit    = "limit_reached" // as many coroutines live as are allowed
	SpawnShutdown = "shutting_down"
)
