package scenarios

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShippedScenariosLoadAndPlan(t *testing.T) {
	names, err := fs.Glob(Shipped(), "*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			s, err := Load(Shipped(), name)
			require.NoError(t, err)
			require.NotEmpty(t, s.Description)
			p, err := s.Plan(s.Seed)
			require.NoError(t, err)
			require.NotZero(t, p.Hits())
		})
	}
}

func TestSecretsOfEndpointsAndAddressesAreKnown(t *testing.T) {
	s, err := load(t, `
scrape:
  http: {basic_auth: {username: ann, password: endpoint-pass}, http_headers: {X-Key: {secrets: [header-pass]}}}
  endpoints:
    - {name: other, url: 'http://ann:p%40ss@127.0.0.1:1/metrics', http: {authorization: {credentials: token-pass}}}
memory: {tool: pprof, url: 'http://ann:profile-pass@127.0.0.1:1/heap'}
requests: [{get: /}]
`, nil)
	require.NoError(t, err)
	require.Subset(t, s.Secrets(), []string{"endpoint-pass", "header-pass", "token-pass", "profile-pass", "p@ss", "p%40ss"})
	require.True(t, s.Scrape.HTTP.Settings().FollowRedirects)
	require.Equal(t, "endpoint-pass", string(s.Scrape.HTTP.Settings().BasicAuth.Password))
	require.True(t, Client{}.Settings().FollowRedirects, "the default is Prometheus's")
}
