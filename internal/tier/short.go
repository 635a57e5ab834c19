//go:build !long

package tier

// IsLong reports whether the tests are those of `make test-long`.
const IsLong = false
