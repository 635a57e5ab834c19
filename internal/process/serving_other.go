//go:build !linux

package process

import "time"

// Serving returns the process itself: who listens is unknown here.
func Serving(pid, _ int) (int, error) { return pid, nil }

// ServingUnix returns the process itself: who listens is unknown here.
func ServingUnix(pid int, _ string) (int, error) { return pid, nil }

// Peers returns the process itself: who listens is unknown here.
func Peers(pid int) []int { return []int{pid} }

// Family returns the process itself: whom it started is unknown here.
func Family(pid int) []int { return []int{pid} }

// Listeners is unknown here: none.
func Listeners(int) []int { return nil }

// Name is not known here.
func Name(int) string { return "" }

// Started is not supported here.
func Started(int) (time.Time, error) { return time.Time{}, errUnsupported }
