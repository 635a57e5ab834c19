package run

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load"
	"brrtload/scenarios"
)

// Profiles are fetched where the metrics are, unless the scenario says where, and with the metrics'
// credentials at their host alone.
func TestWhereProfilesAreFetched(t *testing.T) {
	const credentials = "scrape: {http: {authorization: {credentials: token}}}\n"
	for _, row := range []struct {
		name, scenario, admin, want string
		credentials, asHits         bool
	}{
		{"beside the hits", "memory: pprof\n", "", "http://shop:80/debug/pprof/heap", false, true},
		{"another path", "memory: {tool: pprof, url: /heap?x=1}\n", "", "http://shop:80/heap?x=1", false, true},
		{"another port", "memory: {tool: pprof, url: 'http://shop:6060/heap'}\n", "", "http://shop:6060/heap", false, false},
		{"an admin listener", "memory: pprof\n", "http://127.0.0.1:9", "http://127.0.0.1:9/debug/pprof/heap", false, false},
		{"with credentials", "memory: pprof\n" + credentials, "", "http://shop:80/debug/pprof/heap", true, false},
		{"with credentials at another port", "memory: {tool: pprof, url: 'http://shop:6060/heap'}\n" + credentials, "", "http://shop:6060/heap", true, false},
		{"at another host", "memory: {tool: pprof, url: 'http://other/heap'}\n" + credentials, "", "http://other/heap", false, false},
	} {
		s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(row.scenario +
			"target: {url: 'http://shop:80'}\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n")}}, "s.yaml")
		require.NoError(t, err, row.name)
		hits, err := load.For(s, "http://shop:80")
		require.NoError(t, err)
		at := profileAt(s, row.admin, hits)
		require.Equal(t, row.want, at.URL, row.name)
		require.Equal(t, row.credentials, at.HTTP.Authorization != nil, row.name)
		require.Equal(t, row.asHits, at.Way != nil, row.name)
		_, err = at.Client()
		require.NoError(t, err)
	}
	s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte("memory: pprof\ntarget: {url: 'http://shop:80', metrics: 'http://shop:9102/metrics'}\n" +
		"stages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n")}}, "s.yaml")
	require.NoError(t, err)
	require.Equal(t, "http://shop:9102/debug/pprof/heap", profileAt(s, "", load.Options{BaseURL: "http://shop:80"}).URL)
}
