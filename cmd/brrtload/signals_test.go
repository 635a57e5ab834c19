package main

import (
	"bytes"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A terminal that closes, an ssh session that ends, Ctrl-C and a supervisor's TERM come to the
// same: drain and report.
func TestSignalsThatStopARun(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			notIgnored(t, s)
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

// notIgnored skips a test of a signal that the tests were started to ignore, as nohup does with
// SIGHUP: what they start ignores it too.
func notIgnored(t *testing.T, s syscall.Signal) {
	if signal.Ignored(s) {
		t.Skipf("the tests were started with %s ignored", s)
	}
}
