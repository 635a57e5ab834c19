package load

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

// Of the hits in flight at the mark, those are over that were sent before it; later hits, however
// quick, take none away.
func TestHitsInFlightSinceAMark(t *testing.T) {
	p := planOf(t, "target: {url: http://127.0.0.1:1}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{name: a, get: /}]\n")
	l := NewLedger(p)
	add := func(seq uint64, sent time.Duration) {
		l.Add(p.Hit(seq), hit.Result{Outcome: hit.Answered, Status: 200, Sent: sent, Done: sent + time.Second})
	}
	for range 3 {
		l.Begin()
	}
	add(0, 100*time.Millisecond)
	require.EqualValues(t, 2, l.Mark(300*time.Millisecond))
	for seq := range uint64(4) { // four quick ones begin and end
		l.Begin()
		add(3+seq, 310*time.Millisecond)
	}
	require.Zero(t, l.Over())
	add(1, 200*time.Millisecond)
	require.EqualValues(t, 1, l.Over())
	require.EqualValues(t, 1, l.Mark(2*time.Second))
	require.Zero(t, l.Over())
}
