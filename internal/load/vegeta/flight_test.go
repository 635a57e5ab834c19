package vegeta

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	lib "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// What vegeta's Result says is taken from it; what it leaves out of a hit that was not answered is
// added.
func TestAResultIsVegetasAndWhatItLeavesOut(t *testing.T) {
	start := time.Now()
	hello := scenarios.Hit{Message: &scenarios.Message{Body: []byte("hello")}, Request: &scenarios.Request{}}
	to := &Client{timeout: time.Second, ctx: context.Background()}
	timed := hit.Result{Sent: time.Second, Done: 3 * time.Second}
	for name, row := range map[string]struct {
		flight *flight
		from   lib.Result
		want   hit.Result
	}{
		"answered": {&flight{status: 200, read: 3},
			lib.Result{Code: 200, BytesIn: 3, BytesOut: 5}, hit.Result{Outcome: hit.Answered, Status: 200, BytesIn: 3, BytesOut: 5}},
		"a body larger than what is kept": {&flight{status: 200, read: 70_000},
			lib.Result{Code: 200, BytesIn: kept, BytesOut: 5},
			hit.Result{Outcome: hit.Answered, Status: 200, BytesIn: 70_000, BytesOut: 5}},
		"cut": {&flight{status: 200, read: 2, err: io.ErrUnexpectedEOF},
			lib.Result{Error: "unexpected EOF", Body: []byte("he")},
			hit.Result{Outcome: hit.Cut, Kind: hit.Closed, Status: 200, BytesIn: 2, BytesOut: 5}},
		"an error of vegeta's own": {&flight{},
			lib.Result{Error: "no idea"}, hit.Result{Outcome: hit.NeverReached, Kind: hit.OtherError}},
	} {
		t.Run(name, func(t *testing.T) {
			row.flight.hit, row.flight.to = hello, to
			row.flight.connected.Store(true)
			row.from.Timestamp, row.from.Latency = start.Add(time.Second), 2*time.Second
			row.want.Sent, row.want.Done = timed.Sent, timed.Done
			got := row.flight.result(&row.from, start)
			if row.want.Outcome == hit.Answered {
				require.NoError(t, got.Err)
			} else {
				require.Equal(t, row.from.Error, got.Err.Error())
			}
			got.Err, got.Excerpt = nil, ""
			require.Equal(t, row.want, got)
		})
	}
}
