package dispatch

import (
	"context"
	"io"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/telemetry"
)

func TestNoCallIsRefusedBecauseItsHandlerIsReplaced(t *testing.T) {
	told, err := telemetry.New(telemetry.Options{Log: io.Discard, Mailboxes: []int{64}})
	require.NoError(t, err)
	d := New(told, Options{Deadline: time.Minute})
	registration := Registration{Handler: handlers.Handler{Name: "h", Func: func(context.Context, *handlers.Call) handlers.Response {
		return handlers.Response{Status: 200}
	}}, Method: "GET", StackSize: 0x4000, Mailbox: 64, Coroutines: 1}
	registered, err := d.Register([]Registration{registration})
	require.NoError(t, err)
	h := registered["h"]

	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				rq := told.Begin(httptest.NewRequest("GET", "/", nil))
				_, err := h.Dispatch(t.Context(), &rq, &handlers.Call{})
				rq.Answered(200, 0)
				if !assert.NoError(t, err) {
					return
				}
			}
		})
	}
	for range 3000 {
		_, err := d.Register([]Registration{registration})
		require.NoError(t, err)
	}
	close(stop)
	callers.Wait()
	require.NoError(t, d.Close(t.Context()))
}
