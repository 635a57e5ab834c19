//go:build !notelemetry

package service_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

// until waits for a condition of a scrape.
func (r *running) until(what string, condition func(reading) bool) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return condition(r.scrape()) }, 20*time.Second, 2*time.Millisecond, what)
}

// one makes one coroutine a handler with a mailbox of the capacity.
func one(mailbox int) func(*config.Config) {
	return func(c *config.Config) { c.Coroutines, c.Mailbox, c.Deadline = 1, mailbox, 20*time.Second }
}

const waitLong = "GET /wait?ms=20000 HTTP/1.1\r\nHost: x\r\n\r\n"

func TestClientThatGoesAwayFreesItsPlaceAtOnce(t *testing.T) {
	r := start(t, one(4))
	executing := r.dial(waitLong)
	r.until("the first is taken", func(m reading) bool { return m.value("brrtrouter_channel_wait_seconds", "handler", "wait") == 1 })
	queued := r.dial(waitLong)
	r.until("the second waits", func(m reading) bool { return m.value("brrtrouter_channel_queue_depth", "handler", "wait") == 1 })

	queued.Close()
	r.until("its place is free", func(m reading) bool {
		return m.value("brrtrouter_channel_queue_depth") == 0 && m.value("brrtrouter_active_requests") == 1
	})
	executing.Close()
	m := r.atRest(2)
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_aborted_total", "handler", "wait", "stage", "queued"))
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_aborted_total", "handler", "wait", "stage", "executing"))
	assert.Equal(t, 2.0, m.value("brrtrouter_requests_aborted_total"))
	assert.Zero(t, m.value("brrtrouter_requests_total"))

	status, _ := r.send("GET", "/wait?ms=0", "")
	require.Equal(t, http.StatusOK, status, "the coroutine is free again")
}

func TestCoroutineOfAnAbortedRequestIsBusyUntilItsHandlerReturns(t *testing.T) {
	r := start(t, one(4))
	require.NoError(t, r.Faults.Enable("stalled-coroutine", "get_user"))
	aborted := r.dial("GET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n")
	r.until("it is taken", func(m reading) bool { return m.value("brrtrouter_channel_wait_seconds", "handler", "get_user") == 1 })
	aborted.Close()
	r.until("it is no longer in flight", func(m reading) bool { return m.value("brrtrouter_active_requests") == 0 })
	next := r.dial("GET /users/2 HTTP/1.1\r\nHost: x\r\n\r\n")
	defer next.Close()
	r.until("the next one waits for the coroutine", func(m reading) bool {
		return m.value("brrtrouter_channel_queue_depth", "handler", "get_user") == 1
	})
	require.NoError(t, r.Faults.Disable("stalled-coroutine"))
	m := r.atRest(2)
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_total", "handler", "get_user", "status", "200"))
}

func TestAbortsAroundTheHandler(t *testing.T) {
	r := start(t, nil)
	r.dial("GET /users/1 HTT").Close() // never reaches the router
	r.dial("POST /pets HTTP/1.1\r\nHost: x\r\nX-API-Key: test-key\r\nContent-Length: 100\r\n\r\n{\"name\":").Close()

	download := r.dial("GET /download?bytes=67108864 HTTP/1.1\r\nHost: x\r\n\r\n")
	_, err := io.CopyN(io.Discard, download, 100_000)
	require.NoError(t, err)
	download.Close()

	m := r.atRest(2)
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_aborted_total", "handler", "add_pet", "stage", "before_dispatch"))
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_aborted_total", "handler", "download", "stage", "responding"))
	assert.Equal(t, 2.0, m.value("brrtrouter_requests_aborted_total")+m.value("brrtrouter_requests_total"))
	assert.Len(t, r.events()["Request aborted"], 2)
}

func TestFullMailboxSheds(t *testing.T) {
	r := start(t, one(1))
	first := r.dial(waitLong)
	defer first.Close()
	r.until("the first is taken", func(m reading) bool { return m.value("brrtrouter_channel_wait_seconds", "handler", "wait") == 1 })
	second := r.dial(waitLong)
	defer second.Close()
	r.until("the second waits", func(m reading) bool { return m.value("brrtrouter_channel_queue_depth", "handler", "wait") == 1 })
	response, err := http.Get(r.URL + "/wait?ms=0")
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.Equal(t, "1", response.Header.Get("Retry-After"))
	first.Close()
	second.Close()

	m := r.atRest(3)
	assert.Equal(t, 1.0, m.value("brrtrouter_channel_send_failures_total", "handler", "wait"))
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_total", "handler", "wait", "status", "503"))
	assert.Equal(t, 3.0, m.value("brrtrouter_channel_depth_at_send", "handler", "wait"), "the refused send counts")
	assert.Equal(t, 1.0, m.sum("brrtrouter_channel_depth_at_send", "handler", "wait"), "depths 0, 0 and 1")
	events := r.events()["Channel send failed"]
	require.Len(t, events, 1)
	assert.Equal(t, "mailbox full", events[0]["reason"])
	assert.EqualValues(t, 1, events[0]["queue_depth"])
}

