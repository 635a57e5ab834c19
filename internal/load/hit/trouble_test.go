//go:build unix

package hit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

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
		require.Equal(t, row.want, Lacking(row.err), "%v", row.err)
	}
}
