package discover_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/discover"
	"brrtload/internal/discover/instrumented"
	"brrtload/internal/discover/written"
)

// Every request and the scrapes show the header field; what is written has the variable's name,
// never its value.
func TestACredentialIsShownAndNotWritten(t *testing.T) {
	t.Setenv("DISCOVER_TOKEN", "a-secret-token")
	service := instrumented.Codes()
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a-secret-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		service.ServeHTTP(w, r)
	})
	l := learn(t, guarded, func(o *discover.Options) {
		o.Headers = []string{"authorization: Bearer ${DISCOVER_TOKEN}"}
		o.Unsafe = true
	})
	require.NotNil(t, l.Counter)
	require.Equal(t, []float64{13, 5, 7, 11, 17}, counts(l.Counter))
	require.EqualValues(t, 19, l.Counter.Counts[discover.Wrong])
	text := written.Scenario(l, "guarded") + written.Contract(l, "guarded.contract.yaml")
	require.NotContains(t, text, "a-secret")
	require.Contains(t, text, `headers: {"Authorization": "Bearer ${DISCOVER_TOKEN}"}`)
	require.Contains(t, text, `authorization: {type: "Bearer", credentials: "${DISCOVER_TOKEN}"}`)
	require.Contains(t, text, "{name: post, post: ")
	require.Contains(t, text, `"http_requests_total": {type: counter, labels: {"code": '(?s).*', "method": '(?s).*'}}`)
	require.NotContains(t, text, "go_goroutines", "the runtime is no part of the contract")
}

func TestHeadersThatCannotBe(t *testing.T) {
	for header, says := range map[string]string{
		"no field":                          "NAME: VALUE",
		"Authorization: Bearer the-secret":  "a secret is not written",
		"X-API-Key: the-secret":             "a secret is not written",
		"Authorization: ${NEVER_SET_BY_US}": "NEVER_SET_BY_US is not set",
		"X-A: ${not a name}":                "want ${NAME}",
	} {
		_, err := discover.Run(t.Context(), discover.Options{URL: "http://127.0.0.1:9", Headers: []string{header}})
		require.ErrorIs(t, err, discover.ErrUsage)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "the-secret")
	}
}

// Two processes that answer scrapes in turn are found, and announced; nothing is compared.
func TestProcessesInTurn(t *testing.T) {
	t.Parallel()
	processes := []http.Handler{instrumented.Codes(), instrumented.Codes()}
	for range 3 { // the first has counted already
		processes[0].ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, instrumented.Items, nil))
	}
	var n atomic.Int64
	l := learn(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		processes[n.Add(1)%2].ServeHTTP(w, r)
	}), nil)
	require.True(t, l.Turns)
	require.Nil(t, l.Counter)
	require.Len(t, l.Announced(), 1)
	require.Contains(t, l.Announced()[0], "several processes answer in turn")
	require.Empty(t, written.Contract(l, "x"))
	require.Contains(t, written.Scenario(l, "turns"), "# Finding: several processes")
	require.True(t, strings.Contains(written.Scenario(l, "turns"), "unexpected-results"), "what needs no counts is judged")
}
