package main

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A terminal that closes, an ssh session that ends, Ctrl-C and a supervisor's TERM come to the
// same: drain and report.
func TestSignalsThatStopARun(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			var said bytes.Buffer
			ctx, stop, release := interrupts(t.Context(), &said)
			defer release()
			require.NoError(t, syscall.Kill(syscall.Getpid(), s))
			<-stop
			require.NoError(t, ctx.Err(), "what is in flight is waited for")
			require.Contains(t, said.String(), "interrupted; sending no more")
			require.NoError(t, syscall.Kill(syscall.Getpid(), s))
			<-ctx.Done()
		})
	}
}
