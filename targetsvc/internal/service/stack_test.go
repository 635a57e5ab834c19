//go:build !notelemetry

package service_test

import (
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

const (
	stackBytes     = "brrtrouter_coroutine_stack_bytes"
	stackUsed      = "brrtrouter_coroutine_stack_used_bytes"
	stackPercent   = "brrtrouter_coroutine_stack_used_percent"
	stackOverflows = "brrtrouter_coroutine_stack_overflows_total"
)

func TestStackUseGrowsWithTheInputAndStays(t *testing.T) {
	r := start(t, func(c *config.Config) { c.Coroutines = 1 })
	last := r.scrape().value(stackUsed, "handler", "json_tree")
	require.Positive(t, last, "a coroutine that has not answered yet has used something")
	for _, depth := range []int{1, 20, 40} {
		r.send("GET", "/tree?depth="+strconv.Itoa(depth), "")
		m := r.atRest(1)
		used, size := m.value(stackUsed, "handler", "json_tree"), m.value(stackBytes, "handler", "json_tree")
		assert.Greater(t, used, last, "depth %d", depth)
		assert.InDelta(t, 100*used/size, m.value(stackPercent, "handler", "json_tree"), 1e-9)
		last = used
	}
	r.send("GET", "/tree?depth=1", "")
	assert.Equal(t, last, r.atRest(4).value(stackUsed, "handler", "json_tree"), "a high-water mark")
}

func TestEachRequestBeyondTheStackSizeIsOneOverflow(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(5)) // a busy collector takes grown stacks back at any time
	r := start(t, func(c *config.Config) { c.Coroutines = 2 })
	require.Zero(t, r.scrape().value(stackOverflows))
	const shallow, deep = "/tree?depth=2", "/tree?depth=400"
	for _, path := range []string{shallow, deep, shallow, deep, deep, shallow} {
		status, _ := r.send("GET", path, "")
		require.Equal(t, 200, status, "an overflow is counted; the stack grows, and the answer comes")
	}
	m := r.atRest(6)
	assert.Equal(t, 3.0, m.value(stackOverflows, "handler", "json_tree"))
	assert.Equal(t, 3.0, m.value(stackOverflows), "nobody else's")
	assert.Greater(t, m.value(stackPercent, "handler", "json_tree"), 100.0)

	require.NoError(t, r.Service.Reload())
	require.Eventually(t, func() bool {
		return r.scrape().value(stackPercent, "handler", "json_tree") < 100
	}, 20*time.Second, 5*time.Millisecond, "the mark is that of the coroutines alive")
	assert.Equal(t, 3.0, r.scrape().value(stackOverflows, "handler", "json_tree"), "a counter does not forget")
}

// TestOverflowsAreCountedWhileTheCoroutineIsBusy queues requests behind one that is held, so that
// the coroutine answers them without ever being idle in between.
func TestOverflowsAreCountedWhileTheCoroutineIsBusy(t *testing.T) {
	r := start(t, func(c *config.Config) { c.Coroutines = 1 })
	require.NoError(t, r.Faults.Enable("stalled-coroutine", "json_tree"))
	require.NoError(t, r.Service.Reload())
	const deep, shallow = 5, 5
	var wg sync.WaitGroup
	send := func(depth int) {
		wg.Go(func() { r.send("GET", "/tree?depth="+strconv.Itoa(depth), "") })
	}
	send(1)
	require.Eventually(t, func() bool { return r.scrape().value("brrtrouter_active_requests") == 1 }, 20*time.Second, time.Millisecond)
	for range deep {
		send(400)
	}
	for range shallow {
		send(1)
	}
	require.Eventually(t, func() bool {
		return r.scrape().value("brrtrouter_channel_queue_depth", "handler", "json_tree") == deep+shallow
	}, 20*time.Second, time.Millisecond)
	require.NoError(t, r.Faults.Disable("stalled-coroutine"))
	wg.Wait()
	assert.EqualValues(t, deep, r.atRest(1+deep+shallow).value(stackOverflows, "handler", "json_tree"))
}

func TestOnlyAnOddStackSizeIsMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*config.Config)
		tracked bool
	}{
		"odd":               {func(c *config.Config) { c.StackSize, c.TrackStacks = 0x4001, false }, true},
		"even":              {func(c *config.Config) { c.StackSize, c.TrackStacks = 0x4000, false }, false},
		"odd, switched off": {func(c *config.Config) { c.StackSize, c.Telemetry = 0x4001, "all,-stack" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, c.change)
			r.send("GET", "/users/1", "")
			_, text := r.send("GET", "/metrics", "")
			for _, family := range []string{stackUsed, stackPercent, stackOverflows} {
				assert.Equal(t, c.tracked, strings.Contains(text, family+`{handler="get_user"}`), family)
			}
		})
	}
}
