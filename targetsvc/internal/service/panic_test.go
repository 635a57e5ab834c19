//go:build !notelemetry

package service_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
)

// panicking is a provider that panics.
type panicking struct{}

func (panicking) Validate(context.Context, *http.Request, []string) *security.Refusal {
	panic("the provider broke")
}

func TestPanicOutsideAHandlerIsAnsweredAndCountedOnce(t *testing.T) {
	for name, row := range map[string]struct {
		breakIt func(*running)
		handler string
		says    string
	}{
		"in a provider": {func(r *running) { r.Service.ReplaceProviders(panicking{}) }, "get_pet", "the provider broke"},
		"in the route matcher": {func(r *running) {
			r.Service.ReplaceMatch(func(string, string) (router.Match, error) { panic("the matcher broke") })
		}, "_unmatched", "the matcher broke"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, nil)
			row.breakIt(r)
			for range 3 {
				status, body := r.send("GET", "/pets/1", "", goodKey)
				require.Equal(t, http.StatusInternalServerError, status)
				require.NotContains(t, body, row.says, "what broke is for the log")
			}
			m := r.atRest(3)
			assert.Equal(t, 3.0, m.value("brrtrouter_requests_total", "handler", row.handler, "status", "500"))
			assert.Equal(t, 3.0, m.value("brrtrouter_requests_total"))
			assert.Zero(t, m.value("brrtrouter_requests_aborted_total"))
			events := r.events()["Handler panicked"]
			require.Len(t, events, 3)
			assert.Equal(t, row.says, events[0]["panic"])
			assert.Equal(t, row.handler, events[0]["handler_name"])
		})
	}
}

// breaking panics when the body is written.
type breaking struct{ *httptest.ResponseRecorder }

func (breaking) Write([]byte) (int, error) { panic("the writer broke") }

func TestPanicWhileRespondingEndsTheConnectionAndIsCountedOnce(t *testing.T) {
	r := start(t, nil)
	request := httptest.NewRequest("GET", "/users/1", nil)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		r.Service.Handler().ServeHTTP(breaking{httptest.NewRecorder()}, request)
	})
	m := r.atRest(1)
	assert.Equal(t, 1.0, m.value("brrtrouter_requests_aborted_total", "handler", "get_user", "stage", "responding"))
	assert.Zero(t, m.value("brrtrouter_requests_total"))
	assert.Len(t, r.events()["Handler panicked"], 1)
}
