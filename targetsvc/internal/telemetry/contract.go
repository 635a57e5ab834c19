package telemetry

import (
	"context"
	"net/http"
	"time"
)

// The contract that both builds satisfy.
var (
	_ process   = (*Telemetry)(nil)
	_ handler   = (*Handler)(nil)
	_ coroutine = Coroutine{}
	_ request   = (*Request)(nil)
	_ matching  = Matching{}
	_ checking  = Validation{}
	_ waiting   = Waiting{}
	_ executing = Execution{}
	_ replying  = Reply{}
)

type process interface {
	// Exposition serves the metrics; it is nil when there are none.
	Exposition() http.Handler
	// Configured states that the configuration was read.
	Configured(path string, staticDir, docDir bool, keepAlive time.Duration)
	// StackClamped states that a handler's stack size was out of bounds and what it is instead,
	// bytes.
	StackClamped(handler string, asked, size int)
	// Starting states what the service is about to serve.
	Starting(stackSize, routes, handlers int)
	// Serving states how many routes and handlers are registered from now on.
	Serving(routes, handlers int)
	// Handler registers a handler, or gives the one of that name with its new facts.
	Handler(HandlerFacts) *Handler
	// Provider registers a security provider, with the reasons for which it can refuse.
	Provider(name string, reasons []string) *Provider
	// AdminRequest states that the admin listener was asked something.
	AdminRequest()
	// Begin states that a request has arrived at the router.
	Begin(*http.Request) Request
	// Close ends what runs in the background, within the context.
	Close(context.Context) error
}

type handler interface {
	Spawned(total int)
	SpawnFailed(reason string)
	Destroyed()
	Replaced()
	// Run is a coroutine of the handler: it calls body with size bytes of stack to use, and returns
	// when body does.
	Run(size int, body func(Coroutine))
}

type coroutine interface {
	// Finished states that the coroutine is done with a request and has not replied yet. It returns
	// true when the coroutine's stack grew, so that its body is to return once it has replied.
	Finished() (outgrown bool)
	// Visited states that the coroutine has nothing to do and was asked how it is; see
	// HandlerFacts.Visit.
	Visited()
}

type request interface {
	// Matching begins the resolution of a route.
	Matching() Matching
	// Validating begins one provider's check of the request.
	Validating(*Provider) Validation
	// Body states that the request's body has been read, or that reading it ended after so many
	// bytes.
	Body(bytes int)
	// Sending is called right before the request is sent to the mailbox.
	Sending() Waiting
	// Sent states that the mailbox took the request, and how many it held before; the reply is
	// awaited from now on.
	Sent(depth int) Reply
	// Refused states that the mailbox did not take the request.
	Refused(depth int, reason string)
	// Responding is called right before the response is written.
	Responding()
	// Panicked states that something outside a handler panicked. It does not end the request.
	Panicked(value any)
	// Answered states that the response was written. It ends the request.
	Answered(status, bytes int)
	// Aborted states that the client went away. It ends the request.
	Aborted(Stage)
}

type matching interface {
	// Done ends the match; a nil handler means that there is no route.
	Done(*Handler)
}

type checking interface {
	// Done ends the check; an empty reason means that the request may pass.
	Done(reason string)
}

type waiting interface {
	// Taken states that a coroutine took the request.
	Taken() Execution
	// Abandoned states that the request left the mailbox untaken.
	Abandoned()
}

type executing interface {
	// Done states that the handler returned.
	Done()
	// Panicked states that the handler panicked instead.
	Panicked(value any)
}

type replying interface {
	// Done states that the dispatcher stopped waiting for the reply.
	Done()
}