func TestDeadlineAnswersWhetherQueuedOrExecuting(t *testing.T) {
	r := start(t, func(c *config.Config) { c.Coroutines, c.Deadline = 1, 100*time.Millisecond })
	require.NoError(t, r.Faults.Enable("stalled-coroutine", "get_user"))
	var sending sync.WaitGroup
	for range 3 {
		sending.Go(func() {
			status, _ := r.send("GET", "/users/1", "")
			assert.Equal(t, http.StatusGatewayTimeout, status)
		})
	}
	sending.Wait()
	m := r.atRest(3)
	assert.Equal(t, 3.0, m.value("brrtrouter_requests_total", "handler", "get_user", "status", "504"))
	assert.Equal(t, 1.0, m.value("brrtrouter_channel_wait_seconds", "handler", "get_user"), "two were never taken")
	assert.Equal(t, 3.0, m.value("brrtrouter_response_wait_seconds", "handler", "get_user"))
}

func TestPanicIsAnsweredAndTheCoroutineLivesOn(t *testing.T) {
	r := start(t, one(4))
	require.NoError(t, r.Faults.Enable("panic-every-nth", "2"))
	for n := range 6 {
		status, _ := r.send("GET", "/users/1", "")
		require.Equal(t, []int{http.StatusOK, http.StatusInternalServerError}[n%2], status)
	}
	m := r.atRest(6)
	assert.Equal(t, 3.0, m.value("brrtrouter_requests_total", "handler", "get_user", "status", "500"))
	assert.Equal(t, 1.0, m.value("brrtrouter_coroutines_active", "handler", "get_user"))
	assert.Zero(t, m.value("brrtrouter_coroutines_destroyed_total"))
	events := r.events()["Handler panicked"]
	require.Len(t, events, 3)
	assert.Equal(t, "fault panic-every-nth", events[0]["panic"])
}

func TestReloadStormUnderLoad(t *testing.T) {
	r := start(t, nil)
	var stop atomic.Bool
	var sent atomic.Int64
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			for n := 0; !stop.Load() && n < 5000; n++ {
				status, body := r.send("GET", fmt.Sprintf("/users/%d/posts/%d", worker+1, n%100+1), "")
				sent.Add(1)
				if !assert.Equal(t, http.StatusOK, status, body) {
					return
				}
			}
		})
	}
	balanced := func(m reading) {
		spawned, destroyed := m.value("brrtrouter_coroutines_spawned_total"), m.value("brrtrouter_coroutines_destroyed_total")
		require.Equal(t, spawned-destroyed, m.value("brrtrouter_coroutines_active"))
		require.Equal(t, 17.0, m.value("brrtrouter_handlers_registered"))
		require.Equal(t, 17.0, m.value("brrtrouter_routes_registered"))
	}
	const reloads = 30
	for range reloads {
		require.NoError(t, r.Service.Reload())
		balanced(r.scrape())
	}
	stop.Store(true)
	workers.Wait()
	m := r.atRest(float64(sent.Load()))
	assert.Equal(t, float64(sent.Load()), m.value("brrtrouter_requests_total", "handler", "get_post", "status", "200"))
	assert.Equal(t, float64((reloads+1)*17*4), m.value("brrtrouter_coroutines_spawned_total"))
	r.until("the old coroutines end", func(m reading) bool { return m.value("brrtrouter_coroutines_active") == 17*4 })
	balanced(r.scrape())
	assert.Len(t, r.events()["Destroying old coroutine - handler replaced"], reloads*17)
}

func TestNoGoroutineIsLeftOver(t *testing.T) {
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	t.Run("a service that saw trouble", func(t *testing.T) {
		r := start(t, one(2))
		for range 3 {
			r.dial(waitLong).Close()
		}
		r.send("GET", "/wait?ms=1", "")
		require.NoError(t, r.Service.Reload())
		require.NoError(t, r.Faults.Enable("memory-hog", "4096"))
		http.DefaultClient.CloseIdleConnections()
	})
	// Not require.Eventually, which has goroutines of its own.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		http.DefaultClient.CloseIdleConnections()
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestSpawnLimitIsCountedAndTheServiceGoesOn(t *testing.T) {
	r := start(t, func(c *config.Config) { c.MaxCoroutines = 17 * 4 })
	require.ErrorContains(t, r.Service.Reload(), "limit_reached")
	m := r.scrape()
	assert.Equal(t, 17.0, m.value("brrtrouter_coroutine_spawn_failures_total", "reason", "limit_reached"))
	assert.Len(t, r.events()["Coroutine spawn failed"], 17)
	status, _ := r.send("GET", "/users/1", "")
	require.Equal(t, http.StatusOK, status)
}
