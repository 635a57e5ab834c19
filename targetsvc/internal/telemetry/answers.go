//go:build !notelemetry

package telemetry

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// answers finds the counter of a method and a status without making its labels: a map that is copied when a pair is new.
type answers struct {
	of *prometheus.CounterVec // curried with the handler; nil when the group is off

	known atomic.Pointer[map[answer]prometheus.Counter]
	mu    sync.Mutex
}

type answer struct {
	method string
	status int
}

// count gives the counter of a request's method and its answer's status.
func (a *answers) count(method string, status int) prometheus.Counter {
	key := answer{standardMethod(method), status}
	if known := a.known.Load(); known != nil {
		if counter := (*known)[key]; counter != nil {
			return counter
		}
	}
	return a.add(key)
}

func (a *answers) add(key answer) prometheus.Counter {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := map[answer]prometheus.Counter{}
	if known := a.known.Load(); known != nil {
		maps.Copy(next, *known)
	}
	counter := a.of.WithLabelValues(key.method, strconv.Itoa(key.status))
	next[key] = counter
	a.known.Store(&next)
	return counter
}

var standardMethods = [...]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace}

// otherMethod stands for every method outside the standard, so that a caller cannot make label values.
const otherMethod = "_OTHER"

func standardMethod(method string) string {
	if slices.Contains(standardMethods[:], method) {
		return method
	}
	return otherMethod
}
