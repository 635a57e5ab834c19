//go:build unix

package load

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

// Half of the connections find no descriptor: these hits were not sent, and are neither errors of
// the target nor part of any latency.
func TestHitsThatTheGeneratorCouldNotSendAreNotTheTargets(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			p := planOf(t, `
target: {url: http://x}
stages: [{rate: 10, duration: 2s}]
requests: [{name: page, get: /page}]
`)
			l := NewLedger(p)
			err := Run(t.Context(), p, l, Options{BaseURL: "http://x", Connections: 1, Timeout: 1e9, Engine: engine, NoKeepAlive: true,
				Dial: func(context.Context, string, string) (net.Conn, error) {
					return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
				}})
			require.NoError(t, err, "the run goes on, and says what it lacked")
			s := l.Snapshot()
			require.EqualValues(t, []uint64{20, 20, 20, 0}, []uint64{s.Sent, s.Done, s.Unsent, s.Wanted})
			require.EqualValues(t, 20, s.Dropped())
			require.Len(t, s.Rows, 1)
			require.Equal(t, []any{hit.NotSent, hit.NoDescriptor, false}, []any{s.Rows[0].Outcome, s.Rows[0].Kind, s.Rows[0].Unexpected})
			require.Zero(t, s.Timings[0].Latency.Count())
		})
	}
}
