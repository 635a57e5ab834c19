package lint

import (
	"slices"

	"brrtload/assertions"
)

// AskOfAnswers reports whether a budget or an alert limits how many hits may fail.
func AskOfAnswers(list []assertions.Assertion) bool {
	return slices.ContainsFunc(list, func(a assertions.Assertion) bool {
		return a.About().RestsOnTelemetry && slices.ContainsFunc(a.About().Metrics, func(m string) bool { return m == "brrtload_unexpected_total" || m == "brrtload_hits_total" })
	})
}
