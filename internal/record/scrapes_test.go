package record

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyHitsThatTheServiceAnsweredMakeItBusy(t *testing.T) {
	for name, row := range map[string]struct {
		sent, wanted uint64 // between two rounds
		busy         bool
	}{
		"answered as wanted":                          {12, 12, true},
		"one of them answered as wanted":              {12, 1, true},
		"refused, timed out, reset, or a proxy's 502": {12, 0, false},
		"none": {0, 0, false},
	} {
		var a amid
		for range 5 {
			a.sent, a.wanted = a.sent+row.sent, a.wanted+row.wanted
			require.Equal(t, row.busy, a.round(0, a.wanted, false), name)
		}
	}
}

// A hit that hangs may never have reached the service: scrapes in spite of it show nothing until
// the service answers again.
func TestScrapesAmidHitsCountOnceTheServiceAnswers(t *testing.T) {
	var a amid
	for range 4 {
		a.sent, a.inFlight = a.sent+3, 3
		a.round(1, 0, false)
	}
	require.Zero(t, a.scrapes)
	require.EqualValues(t, 2, a.throughout)
	a.round(2, 5, false)
	require.Equal(t, 5, a.scrapes)
	require.EqualValues(t, 1, a.throughout)
}
