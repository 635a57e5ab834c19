package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
)

// ErrUnknown says that there is no fault of that name.
var ErrUnknown = errors.New("unknown fault; --list-faults lists them")

// Set is the faults of one process: which are on, with what value. It is safe for concurrent use.
// With every fault off, a seam costs one atomic load.
type Set struct {
	active atomic.Pointer[[]*setting] // those that are on, in the order of All

	mu      sync.Mutex
	spawner Spawner // nil until Start
	beside  sync.WaitGroup
	waiting map[string]*time.Timer // faults that are still to be switched on
}

// setting is a fault that is on. A new one is made each time it is switched on.
type setting struct {
	Fault
	text   string
	number int64           // of the text, as the fault reads it
	calls  atomic.Int64    // for faults that act every nth time
	owed   atomic.Int64    // CPU time, nanoseconds, for the fault that uses it
	hoard  hoard           // for faults that hold memory; let go with the setting
	told   told            // for lies that go on from what was told before
	ctx    context.Context // done when it is switched off
	cancel context.CancelFunc
}

// everyNth reports whether this call is one of those that the value counts out.
func (s *setting) everyNth() bool { return s.calls.Add(1)%s.number == 0 }

// NewSet returns every fault, switched off.
func NewSet() *Set {
	s := &Set{waiting: map[string]*time.Timer{}}
	s.active.Store(new([]*setting))
	return s
}

// Enable switches a fault on, or gives it another value.
func (s *Set) Enable(name, value string) error {
	on, err := prepare(name, value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enable(on)
	return nil
}

// EnableAfter switches a fault on after a while, unless it is switched on or off before that.
func (s *Set) EnableAfter(name, value string, after time.Duration) error {
	on, err := prepare(name, value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(name)
	var timer *time.Timer
	timer = time.AfterFunc(after, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.waiting[name] == timer {
			s.enable(on)
		}
	})
	s.waiting[name] = timer
	return nil
}

// prepare makes the setting of a fault.
func prepare(name, value string) (*setting, error) {
	i := slices.IndexFunc(All(), func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	f := All()[i]
	n, err := f.read(value)
	if err != nil {
		return nil, fmt.Errorf("fault %s=%s: %q: %w", name, f.Value, value, err)
	}
	on := &setting{Fault: f, text: value, number: n}
	on.ctx, on.cancel = context.WithCancel(context.Background())
	return on, nil
}

// enable needs the lock.
func (s *Set) enable(on *setting) {
	s.forget(on.Name)
	s.replace(on.Name, on)
	s.begin(on)
}

// forget returns up a fault that is still to be switched on.
func (s *Set) forget(name string) {
	if timer := s.waiting[name]; timer != nil {
		timer.Stop()
		delete(s.waiting, name)
	}
}

// EnableText reads NAME=VALUE and switches the fault on, or NAME=VALUE@DURATION and does so after
// that time.
func (s *Set) EnableText(text string) error {
	name, value, _ := strings.Cut(text, "=")
	if i := strings.LastIndexByte(value, '@'); i >= 0 {
		if after, err := duration(value[i+1:]); err == nil {
			return s.EnableAfter(name, value[:i], time.Duration(after))
		}
	}
	return s.Enable(name, value)
}

// Disable switches a fault off. One that is off already stays off.
func (s *Set) Disable(name string) error {
	if !slices.ContainsFunc(All(), func(f Fault) bool { return f.Name == name }) {
		return fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(name)
	s.replace(name, nil)
	return nil
}

// Value returns the value of a fault and whether it is on.
func (s *Set) Value(name string) (string, bool) {
	for _, on := range *s.active.Load() {
		if on.Name == name {
			return on.text, true
		}
	}
	return "", false
}

// replace puts a setting, or none, instead of the fault's last one.
func (s *Set) replace(name string, next *setting) {
	var active []*setting
	for _, on := range *s.active.Load() {
		if on.Name != name {
			active = append(active, on)
			continue
		}
		on.cancel()
	}
	if next != nil {
		active = append(active, next)
	}
	s.active.Store(&active)
}

// Start lets the faults that act beside the service begin, those that are on already included.
func (s *Set) Start(spawner Spawner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spawner = spawner
	for _, on := range *s.active.Load() {
		s.begin(on)
	}
}

func (s *Set) begin(on *setting) {
	if on.beside != nil && s.spawner != nil {
		spawner := s.spawner
		s.beside.Go(func() { on.beside(on.ctx, on, spawner) })
	}
}

// Close switches every fault off and waits for what acts beside the service to end.
func (s *Set) Close() {
	s.mu.Lock()
	for name := range s.waiting {
		s.forget(name)
	}
	for _, on := range *s.active.Load() {
		s.replace(on.Name, nil)
	}
	s.mu.Unlock()
	s.beside.Wait()
}

// Handler returns the handler with the faults that are on around it.
func (s *Set) Handler(name string, handler handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		next := handler
		for _, on := range *s.active.Load() {
			if on.handler != nil {
				next = on.handler(on, name, next)
			}
		}
		return next(ctx, c)
	}
}

// Provider returns the provider with the faults that are on around it.
func (s *Set) Provider(name string, p security.Provider) security.Provider {
	return provider(func(ctx context.Context, r *http.Request, scopes []string) *security.Refusal {
		next := p
		for _, on := range *s.active.Load() {
			if on.provider != nil {
				next = on.provider(on, name, next)
			}
		}
		return next.Validate(ctx, r, scopes)
	})
}

type provider func(context.Context, *http.Request, []string) *security.Refusal

// Validate calls the function.
func (p provider) Validate(ctx context.Context, r *http.Request, scopes []string) *security.Refusal {
	return p(ctx, r, scopes)
}

// Match returns the matcher with the faults that are on around it.
func (s *Set) Match(match Match) Match {
	return func(method, path string) (router.Match, error) {
		next := match
		for _, on := range *s.active.Load() {
			if on.matcher != nil {
				next = on.matcher(on, next)
			}
		}
		return next(method, path)
	}
}

// Server returns the HTTP handler with the faults that are on around it.
func (s *Set) Server(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := h
		for _, on := range *s.active.Load() {
			if on.server != nil {
				next = on.server(on, next)
			}
		}
		next.ServeHTTP(w, r)
	})
}
