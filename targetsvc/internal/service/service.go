// Package service puts the parts together: a request goes through router, security and dispatcher,
// and its answer back.
//
// This is the only place that knows the order of things; each part states what happened to package
// telemetry.
package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"brrtload/targetsvc/internal/config"
	"brrtload/targetsvc/internal/dispatch"
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
	"brrtload/targetsvc/internal/spec"
	"brrtload/targetsvc/internal/telemetry"
)

// Service answers requests. It is safe for concurrent use.
type Service struct {
	config     config.Config
	telemetry  *telemetry.Telemetry
	faults     *fault.Set
	dispatcher *dispatch.Dispatcher
	current    atomic.Pointer[generation]
	draining   atomic.Bool
	files      handlers.Files
	reloading  sync.Mutex
}

// generation is what one reading of the OpenAPI document gave. Requests keep the one they began
// with.
type generation struct {
	resolve   fault.Match
	endpoints map[*spec.Operation]*endpoint
}

// endpoint is an operation ready to be served.
type endpoint struct {
	handler      *dispatch.Handler
	alternatives []alternative
}

// alternative lists checks that must all pass.
type alternative []check

type check struct {
	provider  security.Provider
	telemetry *telemetry.Provider
	scopes    []string
}

// New reads the OpenAPI document and starts the handlers' coroutines.
func New(c config.Config, t *telemetry.Telemetry, faults *fault.Set) (*Service, error) {
	s := &Service{config: c, telemetry: t, faults: faults,
		dispatcher: dispatch.New(t, dispatch.Options{Deadline: c.Deadline, MaxCoroutines: c.MaxCoroutines})}
	document, err := s.document()
	if err != nil {
		return nil, err
	}
	if s.files, err = handlers.OpenFiles(c.StaticDir, c.DocDir); err != nil {
		return nil, err
	}
	t.Starting(c.StackSize, len(document.Operations), document.Handlers())
	if err := s.serve(document); err != nil {
		return nil, err
	}
	faults.Start(s.dispatcher)
	return s, nil
}

// Reload reads the OpenAPI document again and registers every handler anew. What is in flight is
// finished by the old coroutines. After an error the service goes on as it was, but for handlers
// already replaced by equal ones.
func (s *Service) Reload() error {
	document, err := s.document()
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	return s.serve(document)
}

// document reads the OpenAPI document, with the copies that the configuration asks for.
func (s *Service) document() (*spec.Document, error) {
	document, err := spec.Load(s.config.Spec)
	if err == nil {
		document.Copy(s.config.Copies)
	}
	return document, err
}

func (s *Service) serve(document *spec.Document) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	routes, err := router.New(document.Operations)
	if err != nil {
		return err
	}
	registrations, err := s.registrations(document)
	if err != nil {
		return err
	}
	checks, err := s.checks(document.Schemes)
	if err != nil {
		return err
	}
	registered, err := s.dispatcher.Register(registrations)
	if err != nil {
		return err
	}
	next := &generation{s.faults.Match(routes.Match), map[*spec.Operation]*endpoint{}}
	for i := range document.Operations {
		operation := &document.Operations[i]
		next.endpoints[operation] = &endpoint{registered[operation.Handler], alternatives(operation.Security, checks)}
	}
	s.current.Store(next)
	s.telemetry.Serving(routes.Len(), len(registrations))
	return nil
}

func (s *Service) registrations(document *spec.Document) ([]dispatch.Registration, error) {
	files := s.files
	files.Spec = document.Text
	known := map[string]handlers.Handler{}
	for _, h := range handlers.Catalogue(files) {
		known[h.Name] = h
	}
	var out []dispatch.Registration
	var errs []error
	registered := map[string]bool{} // copies share their handler
	for _, operation := range document.Operations {
		if registered[operation.Handler] {
			continue
		}
		registered[operation.Handler] = true
		h, ok := known[operation.Handler]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: %s %s: no handler is named %q", operation.Place, operation.Method,
				operation.Path, operation.Handler))
			continue
		}
		h = h.Around(s.faults.Handler(h.Name, h.Func))
		size, clampedFrom := s.config.StackOf(h.Name, operation.StackSize)
		if clampedFrom != 0 {
			s.telemetry.StackClamped(h.Name, clampedFrom, size)
		}
		out = append(out, dispatch.Registration{Handler: h, Method: operation.Method, Statuses: statuses(operation),
			StackSize: size, Mailbox: s.config.Mailbox, Coroutines: s.config.Coroutines})
	}
	return out, errors.Join(errs...)
}

// statuses are those of the document and those that the service itself gives.
func statuses(operation spec.Operation) []int {
	out := append([]int{}, operation.Statuses...)
	out = append(out, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
	if len(operation.Security) > 0 {
		out = append(out, http.StatusUnauthorized, http.StatusForbidden, http.StatusBadGateway)
	}
	return out
}

func (s *Service) checks(schemes []spec.Scheme) (map[string]check, error) {
	providers, err := security.Providers(schemes, security.Keys{
		APIKey: string(s.config.APIKey),
		Bearer: security.BearerKeys{Secret: string(s.config.BearerSecret), Issuer: s.config.BearerIssuer,
			Audience: s.config.BearerAudience},
		Remote: security.RemoteKeys{URL: s.config.RemoteURL, Timeout: s.config.RemoteTimeout,
			Cache: s.config.RemoteCache},
	})
	if err != nil {
		return nil, err
	}
	out := map[string]check{}
	for _, scheme := range schemes {
		out[scheme.Name] = check{provider: s.faults.Provider(scheme.Name, providers[scheme.Name]),
			telemetry: s.telemetry.Provider(scheme.Name, security.Reasons(scheme.Kind))}
	}
	return out, nil
}

func alternatives(required []spec.Alternative, checks map[string]check) []alternative {
	var out []alternative
	for _, requirements := range required {
		var all alternative
		for _, requirement := range requirements {
			c := checks[requirement.Scheme]
			c.scopes = requirement.Scopes
			all = append(all, c)
		}
		out = append(out, all)
	}
	return out
}

// Ready reports whether the service takes requests: from New on, until Drain.
func (s *Service) Ready() bool { return !s.draining.Load() }

// Drain makes Ready false.
func (s *Service) Drain() { s.draining.Store(true) }

// Close waits, within the context, for the coroutines to end. Call it when no request is in flight
// any more.
func (s *Service) Close(ctx context.Context) error { return s.dispatcher.Close(ctx) }
