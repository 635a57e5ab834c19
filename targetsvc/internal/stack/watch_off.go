//go:build notelemetry

package stack

// Watch is what [Run] hands to its body; this build has none, and every one is nil.
type Watch struct{}

func newWatch(_, _, _ uintptr) *Watch { return nil }

func (*Watch) restart(uintptr) {}

func (*Watch) takeOutgrown() bool { return false }

// tryPainting has nothing to try: this build paints no stack.
func tryPainting(uintptr) error { return nil }
