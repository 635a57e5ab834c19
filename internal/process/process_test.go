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
	case "harness": // starts a target of the role that HARNESS_TARGET names, and is then killed
		if _, err := Start(Command{Path: os.Args[0], Env: []string{"BRRTLOAD_CHILD=" + os.Getenv("HARNESS_TARGET")}, Output: os.Stderr}); err != nil {
			panic(err)
		}
		forever()
	case "alone": // says its pid
		println("pid", os.Getpid(), "now")
		forever()
	case "wrapper", "daemon", "deaf-daemon": // has a child, in a session of its own or not, and lives on or not
		role := os.Getenv("BRRTLOAD_CHILD")
		service := exec.Command(os.Args[0])
		service.Env = append(os.Environ(), "BRRTLOAD_CHILD=alone")
		service.Stderr = os.Stderr
		service.SysProcAttr = &syscall.SysProcAttr{Setsid: role != "wrapper"}
		if role == "deaf-daemon" {
			ignoreTerm() // and so does the child, that inherits it
		}
		if err := service.Start(); err != nil {
			panic(err)
		}
		if role == "wrapper" {
			forever()
		}
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

// forever sleeps until the process is ended. An empty select would do where cgo is on; without it,
// the runtime calls a process in which every goroutine waits a deadlock, and ends it.
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
		// one in a session of its own is not of the group that Stop ends
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
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
			if _, err := exec.LookPath("setsid"); err != nil && strings.HasPrefix(row.script, "setsid") {
				t.Skip("setsid is not installed")
			}
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

func TestNothingLivesOnWhenTheHarnessIsKilled(t *testing.T) {
	for _, target := range []string{"alone", "wrapper", "daemon", "deaf-daemon"} {
		t.Run(target, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			file, err := os.Create(log)
			require.NoError(t, err)
			defer file.Close() //nolint:errcheck // the child writes it
			harness := exec.Command(os.Args[0])
			harness.Env = append(os.Environ(), "BRRTLOAD_CHILD=harness", "HARNESS_TARGET="+target)
			harness.Stderr = file
			require.NoError(t, harness.Start())
			pid := said(t, log)
			require.True(t, runs(pid))
			require.NoError(t, harness.Process.Kill())
			_ = harness.Wait()
			require.Eventually(t, func() bool { return !runs(pid) }, 20*time.Second, 5*time.Millisecond)
		})
	}
}

func TestStopEndsWhatLeftItsSession(t *testing.T) {
	for _, role := range []string{"daemon", "deaf-daemon"} {
		t.Run(role, func(t *testing.T) {
			p, log := child(t, role)
			pid := said(t, log)
			<-p.Done()
			require.True(t, runs(pid))
			require.NoError(t, p.Stop(time.Minute))
			require.False(t, runs(pid))
			require.Regexp(t, `^the target left process `+strconv.Itoa(pid)+` \(.*\) running; brrtload ended what was left$`, p.Swept())
		})
	}
	p, log := child(t, "wrapper")
	pid := said(t, log)
	require.NoError(t, p.Stop(time.Minute))
	require.Eventually(t, func() bool { return !runs(pid) }, 20*time.Second, 5*time.Millisecond)
	require.Empty(t, p.Swept(), "what is of the target's group ends with it")
}

// A process that became a daemon is found where it serves, though no parent leads to it.
func TestServingFindsADaemon(t *testing.T) {
	p, log := child(t, "daemon")
	pid := said(t, log)
	<-p.Done()
	require.Contains(t, family(p.PID()), pid)
}

// said returns the process id that a child says.
func said(t *testing.T, log string) int {
	t.Helper()
	words := strings.Fields(waitFor(t, log, "now"))
	pid, err := strconv.Atoi(words[1])
	require.NoError(t, err)
	return pid
}

// runs reports whether a process has neither ended nor become a zombie.
func runs(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	return err == nil && !strings.Contains(string(text), "Z (zombie)")
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	_, err := Start(Command{Path: "/nonexistent/target", Log: filepath.Join(t.TempDir(), "log")})
	require.ErrorContains(t, err, "start target /nonexistent/target")
}
