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

// The test binary is its own child: it does what BRRTLOAD_CHILD asks.
func TestMain(m *testing.M) {
	switch os.Getenv("BRRTLOAD_CHILD") {
	case "":
		os.Exit(m.Run())
	case "burn":
		for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		}
		println("burnt")
		forever()
	case "stubborn":
		trap := exec.Command("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
		trap.Stdout, trap.Stderr = os.Stdout, os.Stderr
		ignoreTerm() // before ready is said
		_ = trap.Start()
		forever()
	case "parent": // starts a child of its own, says its pid, and is then killed
		p, err := Start(Command{Path: os.Args[0], Log: os.DevNull, Env: []string{"BRRTLOAD_CHILD=burn"}})
		if err != nil {
			panic(err)
		}
		println("pid", p.PID())
		forever()
	case "serve", "share": // listens, and says where; share has a child hold the socket, too
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		if os.Getenv("BRRTLOAD_CHILD") == "share" {
			file, _ := l.(*net.TCPListener).File()
			worker := exec.Command("sleep", "60")
			worker.ExtraFiles = []*os.File{file}
			if err := worker.Start(); err != nil {
				panic(err)
			}
		}
		println("serves", os.Getpid(), l.Addr().(*net.TCPAddr).Port, "now")
		forever()
	case "seven":
		os.Exit(7)
	}
}

// forever sleeps until the process is ended. An empty select would do where cgo is on; without it, the runtime calls
// a process in which every goroutine waits a deadlock, and ends it.
func forever() {
	for {
		time.Sleep(time.Hour)
	}
}

func child(t *testing.T, role string) (*Process, string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	p, err := Start(Command{Path: os.Args[0], Log: log, Env: []string{"BRRTLOAD_CHILD=" + role}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Stop(0) })
	return p, log
}

func waitFor(t *testing.T, log, word string) string {
	t.Helper()
	var text []byte
	require.Eventually(t, func() bool {
		text, _ = os.ReadFile(log)
		return strings.Contains(string(text), word)
	}, 20*time.Second, 5*time.Millisecond)
	return string(text)
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestCPUAndMemoryAreTheChilds(t *testing.T) {
	p, log := child(t, "burn")
	waitFor(t, log, "burnt")
	used, err := UsageOf(p.PID())
	require.NoError(t, err)
	require.Greater(t, used.CPU, time.Millisecond, "the child burnt CPU; its clock must show it")
	require.Greater(t, used.Resident, int64(1<<20))
	require.GreaterOrEqual(t, used.ResidentPeak, used.Resident)
	require.NoError(t, p.Stop(10*time.Second))
	_, err = CPU(p.PID())
	require.Error(t, err, "a process that is gone has no CPU clock")
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	p, log := child(t, "stubborn")
	waitFor(t, log, "ready")
	require.ErrorContains(t, p.Stop(50*time.Millisecond), "was killed")
	require.Eventually(t, func() bool { return syscall.Kill(-p.PID(), 0) != nil }, 10*time.Second, 5*time.Millisecond,
		"the whole group must be gone, the grandchild too")
}

func TestEndedTellsHow(t *testing.T) {
	p, _ := child(t, "seven")
	<-p.Done()
	how, ended := p.Ended()
	require.True(t, ended)
	require.Equal(t, "ended with status 7", how)
	require.NoError(t, p.Stop(time.Second), "stopping what has ended is no error")

	q, log := child(t, "burn")
	waitFor(t, log, "burnt")
	_, ended = q.Ended()
	require.False(t, ended)
	require.NoError(t, syscall.Kill(q.PID(), syscall.SIGKILL))
	<-q.Done()
	how, _ = q.Ended()
	require.Equal(t, "was killed by signal 9 (killed)", how)
}

// What a wrapper uses says nothing of the service in it.
func TestServingIsTheOneThatListens(t *testing.T) {
	start := func(t *testing.T, role, script string) (p *Process, pid, port int) {
		log := filepath.Join(t.TempDir(), "log")
		p, err := Start(Command{Path: "sh", Args: []string{"-c", script, os.Args[0]}, Log: log, Env: []string{"BRRTLOAD_CHILD=" + role}})
		require.NoError(t, err)
		t.Cleanup(func() { _ = p.Stop(0) })
		words := strings.Fields(waitFor(t, log, "now"))
		pid, _ = strconv.Atoi(words[1])
		port, _ = strconv.Atoi(words[2])
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) }) // one in a session of its own is not of the group that Stop ends
		return p, pid, port
	}
	for name, row := range map[string]struct {
		script  string
		wrapped bool
	}{
		"by itself":                     {`exec "$0"`, false},
		"under a shell":                 {`"$0"; true`, true},
		"under nice under a shell":      {`nice "$0"; true`, true},
		"in a session of its own":       {`setsid --wait "$0"; true`, true},
		"whose parent has left it":      {`("$0" &); sleep 60`, true},
		"under a shell with more to do": {`sleep 61 & "$0"; true`, true},
	} {
		t.Run(name, func(t *testing.T) {
			p, pid, port := start(t, "serve", row.script)
			serving, err := Serving(p.PID(), port)
			require.NoError(t, err)
			require.Equal(t, pid, serving)
			require.Equal(t, row.wrapped, serving != p.PID())
		})
	}
	p, pid, port := start(t, "share", `"$0"; true`)
	_, err := Serving(p.PID(), port)
	require.ErrorContains(t, err, "2 processes listen at port "+strconv.Itoa(port)+" together: "+strconv.Itoa(pid)+", ")
	for _, of := range []int{p.PID(), 0} {
		found, busy := Answering(of, port)
		require.Len(t, found, 1, "the master only keeps the port open")
		require.NotEqual(t, pid, found[0])
		require.Empty(t, busy)
	}
	_, err = Serving(p.PID(), 1)
	require.EqualError(t, err, "neither process "+strconv.Itoa(p.PID())+" nor one that it started listens at port 1")
}

func TestNoOrphanWhenTheHarnessIsKilled(t *testing.T) {
	p, log := child(t, "parent")
	text := waitFor(t, log, "pid ")
	pid, err := strconv.Atoi(strings.Fields(text)[1])
	require.NoError(t, err)
	require.True(t, alive(pid))
	require.NoError(t, syscall.Kill(p.PID(), syscall.SIGKILL))
	require.Eventually(t, func() bool {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		return err != nil || strings.Contains(string(status), "Z (zombie)")
	}, 10*time.Second, 5*time.Millisecond)
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	_, err := Start(Command{Path: "/nonexistent/target", Log: filepath.Join(t.TempDir(), "log")})
	require.ErrorContains(t, err, "start target /nonexistent/target")
}
