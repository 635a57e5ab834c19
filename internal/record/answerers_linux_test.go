package record

import (
	"net"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Metrics on a port of their own are those of one process, even where several listen at the target's
// port: then it is one of several. The child has the target's listener from its parent, as a worker
// has.
func TestOneOfSeveralHasAPortForItsMetrics(t *testing.T) {
	listen := func() *net.TCPListener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, l.Close()) })
		return l.(*net.TCPListener)
	}
	target, metrics := listen(), listen()
	file, err := target.File()
	require.NoError(t, err)
	worker := exec.Command("sleep", "60")
	worker.ExtraFiles = []*os.File{file}
	require.NoError(t, worker.Start())
	defer func() {
		require.NoError(t, worker.Process.Kill())
		require.Error(t, worker.Wait(), "it was killed")
	}()
	require.NoError(t, file.Close())
	client, err := net.Dial("tcp", target.Addr().String())
	require.NoError(t, err)
	defer client.Close() //nolint:errcheck // nothing was written
	server, err := target.Accept()
	require.NoError(t, err)
	defer server.Close() //nolint:errcheck // nothing was written

	found := Answerers{}
	found.Look(os.Getpid(), "http://"+target.Addr().String(), "http://"+metrics.Addr().String())
	require.Equal(t, Answerers{os.Getpid(): true, worker.Process.Pid: false}, found)
}
