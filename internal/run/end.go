package run

import (
	"context"
	"errors"
	"fmt"

	"brrtload/reports"
)

// end is an error that ended the run, and how: what was measured until then is kept.
type end struct {
	how reports.End
	error
}

// Unwrap returns why.
func (e end) Unwrap() error { return e.error }

// ends returns an error that ends the run in this way.
func ends(how reports.End, format string, args ...any) error {
	return end{how, fmt.Errorf(format, args...)}
}

// endOf returns how an error ended the run. One that does not say was of brrtload itself.
func endOf(err error) reports.End {
	var e end
	switch {
	case errors.As(err, &e):
		return e.how
	case errors.Is(err, context.Canceled):
		return reports.Interrupted
	}
	return reports.Failed
}
