package service

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"brrtload/targetsvc/internal/dispatch"
	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
	"brrtload/targetsvc/internal/telemetry"
)

// Handler serves the operations, and beside them /health, /ready and, when the telemetry has an
// exposition, /metrics, none of which is a request in the telemetry's sense.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { state(w, true) })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) { state(w, s.Ready()) })
	exposition := s.telemetry.Exposition()
	if exposition == nil {
		exposition = http.NotFoundHandler()
	}
	mux.Handle("GET /metrics", exposition)
	operations := s.faults.Server(http.HandlerFunc(s.operation))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/health", "/ready", "/metrics":
			mux.ServeHTTP(w, r)
		default:
			operations.ServeHTTP(w, r)
		}
	})
}

func state(w http.ResponseWriter, good bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte("shutting down\n"))
		return
	}
	w.Write([]byte("ok\n"))
}

// operation takes one request through the service. It ends in exactly one of Answered and Aborted.
func (s *Service) operation(w http.ResponseWriter, r *http.Request) {
	request := s.telemetry.Begin(r)
	rq := &request
	response, err := s.answerOrFail(w, rq, r)
	var aborted dispatch.Aborted
	if errors.As(err, &aborted) {
		leave(rq, aborted.Stage)
	}
	rq.Responding()
	if err := writeOrFail(w, rq, r, response); err != nil {
		leave(rq, telemetry.Responding)
	}
	rq.Answered(response.Status, response.Length)
}

// leave ends a request whose client went away: the connection is closed without, or in the middle
// of, an answer.
func leave(rq *telemetry.Request, stage telemetry.Stage) {
	rq.Aborted(stage)
	panic(http.ErrAbortHandler)
}

// answerOrFail is answer; a panic on the way, outside a handler's coroutine, is a failure to be
// answered.
func (s *Service) answerOrFail(w http.ResponseWriter, rq *telemetry.Request,
	r *http.Request) (response handlers.Response, err error) {
	defer func() {
		if value := recover(); value != nil {
			rq.Panicked(value)
			response, err = handlers.Failure(http.StatusInternalServerError, "the request failed"), nil
		}
	}()
	return s.answer(w, rq, r)
}

// answer finds what to say. The only errors it gives are those of clients that went away.
func (s *Service) answer(w http.ResponseWriter, rq *telemetry.Request, r *http.Request) (handlers.Response, error) {
	g := s.current.Load()
	to, params, failure := g.match(w, rq, r)
	if to == nil {
		return failure, nil
	}
	if refusal := to.admit(rq, r); refusal != nil {
		return refused(w, refusal), nil
	}
	body, failure, err := s.readBody(w, rq, r)
	if err != nil || failure.Status != 0 {
		return failure, err
	}
	response, err := to.handler.Dispatch(r.Context(), rq, &handlers.Call{Params: params, Query: r.URL.Query(),
		Header: r.Header, Body: body})
	switch {
	case errors.Is(err, dispatch.ErrRefused):
		w.Header().Set("Retry-After", "1")
		return handlers.Failure(http.StatusServiceUnavailable, "too many requests wait for this operation"), nil
	case errors.Is(err, dispatch.ErrDeadline):
		return handlers.Failure(http.StatusGatewayTimeout, "the operation did not answer in time"), nil
	case errors.Is(err, dispatch.ErrPanicked):
		return handlers.Failure(http.StatusInternalServerError, "the operation failed"), nil
	}
	return response, err
}

func (g *generation) match(w http.ResponseWriter, rq *telemetry.Request,
	r *http.Request) (*endpoint, router.Params, handlers.Response) {
	m := rq.Matching()
	found, err := g.resolve(r.Method, r.URL.EscapedPath())
	if err == nil {
		to := g.endpoints[found.Operation]
		m.Done(to.handler.Telemetry)
		return to, found.Params, handlers.Response{}
	}
	m.Done(nil)
	var method *router.MethodError
	if errors.As(err, &method) {
		w.Header().Set("Allow", strings.Join(method.Allow, ", "))
		return nil, nil, handlers.Failure(http.StatusMethodNotAllowed, "the path has no such method")
	}
	return nil, nil, handlers.Failure(http.StatusNotFound, "no such path")
}

// admit asks the providers: one alternative all of whose checks pass is enough. It gives the
// refusals otherwise.
func (e *endpoint) admit(rq *telemetry.Request, r *http.Request) []*security.Refusal {
	var refusals []*security.Refusal
	for _, all := range e.alternatives {
		refusal := all.admit(r.Context(), rq, r)
		if refusal == nil {
			return nil
		}
		refusals = append(refusals, refusal)
	}
	return refusals
}

func (a alternative) admit(ctx context.Context, rq *telemetry.Request, r *http.Request) *security.Refusal {
	for _, c := range a {
		v := rq.Validating(c.telemetry)
		refusal := c.provider.Validate(ctx, r, c.scopes)
		v.Done(refusal.Label())
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// refused answers with the most telling of the refusals: a provider that could not be asked, then a
// credential that is not enough, then one that is missing or bad; every challenge is listed.
func refused(w http.ResponseWriter, refusals []*security.Refusal) handlers.Response {
	status := http.StatusUnauthorized
	for _, refusal := range refusals {
		w.Header().Add("WWW-Authenticate", refusal.Challenge)
		status = max(status, refusal.Status())
	}
	if status == http.StatusBadGateway {
		return handlers.Failure(status, "the credential could not be verified")
	}
	return handlers.Failure(status, "the credential does not admit this request")
}
