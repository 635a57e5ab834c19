//go:build !notelemetry

package service_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

// eventFields lists, for every event, its level and the fields it has beside time, level and msg.
var eventFields = map[string][]string{
	"Configuration loaded successfully":           {"INFO", "config_path", "has_doc_dir", "has_static_dir", "keep_alive"},
	"Service starting with configuration":         {"INFO", "handlers_count", "routes_count", "stack_size"},
	"Registering typed handler":                   {"DEBUG", "controller", "handler_name"},
	"Coroutine spawned successfully":              {"INFO", "handler_name", "stack_size", "total_handlers"},
	"Destroying old coroutine - handler replaced": {"WARN", "handler_name"},
	"Slow route matching detected":                {"WARN", "duration_us", "method", "path"},
	"Security provider validation complete":       {"INFO", "duration_ms", "provider_name", "success"},
	"Request complete": {"INFO", "duration_us", "handler_name", "method", "path", "request_bytes", "request_id",
		"response_bytes", "status", "trace_id"},
	"Request aborted":        {"INFO", "handler_name", "request_id", "stage"},
	"Coroutine spawn failed": {"ERROR", "handler_name", "reason"},
	"Handler panicked":       {"ERROR", "handler_name", "panic", "request_id"},
	"Channel send failed":    {"WARN", "handler_name", "queue_depth", "reason", "request_id"},
	"Stack size clamped":     {"WARN", "asked_bytes", "handler_name", "stack_size"},
}

// provoke makes every event happen, with every secret there is sent along.
func provoke(t *testing.T) (*running, []string) {
	r := start(t, func(c *config.Config) {
		one(1)(c)
		c.MaxCoroutines, c.StackMax = 17, 0x4001
	})
	require.Error(t, r.Service.Reload(), "no room for a second coroutine each")
	token := bearer(t, "users:read", nil)
	for _, path := range []string{"/pets/1", "/users", "/reports/1", "/nowhere"} {
		r.send("GET", path, "", goodKey, goodRemote, token)
		r.send("GET", path, "", "X-API-Key: wrong-api-secret", "X-Remote-Key: wrong-remote-secret", "Authorization: Bearer wrong-bearer-secret")
	}
	require.NoError(t, r.Faults.Enable("slow-route-matching", "2ms"))
	r.send("GET", "/users/1", "")
	require.NoError(t, r.Faults.Disable("slow-route-matching"))
	require.NoError(t, r.Faults.Enable("panic-every-nth", "1"))
	r.send("GET", "/users/1", "")
	require.NoError(t, r.Faults.Disable("panic-every-nth"))

	executing := r.dial(waitLong)
	r.until("the first is taken", func(m reading) bool { return m.value("brrtrouter_channel_wait_seconds", "handler", "wait") == 1 })
	queued := r.dial(waitLong)
	r.until("the second waits", func(m reading) bool { return m.value("brrtrouter_channel_queue_depth", "handler", "wait") == 1 })
	r.send("GET", "/wait?ms=1&secret=in-the-query", "")
	queued.Close()
	executing.Close()
	r.until("nothing is in flight", func(m reading) bool { return m.value("brrtrouter_active_requests") == 0 })
	return r, []string{"test-key", "wrong-api-secret", "remote-test-key", "wrong-remote-secret", "wrong-bearer-secret",
		token[len("Authorization: Bearer "):], string(config.DemoBearerSecret), "in-the-query"}
}

func TestEveryEventHasItsFieldsAndNoSecret(t *testing.T) {
	r, secrets := provoke(t)
	// A reload with room, for the replacement.
	roomy := start(t, nil)
	require.NoError(t, roomy.Service.Reload())
	seen := map[string]bool{}
	for _, r := range []*running{r, roomy} {
		for message, events := range r.events() {
			seen[message] = true
			if !assert.Contains(t, eventFields, message) {
				continue
			}
			level, fields := eventFields[message][0], eventFields[message][1:]
			for _, event := range events {
				require.Equal(t, level, event["level"], message)
				_, err := time.Parse(time.RFC3339Nano, event["time"].(string))
				require.NoError(t, err)
				want := fields
				if event["success"] == false {
					want = append(slices.Clone(fields), "reason")
				}
				var got []string
				for field := range event {
					if field != "time" && field != "level" && field != "msg" {
						got = append(got, field)
					}
				}
				require.ElementsMatch(t, want, got, message)
			}
		}
		log := r.Log.String()
		for _, secret := range secrets {
			require.NotContains(t, log, secret)
		}
	}
	for message := range eventFields {
		assert.True(t, seen[message], "never happened: %s", message)
	}
	_, exposition := r.send("GET", "/metrics", "")
	for _, secret := range secrets {
		require.NotContains(t, exposition, secret)
	}
}

func TestRequestEventSaysWhatHappened(t *testing.T) {
	r := start(t, nil)
	status, body := r.send("POST", "/pets", `{"name":"Zoe"}`, goodKey)
	require.Equal(t, http.StatusCreated, status)
	r.atRest(1)
	event := r.events()["Request complete"][0]
	assert.Equal(t, "POST", event["method"])
	assert.Equal(t, "/pets", event["path"])
	assert.Equal(t, "add_pet", event["handler_name"])
	assert.EqualValues(t, 201, event["status"])
	assert.EqualValues(t, len(`{"name":"Zoe"}`), event["request_bytes"])
	assert.EqualValues(t, len(body), event["response_bytes"])
	assert.NotEmpty(t, event["request_id"])
}
