package sample

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
	"brrtload/reports"
)

// Hostile has an attack in every text.
func Hostile(attack string) reports.Report {
	r := Run()
	r.Traces = []reports.Trace{{ID: "1", Seconds: 1, Spans: []reports.Span{{Name: "GET"}, {Name: "below", Depth: 2, Error: true}}}}
	hostile.Poison(&r, attack)
	return r
}

// RequirePlain wants text without anything that steers a terminal or hides from the eye.
func RequirePlain(t *testing.T, out string) {
	t.Helper()
	require.True(t, utf8.ValidString(out))
	if found := steering.FindString(out); found != "" {
		t.Errorf("%q came through", found)
	}
}

// RequireNoCommands wants no line that a CI system obeys.
func RequireNoCommands(t *testing.T, out string) {
	t.Helper()
	require.NotRegexp(t, `(?m)^\s*::`, out)
	require.NotRegexp(t, `##\w*\[`, out)
}

var steering = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069]")
