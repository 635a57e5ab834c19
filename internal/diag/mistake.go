package diag

import (
	"errors"
	"fmt"
)

// Mistake is an error that the user can mend and that has no place in a file: a flag, a path, a
// directory. Diagnostics are mistakes by themselves.
type Mistake struct{ Err error }

// Error implements error.
func (m Mistake) Error() string { return m.Err.Error() }

// Unwrap returns the error that is the mistake.
func (m Mistake) Unwrap() error { return m.Err }

// Mistakef makes a [Mistake], with a format as [fmt.Errorf] has it.
func Mistakef(format string, args ...any) error { return Mistake{fmt.Errorf(format, args...)} }

// Holds reports whether an error is made of diagnostics.
func Holds(err error) bool {
	var list List
	var one Diagnostic
	return errors.As(err, &list) || errors.As(err, &one)
}
