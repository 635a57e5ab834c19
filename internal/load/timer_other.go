//go:build !linux

package load

// newAlarm gives Go's own timer, where there is no better one.
func newAlarm() (alarm, error) { return newSleeper(), nil }
