//go:build !notelemetry

package telemetry

import (
	"net/http"
	"slices"
)

var standardMethods = [...]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace}

// otherMethod stands for every method outside the standard, so that a caller cannot make label
// values.
const otherMethod = "_OTHER"

// standardMethod returns the label value of a method.
func standardMethod(method string) string {
	if slices.Contains(standardMethods[:], method) {
		return method
	}
	return otherMethod
}
