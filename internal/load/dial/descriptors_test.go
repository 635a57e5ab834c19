//go:build unix

package dial

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

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
	require.Equal(t, hit.NoDescriptor, hit.Lacking(err))
}
