//go:build !linux

package clock

// newTimer returns Go's own timer, where there is no better one.
func newTimer() (timer, error) { return newGoTimer(), nil }
