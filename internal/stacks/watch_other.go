//go:build !linux

package stacks

import "errors"

// Watcher looks at the stacks of processes, on Linux.
type Watcher struct{}

// NewWatcher returns a watcher, to be closed.
func NewWatcher() *Watcher { return &Watcher{} }

// Close does nothing here.
func (*Watcher) Close() {}

// Look is not supported here.
func (*Watcher) Look(func() []int, bool) (Sample, error) {
	return Sample{}, errors.New("stacks can be read from outside on Linux only; run brrtload and the service on Linux")
}
