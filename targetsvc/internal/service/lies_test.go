//go:build !notelemetry

package service_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

// TestLiesReachTheirReaders takes a lie at each seam through the whole service; package fault tests
// what each of them tells.
func TestLiesReachTheirReaders(t *testing.T) {
	receiver := collect(t)
	r := start(t, func(c *config.Config) { c.LabelSets = config.LabelSetsPreset }) // so that there is something to freeze
	for name, value := range map[string]string{"frozen-gauge": "brrtrouter_requests_total", "missing-event": "Request complete",
		"secret-in-log": "X-API-Key", "lost-spans": "3"} {
		require.NoError(t, r.Faults.Enable(name, value))
	}
	r.scrape()
	status, _ := r.send("GET", "/pets/1", "", goodKey)
	require.Equal(t, http.StatusOK, status)
	require.Eventually(t, func() bool { return len(receiver.received()) == 4 }, 20*time.Second, 5*time.Millisecond)
	m := r.scrape()
	assert.Equal(t, 6.0, m.value(spansEnded))
	assert.Zero(t, m.value(spansDropped), "nobody says so")
	assert.Zero(t, m.value("brrtrouter_requests_total"))
	assert.Equal(t, 1.0, m.value("brrtrouter_request_duration_seconds"))
	assert.Empty(t, r.events()["Request complete"])

	require.NoError(t, r.Faults.Disable("missing-event"))
	r.send("GET", "/pets/1", "", goodKey)
	require.Eventually(t, func() bool { return len(r.events()["Request complete"]) == 1 }, 20*time.Second, 5*time.Millisecond)
	assert.Equal(t, "X-API-Key: test-key", r.events()["Request complete"][0]["header"])

	require.NoError(t, r.Faults.Enable("failing-metrics", "1"))
	status, _ = r.send("GET", "/metrics", "")
	assert.Equal(t, http.StatusInternalServerError, status)
}
