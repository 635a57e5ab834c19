package load

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/internal/pipetest"
)

// What vegeta does with its own hits must not show in ours: it marks them with header fields,
// counts of a body what it keeps, runs an attacker's second attack for nothing, follows redirects,
// and takes a status of 400 for an error.
func TestVegetasWaysDoNotShow(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 10, duration: 1s}]
requests:
  - {get: /large}
  - {get: /moved, expect: [302]}
  - {get: /bad, expect: [400]}
`)
	const large = 1 << 20
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			server := pipetest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for name := range r.Header {
					assert.Contains(t, []string{"User-Agent"}, name)
				}
				assert.Equal(t, "brrtload", r.UserAgent())
				switch r.URL.Path {
				case "/large":
					_, err := w.Write([]byte(strings.Repeat("x", large)))
					assert.NoError(t, err)
				case "/moved":
					http.Redirect(w, r, "/elsewhere", http.StatusFound)
				case "/bad":
					w.WriteHeader(http.StatusBadRequest)
				default:
					t.Errorf("a request for %s", r.URL.Path)
				}
			}))
			l := NewLedger(p)
			for range 2 { // runs are made one after the other, each whole
				require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 4, Timeout: time.Minute, Dial: server.Dial, Engine: engine}))
			}
			s := l.Snapshot()
			require.Equal(t, 2*p.Hits(), s.Done)
			for _, row := range s.Rows {
				require.Equal(t, []any{hit.Answered, false}, []any{row.Outcome, row.Unexpected}, "%d", row.Status)
				if row.Status == http.StatusOK {
					require.Equal(t, int64(row.Hits)*large, row.BytesIn)
				}
			}
			require.Len(t, s.Rows, 3)
		})
	}
}
