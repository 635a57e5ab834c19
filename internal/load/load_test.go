package load

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

func planOf(t testing.TB, yaml string) *scenarios.Plan {
	t.Helper()
	return planWith(t, nil, yaml)
}

// planWith makes a plan of a scenario with files beside it.
func planWith(t testing.TB, files map[string]string, yaml string) *scenarios.Plan {
	t.Helper()
	fsys := fstest.MapFS{"s.yaml": {Data: []byte(yaml)}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := scenarios.Load(fsys, "s.yaml")
	require.NoError(t, err)
	p, err := s.Plan(1)
	require.NoError(t, err)
	return p
}

func TestRunAccountsForEveryHit(t *testing.T) {
	var served atomic.Uint64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		if r.URL.Path == "/missing" {
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 1000, duration: 500ms}]
requests:
  - {get: /here}
  - {get: /missing, expect: [404]}
`)
	l := NewLedger(p)
	require.NoError(t, Run(context.Background(), p, l, Options{BaseURL: server.URL, Connections: 8, Timeout: scenarios.DefaultTimeout}))
	s := l.Snapshot()
	require.Equal(t, uint64(500), s.Sent)
	require.Equal(t, s.Sent, s.Done)
	require.Equal(t, s.Sent, served.Load())
	byStatus := map[int]uint64{}
	for _, row := range s.Rows {
		require.Equal(t, hit.Answered, row.Outcome)
		require.False(t, row.Unexpected)
		byStatus[row.Status] += row.Hits
	}
	require.Equal(t, uint64(500), byStatus[200]+byStatus[404])
	require.NotZero(t, byStatus[404])
}
