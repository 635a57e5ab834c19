//go:build unix

package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// dialError is how net shows an error of the system.
func dialError(call string, errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError(call, errno)}
}

func TestWhatTheGeneratorLacksIsToldFromWhatTheTargetDoes(t *testing.T) {
	for _, row := range []struct {
		err  error
		want Kind
	}{
		{dialError("socket", syscall.EMFILE), NoDescriptor},
		{dialError("socket", syscall.ENFILE), NoDescriptor},
		{dialError("connect", syscall.EADDRNOTAVAIL), NoPort},
		{dialError("socket", syscall.ENOBUFS), NoMemory},
		{dialError("socket", syscall.ENOMEM), NoMemory},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "svc", IsTemporary: true}}, NoResolver},
		{fmt.Errorf("TLS: %w", &net.DNSError{Err: "i/o timeout", Name: "svc", IsTimeout: true}), NoResolver},
		{&net.DNSError{Err: "no such host", Name: "svc", IsNotFound: true}, NoTrouble},
		{dialError("connect", syscall.ECONNREFUSED), NoTrouble},
		{dialError("connect", syscall.ECONNRESET), NoTrouble},
		{dialError("connect", syscall.EHOSTUNREACH), NoTrouble},
		{context.DeadlineExceeded, NoTrouble},
		{errors.New("TLS handshake: certificate has expired"), NoTrouble},
		{nil, NoTrouble},
	} {
		require.Equal(t, row.want, lacking(row.err), "%v", row.err)
	}
}

// Half of the connections find no descriptor: these hits were not sent, and are neither errors of the target nor part of any latency.
func TestHitsThatTheGeneratorCouldNotSendAreNotTheTargets(t *testing.T) {
	for _, transport := range []Transport{FastHTTP, NetHTTP} {
		synctest.Test(t, func(t *testing.T) {
			p := planOf(t, `
target: {url: http://x}
stages: [{rate: 10, duration: 2s}]
requests: [{name: page, get: /page}]
`)
			l := NewLedger(p)
			err := Run(t.Context(), p, l, Options{BaseURL: "http://x", Connections: 1, Timeout: 1e9, Transport: transport, NoKeepAlive: true,
				Dial: func(context.Context, string, string) (net.Conn, error) {
					return nil, dialError("socket", syscall.EMFILE)
				}})
			require.NoError(t, err, "the run goes on, and says what it lacked")
			s := l.Snapshot()
			require.EqualValues(t, []uint64{20, 20, 20, 0}, []uint64{s.Sent, s.Done, s.Unsent, s.Wanted})
			require.EqualValues(t, 20, s.Dropped())
			require.Len(t, s.Rows, 1)
			require.Equal(t, []any{NotSent, NoDescriptor, false}, []any{s.Rows[0].Outcome, s.Rows[0].Kind, s.Rows[0].Unexpected})
			require.Zero(t, s.Timings[0].Latency.Count())
		})
	}
}

func TestTheLoadLeavesDescriptorsFree(t *testing.T) {
	if Descriptors() == 0 {
		t.Skip("no limit is known")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	conn, err := limited(Descriptors()).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	_, err = limited(Reserved+1).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.ErrorIs(t, err, syscall.EMFILE, "as if the process might have one more than the reserved ones")
	require.Equal(t, NoDescriptor, lacking(err))
}
