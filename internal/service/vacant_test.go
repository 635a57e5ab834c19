package service

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAddressIsVacantUntilSomethingListensThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "http://" + listener.Addr().String() + "/base"
	err = Vacant(t.Context(), address, "")
	who := "a process of another user or machine"
	if runtime.GOOS == "linux" {
		name, err := os.ReadFile("/proc/self/comm")
		require.NoError(t, err)
		who = fmt.Sprintf("process %d (%s)", os.Getpid(), string(name[:len(name)-1]))
	}
	require.EqualError(t, err, "before the target was started, "+who+" listened at "+listener.Addr().String()+
		" already; stop it, or, when the command starts the service elsewhere, write target.listener: any")
	require.NoError(t, listener.Close())
	require.NoError(t, Vacant(t.Context(), address, ""))
}

func TestASocketIsVacantUntilSomethingListensThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	require.NoError(t, Vacant(t.Context(), "http://svc", path))
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	defer listener.Close()
	require.ErrorContains(t, Vacant(t.Context(), "http://svc", path), "a process listened at "+path+" already")
}
