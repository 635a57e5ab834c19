package assertions

import (
	"brrtload/internal/diag"
)

// OnMissing says what a budget makes of an expression that gives nothing.
type OnMissing string

// What missing data can mean. By default a budget without a value fails, and one that reads what is
// not exposed does not fit.
const (
	DefaultWhenMissing      OnMissing = "" // no value: fail; not exposed at all: does not fit
	FailWhenMissing         OnMissing = "fail"
	InconclusiveWhenMissing OnMissing = "inconclusive"
	ZeroWhenMissing         OnMissing = "zero"
	PassWhenMissing         OnMissing = "pass"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *OnMissing) UnmarshalText(text []byte) error {
	return diag.Choose(m, text, FailWhenMissing, InconclusiveWhenMissing, ZeroWhenMissing, PassWhenMissing)
}
