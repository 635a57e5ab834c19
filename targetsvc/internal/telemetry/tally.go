//go:build !notelemetry

package telemetry

import (
	"net/http"
	"slices"
	"sync"
)

// tally is what requests to one handler are counted in. One lock guards all of it, so that a scrape
// finds a request counted in everything that its end counts, or in nothing. It is held for tens of
// nanoseconds.
type tally struct {
	mu           sync.Mutex
	sendFailures uint64
	aborted      [Responding + 1]uint64
	answers      []answers

	depth, wait, reply              histogram // of the group channel
	duration, requestBody, response histogram // of the group request
}

// answers counts the answers of one status to one method. A handler has few, and finds them in
// order.
type answers struct {
	method string
	status int
	n      uint64
}

// answered counts an answer, or with n = 0 makes its series.
func (t *tally) answered(method string, status int, n uint64) {
	for i := range t.answers {
		if a := &t.answers[i]; a.status == status && a.method == method {
			a.n += n
			return
		}
	}
	if standard := standardMethod(method); standard != method {
		t.answered(standard, status, n)
		return
	}
	t.answers = append(t.answers, answers{method, status, n})
}

var standardMethods = [...]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace}

// otherMethod stands for every method outside the standard, so that a caller cannot make label
// values.
const otherMethod = "_OTHER"

func standardMethod(method string) string {
	if method == otherMethod || slices.Contains(standardMethods[:], method) {
		return method
	}
	return otherMethod
}
