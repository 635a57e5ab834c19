// Package fault has the defects that the service shows on request, so that a harness can prove that it would notice them.
//
// A fault is one entry in a slice and one function at a seam that exists without it. A behaviour makes the service misbehave
// and its telemetry say so; a lie leaves the behaviour as it is and makes the telemetry untrue.
package fault

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"brrtload/targetsvc/internal/handlers"
)

// Kind tells whether the service misbehaves or its telemetry does.
type Kind string

// The kinds of fault.
const (
	Behaviour Kind = "behaviour"
	Lie       Kind = "lie"
)

// Fault is a defect on request.
type Fault struct {
	Name  string
	Kind  Kind
	Value string // what its value is, such as DURATION
	Does  string // one sentence

	check func(value string) error
	seam
}

// seam has the place at which a fault acts: exactly one field is set.
type seam struct {
	handler func(s *setting, next handlers.Func) handlers.Func
	rewrite rewrite
}

// Set is the faults of one process and their values. It is safe for concurrent use.
type Set struct {
	mu       sync.Mutex
	settings map[string]*setting
}

// NewSet gives every fault, switched off.
func NewSet() *Set {
	s := &Set{settings: map[string]*setting{}}
	for _, f := range All() {
		s.settings[f.Name] = &setting{fault: f}
	}
	return s
}

// All lists the faults of this build, by kind and name.
func All() []Fault {
	all := append(behaviours(), lies()...)
	slices.SortFunc(all, func(a, b Fault) int {
		return strings.Compare(string(a.Kind)+a.Name, string(b.Kind)+b.Name)
	})
	return all
}

// Enable switches a fault on with a value.
func (s *Set) Enable(name, value string) error {
	set, ok := s.settings[name]
	if !ok {
		return fmt.Errorf("unknown fault %q; --list-faults lists them", name)
	}
	if err := set.fault.check(value); err != nil {
		return fmt.Errorf("fault %s: want %s: %w", name, set.fault.Value, err)
	}
	set.value.Store(&value)
	return nil
}

// EnableText reads NAME=VALUE and switches the fault on.
func (s *Set) EnableText(text string) error {
	name, value, _ := strings.Cut(text, "=")
	return s.Enable(name, value)
}

// Handler wraps a handler with every behaviour that acts on handlers.
func (s *Set) Handler(next handlers.Func) handlers.Func {
	for _, f := range All() {
		if f.handler != nil {
			next = f.handler(s.settings[f.Name], next)
		}
	}
	return next
}
