package scrape

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSameRateOfStretchesThatDifferInLength(t *testing.T) {
	for name, row := range map[string]struct {
		a, b  travel
		moves float64
		same  bool
	}{
		"equally long":                  {travel{12, 2.5}, travel{13, 2.5}, 25, true},
		"one is twice as long":          {travel{12, 2.5}, travel{25, 4.9}, 37, true},
		"as far in twice the time":      {travel{60, 2.5}, travel{60, 5}, 120, false},
		"a quarter of it":               {travel{40, 2.5}, travel{10, 2.5}, 50, false},
		"few moves may differ by more":  {travel{1, 2.5}, travel{4, 2.5}, 5, true},
		"it came to rest":               {travel{12, 2.5}, travel{0, 2.5}, 12, false},
		"no time has passed since then": {travel{12, 2.5}, travel{12, 0}, 24, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.same, sameRate(row.a, row.b, 1, row.moves)) })
	}
}

// A client that is not steady keeps the counters from coming to rest. The one that is goes on as it
// did before the load, and what is known of its rate stays true.
func TestASteadyClientIsNotNamedForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &probed{start: time.Now(), rate: func(s float64) float64 { return 5 * s }}
		l := newLoop(t, p)
		defer l.Close()
		rest, err := l.Rest(t.Context(), 10*time.Second)
		require.NoError(t, err)
		require.Len(t, rest.Others, 1)
		require.True(t, rest.Others[0].Steady)

		l.Around(func(time.Time) { p.work.Add(1) }, func(Round) {})
		quiet, err := l.Quiet(t.Context(), 5*time.Second, 0)
		require.NoError(t, err)
		require.False(t, quiet.Quiet)
		require.Len(t, quiet.Others, 1)
		require.Equal(t, `requests_total{endpoint="e0", route="work"}`, quiet.Others[0].Name())
	})
}
