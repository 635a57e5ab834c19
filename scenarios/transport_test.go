package scenarios_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/scenarios"
)

// Scenarios that give vegeta's engine by its former name still load.
func TestTheFormerNameOfAClient(t *testing.T) {
	for written, want := range map[string]string{"net/http": "vegeta", "vegeta": "vegeta", "fasthttp": "fasthttp"} {
		s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(`target: {url: "http://127.0.0.1:8080"}
transport: {client: ` + written + `}
stages: [{rate: 10, duration: 1s}]
requests: [{get: /}]
`)}}, "s.yaml")
		require.NoError(t, err)
		require.Equal(t, want, s.Transport.Client.Value)
	}
}
