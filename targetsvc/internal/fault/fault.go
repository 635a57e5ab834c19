// Package fault has the defects that the service shows on request, so that a harness can prove that
// it would notice them.
//
// A fault is one entry in a slice and one function at a seam that exists without it: around a
// handler, a provider, the route matcher, the HTTP handler, beside the service, or between
// telemetry and its reader. A behaviour makes the service misbehave and its telemetry say so; a lie
// leaves the behaviour as it is and makes the telemetry untrue. [Set] switches them.
package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
)

// Kind reports whether the service misbehaves or its telemetry does.
type Kind string

// The kinds of fault.
const (
	Behaviour Kind = "behaviour"
	Lie       Kind = "lie"
)

// Fault is a defect on request.
type Fault struct {
	Name  string `json:"name"`
	Kind  Kind   `json:"kind"`
	Value string `json:"value"` // what its value is, such as DURATION
	Does  string `json:"does"`  // one sentence

	read read
	seam
}

// seam has the function of the fault at the place where it acts: exactly one is set. A function is
// called only while the fault is on.
type seam struct {
	handler  func(*setting, string, handlers.Func) handlers.Func
	provider func(*setting, string, security.Provider) security.Provider
	matcher  func(*setting, Match) Match
	server   func(*setting, http.Handler) http.Handler
	beside   func(context.Context, *setting, Spawner) // runs until the context is done
	lie
}

// Match resolves a method and a path.
type Match func(method, path string) (router.Match, error)

// Spawner starts one more coroutine of a handler, of any when the name is "".
type Spawner interface{ Spawn(handler string) error }

// All lists the faults of this build, by kind and name.
func All() []Fault {
	all := append(behaviours(), lies()...)
	slices.SortFunc(all, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return all
}

// List prints the faults of this build, one a line: name and value, kind, what it does.
func List(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	for _, f := range All() {
		fmt.Fprintf(table, "%s=%s\t%s\t%s\n", f.Name, f.Value, f.Kind, f.Does)
	}
	return table.Flush()
}

// read turns a fault's value into a number: nanoseconds, bytes or a count, positive and bounded.
type read func(text string) (int64, error)

func duration(text string) (int64, error) {
	d, err := time.ParseDuration(text)
	if err == nil && (d <= 0 || d > time.Hour) {
		err = errors.New("out of range")
	}
	return int64(d), err
}

func count(text string) (int64, error) { return number(text, 1_000_000) }

func size(text string) (int64, error) { return number(text, 2<<30) }

func number(text string, most int64) (int64, error) {
	n, err := strconv.ParseInt(text, 0, 64)
	if err == nil && (n <= 0 || n > most) {
		err = fmt.Errorf("want 1 to %d", most)
	}
	return n, err
}

// handler wants the name of a handler: a fault of none would show nothing.
func handler(text string) (int64, error) {
	var names []string
	for _, h := range handlers.Catalogue(handlers.Files{}) {
		names = append(names, h.Name)
	}
	if !slices.Contains(names, text) {
		return 0, fmt.Errorf("no handler %q; want one of %s", text, strings.Join(slices.Sorted(slices.Values(names)), ", "))
	}
	return 0, nil
}

func name(text string) (int64, error) {
	if text == "" {
		return 0, errors.New("want a name")
	}
	return 0, nil
}
