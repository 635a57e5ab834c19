//go:build long

package main

import "testing"

// inLong skips what belongs to `make test-long`.
func inLong(*testing.T) {}

const long = true
