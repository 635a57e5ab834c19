//go:build !long

package main

import "testing"

// inLong skips what belongs to `make test-long`.
func inLong(t *testing.T) {
	t.Helper()
	t.Skip("belongs to `make test-long`: go test -tags long")
}

const long = false
