//go:build !notelemetry

package telemetry

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStackIsWatchedOnlyWhenItsGroupIsOn(t *testing.T) {
	for groups, want := range map[string]bool{"stack": true, "none": false, "all,-stack": false} {
		on, err := ParseGroups(groups)
		require.NoError(t, err)
		told, err := New(Options{Groups: on, Log: io.Discard})
		require.NoError(t, err)
		h := told.Handler(HandlerFacts{Name: "h", StackSize: 0x4001, Waiting: func() int { return 0 }, Visit: func() {}})
		done := make(chan bool)
		go h.Run(0x4001, func(c Coroutine) {
			c.Finished()
			c.Visited()
			_, watched := c.watch.Used()
			done <- watched
		})
		assert.Equal(t, want, <-done, groups)
	}
}
