// Package tier says which tests `make test-long` has to itself: those that measure, and those that
// take longer than a gate may. They are skipped, with that reason, unless the tests are built with
// the tag long.
package tier

import "testing"

// Long skips a test that belongs to `make test-long`.
func Long(t testing.TB) {
	t.Helper()
	if !IsLong {
		t.Skip("belongs to `make test-long`: go test -tags long")
	}
}
