package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestConnectionsFollowTheHighestRateUnlessTheyAreGiven(t *testing.T) {
	for _, row := range []struct {
		name, yaml, restage string
		want                int
	}{
		{name: "a low rate", yaml: "stages: [{rate: 3, duration: 1s}]", want: 64},
		{name: "half a second of the highest", yaml: "stages: [{rate: 20, duration: 1s}, {from: 10, to: 300, duration: 1s}]", want: 150},
		{name: "the warm-up's is one of them", yaml: "warmup: {rate: 200, duration: 1s}\nstages: [{rate: 20, duration: 1s}]", want: 100},
		{name: "a high rate", yaml: "stages: [{rate: 1000000, duration: 1s}]", want: 256},
		{name: "a closed loop", yaml: "stages: [{rate: max, duration: 1s}]", want: 64},
		{name: "given", yaml: "connections: 3\nstages: [{rate: 400, duration: 1s}]", restage: "1s@500", want: 3},
		{name: "stages of the command line", yaml: "stages: [{rate: 20, duration: 1s}]", restage: "1s@360", want: 180},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte("target: {url: http://example.test}\nrequests: [{get: /}]\n" + row.yaml + "\n")}}, "s.yaml")
			require.NoError(t, err)
			if row.restage != "" {
				require.NoError(t, s.Restage(row.restage))
			}
			require.Equal(t, row.want, s.Connections)
		})
	}
}
