package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var binaries struct{ instrumented, bare string }

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "targetsvc")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binaries.instrumented = build(filepath.Join(dir, "targetsvc"))
		binaries.bare = build(filepath.Join(dir, "targetsvc-bare"), "-tags", "notelemetry")
		return m.Run()
	}())
}

func build(path string, arguments ...string) string {
	command := exec.Command("go", append(append([]string{"build", "-o", path}, arguments...), ".")...)
	if out, err := command.CombinedOutput(); err != nil {
		panic(string(out))
	}
	return path
}

// process is a started binary.
type process struct {
	t             *testing.T
	command       *exec.Cmd
	listen, admin string
	stderr        *bytes.Buffer // read it after end only
}

// launch starts a binary on ports of its own and waits for its announcement.
func launch(t *testing.T, binary string, arguments ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "announce.json")
	p := &process{t: t, stderr: &bytes.Buffer{}, command: exec.Command(binary, append([]string{"--listen", "127.0.0.1:0",
		"--admin", "127.0.0.1:0", "--announce", file}, arguments...)...)}
	p.command.Stderr = p.stderr
	require.NoError(t, p.command.Start())
	t.Cleanup(func() { p.command.Process.Kill(); p.command.Wait() })
	var a announcement
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(text, &a) == nil
	}, 30*time.Second, 5*time.Millisecond)
	require.Equal(t, p.command.Process.Pid, a.PID)
	p.listen, p.admin = "http://"+a.Listen, "http://"+a.Admin
	return p
}

// end sends a signal and gives the exit status and what was written to stderr.
func (p *process) end(s os.Signal) (int, string) {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Signal(s))
	_ = p.command.Wait() // the status says it
	return p.command.ProcessState.ExitCode(), p.stderr.String()
}

func (p *process) ask(method, url, body string) (int, string) {
	p.t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(p.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(p.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	return response.StatusCode, string(text)
}

func TestProcessEndsInOrder(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			p := launch(t, binaries.instrumented)
			answered := make(chan int, 1)
			go func() {
				// time enough to be seen in flight on a slow machine
				response, err := http.Get(p.listen + "/wait?ms=3000")
				if err != nil {
					answered <- 0
					return
				}
				response.Body.Close()
				answered <- response.StatusCode
			}()
			require.Eventually(t, func() bool {
				_, text := p.ask("GET", p.listen+"/metrics", "")
				return strings.Contains(text, "brrtrouter_active_requests 1")
			}, 10*time.Second, time.Millisecond)
			status, log := p.end(s)
			require.Equal(t, 0, status, log)
			require.Equal(t, http.StatusOK, <-answered, "what was in flight is answered")
		})
	}
}

func TestHangupAndReloadReplaceTheHandlers(t *testing.T) {
	p := launch(t, binaries.instrumented)
	destroyed := func(n string) func() bool {
		return func() bool {
			_, text := p.ask("GET", p.listen+"/metrics", "")
			return strings.Contains(text, "brrtrouter_coroutines_destroyed_total "+n+"\n")
		}
	}
	require.NoError(t, p.command.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, destroyed("68"), 10*time.Second, 5*time.Millisecond)
	status, _ := p.ask("POST", p.admin+"/reload", "")
	require.Equal(t, http.StatusNoContent, status)
	require.Eventually(t, destroyed("136"), 10*time.Second, 5*time.Millisecond)
}

func TestBadReloadLeavesTheServiceAsItWas(t *testing.T) {
	spec := filepath.Join(t.TempDir(), "spec.yaml")
	text, err := os.ReadFile("internal/spec/petstore.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(spec, text, 0o600))
	p := launch(t, binaries.instrumented, "--spec", spec)
	require.NoError(t, os.WriteFile(spec, []byte("openapi: 3.0.3\n"), 0o600))
	status, message := p.ask("POST", p.admin+"/reload", "")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, message, "spec.yaml")
	status, _ = p.ask("GET", p.listen+"/users/1", "")
	require.Equal(t, http.StatusOK, status)
}

func TestFaultsAreSwitchedWhileRunning(t *testing.T) {
	p := launch(t, binaries.bare, "--fault", "panic-every-nth=1")
	status, _ := p.ask("GET", p.listen+"/users/1", "")
	require.Equal(t, http.StatusInternalServerError, status)
	status, text := p.ask("GET", p.admin+"/faults/panic-every-nth", "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, `"on":true,"setting":"1"`)
	status, _ = p.ask("DELETE", p.admin+"/faults/panic-every-nth", "")
	require.Equal(t, http.StatusNoContent, status)
	status, _ = p.ask("GET", p.listen+"/users/1", "")
	require.Equal(t, http.StatusOK, status)
	status, text = p.ask("PUT", p.admin+"/faults/panic-every-nth", "often")
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "panic-every-nth=N")
	status, _ = p.ask("PUT", p.admin+"/faults/sunshine", "1")
	require.Equal(t, http.StatusNotFound, status)
}

func TestCrashIsACrash(t *testing.T) {
	p := launch(t, binaries.instrumented, "--fault", "crash=1h")
	status, _ := p.ask("PUT", p.admin+"/faults/crash", "1ms")
	require.Equal(t, http.StatusNoContent, status)
	_ = p.command.Wait()
	require.Equal(t, 2, p.command.ProcessState.ExitCode())
	require.Contains(t, p.stderr.String(), "fault crash")
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte("mailbx: 1\n"), 0o600))
	for name, row := range map[string]struct {
		arguments []string
		status    int
		says      string
	}{
		"help":                      {[]string{"--help"}, 0, "--listen"[1:]},
		"list of faults":            {[]string{"--list-faults"}, 0, "crash=DURATION"},
		"an unknown flag":           {[]string{"--lisen", "x"}, 2, "lisen"},
		"an argument":               {[]string{"serve"}, 2, `unexpected argument "serve"`},
		"an unknown fault":          {[]string{"--fault", "sunshine=1"}, 2, "unknown fault"},
		"a fault without a value":   {[]string{"--fault", "handler-latency"}, 2, "handler-latency=DURATION"},
		"an unknown group":          {[]string{"--telemetry", "all,-smoke"}, 2, "unknown telemetry group"},
		"a mistake in the file":     {[]string{"--config", bad}, 2, "bad.yaml:1:1"},
		"a value out of range":      {[]string{"--mailbox", "0"}, 2, "mailbox"},
		"an address others reach":   {[]string{"--listen", "0.0.0.0:0"}, 1, "--allow-remote"},
		"an admin others reach":     {[]string{"--allow-remote", "--listen", "127.0.0.1:0", "--admin", ":0"}, 1, "not a loopback address"},
		"a document that is absent": {[]string{"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--spec", "absent.yaml"}, 1, "absent.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.Equal(t, row.status, run(t.Context(), row.arguments, &out, &out), out.String())
			require.Contains(t, out.String(), row.says)
		})
	}
}
