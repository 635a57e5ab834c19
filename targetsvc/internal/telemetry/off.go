//go:build notelemetry

package telemetry

import (
	"context"
	"net/http"
	"time"

	"brrtload/targetsvc/internal/stack"
)

// Telemetry says nothing in this build.
type Telemetry struct{}

// New returns a Telemetry that says nothing.
func New(Options) (*Telemetry, error) { return &Telemetry{}, nil }

// Handler is empty in this build.
type Handler struct{}

// Coroutine is empty in this build.
type Coroutine struct{}

// Provider is empty in this build.
type Provider struct{}

// Request is empty in this build.
type Request struct{}

// Matching is empty in this build.
type Matching struct{}

// Validation is empty in this build.
type Validation struct{}

// Waiting is empty in this build.
type Waiting struct{}

// Execution is empty in this build.
type Execution struct{}

// Reply is empty in this build.
type Reply struct{}

var (
	noHandler  Handler
	noProvider Provider
)

// Exposition returns nil: there are no metrics.
func (*Telemetry) Exposition() http.Handler { return nil }

// Configured does nothing.
func (*Telemetry) Configured(string, bool, bool, time.Duration) {}

// StackClamped does nothing.
func (*Telemetry) StackClamped(string, int, int) {}

// Starting does nothing.
func (*Telemetry) Starting(int, int, int) {}

// Serving does nothing.
func (*Telemetry) Serving(int, int) {}

// Handler returns an empty handler.
func (*Telemetry) Handler(HandlerFacts) *Handler { return &noHandler }

// Provider returns an empty provider.
func (*Telemetry) Provider(string, []string) *Provider { return &noProvider }

// AdminRequest does nothing.
func (*Telemetry) AdminRequest() {}

// Begin returns an empty request.
func (*Telemetry) Begin(*http.Request) Request { return Request{} }

// Close does nothing.
func (*Telemetry) Close(context.Context) error { return nil }

// Spawned does nothing.
func (*Handler) Spawned(int) {}

// SpawnFailed does nothing.
func (*Handler) SpawnFailed(string) {}

// Destroyed does nothing.
func (*Handler) Destroyed() {}

// Replaced does nothing.
func (*Handler) Replaced() {}

// Run is a coroutine of the handler: it calls body with size bytes of stack to use, and returns
// when body does.
func (*Handler) Run(size int, body func(Coroutine)) {
	stack.Run(size, func(*stack.Watch) { body(Coroutine{}) })
}

// Finished does nothing, and returns false.
func (Coroutine) Finished() (outgrown bool) { return false }

// Visited does nothing.
func (Coroutine) Visited() {}

// Matching does nothing.
func (*Request) Matching() Matching { return Matching{} }

// Validating does nothing.
func (*Request) Validating(*Provider) Validation { return Validation{} }

// Body does nothing.
func (*Request) Body(int) {}

// Sending does nothing.
func (*Request) Sending() Waiting { return Waiting{} }

// Sent does nothing.
func (*Request) Sent(int) Reply { return Reply{} }

// Refused does nothing.
func (*Request) Refused(int, string) {}

// Responding does nothing.
func (*Request) Responding() {}

// Panicked does nothing.
func (*Request) Panicked(any) {}

// Answered does nothing.
func (*Request) Answered(int, int) {}

// Aborted does nothing.
func (*Request) Aborted(Stage) {}

// Done does nothing.
func (Matching) Done(*Handler) {}

// Done does nothing.
func (Validation) Done(string) {}

// Taken does nothing.
func (Waiting) Taken() Execution { return Execution{} }

// Abandoned does nothing.
func (Waiting) Abandoned() {}

// Done does nothing.
func (Execution) Done() {}

// Panicked does nothing.
func (Execution) Panicked(any) {}

// Done does nothing.
func (Reply) Done() {}
