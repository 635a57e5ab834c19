//go:build !notelemetry

package service_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

// Copies make the table of routes longer, and nothing else: the same handlers answer, with the
// coroutines that they have, also after a reload.
func TestCopiesAreRoutesOfTheSameHandlers(t *testing.T) {
	r := start(t, func(c *config.Config) { c.Copies = 3 })
	for range 2 {
		_, want := r.send("GET", "/users/7", "")
		status, got := r.send("GET", "/copy/3/users/7", "")
		require.Equal(t, 200, status)
		require.Equal(t, want, got)
		status, _ = r.send("GET", "/copy/4/users/7", "")
		require.Equal(t, 404, status)
		status, _ = r.send("GET", "/copy/1/pets", "")
		require.Equal(t, 401, status, "a copy is as protected as its operation")
		now := r.scrape()
		require.EqualValues(t, 4*17, now.value("brrtrouter_routes_registered"))
		require.EqualValues(t, 17, now.value("brrtrouter_handlers_registered"))
		require.Eventually(t, func() bool { // replaced coroutines end when they have finished
			return r.scrape().value("brrtrouter_coroutines_active", "handler", "get_user") == 4
		}, 20*time.Second, 5*time.Millisecond)
		require.NoError(t, r.Service.Reload())
	}
}
