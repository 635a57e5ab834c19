package process

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listen starts a child that listens, and returns where.
func listen(t *testing.T, script string) (p *Process, pid, port int) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	p, err := Start(Command{Path: "sh", Args: []string{"-c", script, os.Args[0]}, Log: log, Env: []string{"BRRTLOAD_CHILD=serve"}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Stop(0) })
	words := strings.Fields(waitFor(t, log, "now"))
	pid, _ = strconv.Atoi(words[1])
	port, _ = strconv.Atoi(words[2])
	return p, pid, port
}

func TestAStrangerIsNotTheTarget(t *testing.T) {
	stranger, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer stranger.Close()
	p, pid, port := listen(t, `"$0"; true`)
	_, err = Serving(p.PID(), stranger.Addr().(*net.TCPAddr).Port)
	require.ErrorIs(t, err, ErrStranger)
	found, err := Serving(p.PID(), port)
	require.NoError(t, err)
	require.Equal(t, pid, found)
	require.Equal(t, []int{pid}, Peers(p.PID()), "the shell listens nowhere")
	require.Equal(t, []int{pid}, Listeners(port))
	name, err := os.ReadFile("/proc/self/comm")
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(name)), Name(pid))
}

func TestAUnixSocketHasItsProcess(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"s", "a socket  of two blanks", " s "} {
		path := filepath.Join(t.TempDir(), name)
		listener, err := net.Listen("unix", path)
		require.NoError(t, err)
		defer listener.Close()
		found, err := ServingUnix(os.Getpid(), path)
		require.NoError(t, err)
		require.Equal(t, os.Getpid(), found)
		_, err = ServingUnix(os.Getpid(), path+"2")
		require.ErrorIs(t, err, ErrStranger)
	}
	require.NoError(t, os.Mkdir("a folder", 0o755))
	listener, err := net.Listen("unix", "a folder/s")
	require.NoError(t, err)
	defer listener.Close()
	_, err = ServingUnix(os.Getpid(), "folder/s")
	require.NoError(t, err, "the socket's own name counts, since its folder may be written otherwise")
	_, err = ServingUnix(os.Getpid(), "a")
	require.ErrorIs(t, err, ErrStranger)
}

func TestAProcessStartedAfterItsParentAndBeforeNow(t *testing.T) {
	_, pid, _ := listen(t, `exec "$0"`)
	own, err := Started(os.Getpid())
	require.NoError(t, err)
	started, err := Started(pid)
	require.NoError(t, err)
	require.False(t, started.Before(own))
	// The kernel rounds the machine's start to a second.
	require.WithinRange(t, started, own, time.Now().Add(2*time.Second))
}

// A service under sudo(8) belongs to another user, whose files we may not read: the user that
// opened the socket decides. One user looks at a process of another, and for that the test starts
// itself anew.
func TestTheTargetOfAnotherUserIsKnownByItsSocket(t *testing.T) {
	const nobody, other = 65534, 65533
	if ask := os.Getenv("BRRTLOAD_ASK"); ask != "" {
		words := strings.Fields(ask)
		pid, _ := strconv.Atoi(words[0])
		port, _ := strconv.Atoi(words[1])
		_, unreadable := os.ReadDir("/proc/" + words[0] + "/fd")
		require.ErrorIs(t, unreadable, os.ErrPermission)
		found, err := Serving(pid, port)
		require.NoError(t, err)
		require.Equal(t, pid, found)
		require.Empty(t, Listeners(port), "it cannot be seen who listens")
		_, err = Serving(pid, 1)
		require.ErrorIs(t, err, ErrStranger)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("only root can be two other users")
	}
	program := filepath.Join(t.TempDir(), "child") // where other users may read it
	binary, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, binary, 0o755))
	for dir := filepath.Dir(program); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	as := func(uid uint32, env string, args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = "/", append(os.Environ(), env)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		return cmd
	}
	serve := as(nobody, "BRRTLOAD_CHILD=serve")
	log := filepath.Join(t.TempDir(), "log")
	file, err := os.Create(log)
	require.NoError(t, err)
	defer file.Close()
	serve.Stderr = file
	require.NoError(t, serve.Start())
	defer func() { _ = serve.Process.Kill(); _ = serve.Wait() }()
	words := strings.Fields(waitFor(t, log, "now"))
	said, err := as(other, "BRRTLOAD_ASK="+words[1]+" "+words[2], "-test.run=^"+t.Name()+"$").CombinedOutput()
	require.NoError(t, err, "%s", said)
}

// A process that listens has a connection once it has accepted one.
func TestConnected(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close() //nolint:errcheck // the test ends
	port := listener.Addr().(*net.TCPAddr).Port
	own := []int{os.Getpid(), 1}
	require.Empty(t, Connected(own, port))
	client, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer client.Close() //nolint:errcheck // the test ends
	accepted, err := listener.Accept()
	require.NoError(t, err)
	require.Equal(t, own[:1], Connected(own, port))
	require.NoError(t, accepted.Close())
	require.Empty(t, Connected(own, port))
}
