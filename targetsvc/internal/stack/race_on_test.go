//go:build race && !notelemetry

package stack

const raceEnabled = true
