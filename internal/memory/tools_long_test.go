//go:build long

package memory

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/process"
)

var update = flag.Bool("update", false, "record the files under testdata anew; needs root, for it compiles in /usr/src/example")

// compiled compiles the programs of testdata in a directory, and returns it.
func compiled(t *testing.T, dir string, programs ...string) string {
	t.Helper()
	sources, err := filepath.Abs("testdata/programs")
	require.NoError(t, err)
	for _, name := range []string{"service.c", "names.cc", "names.rs"} {
		text, err := os.ReadFile(filepath.Join(sources, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	commands := map[string]string{
		"service":      "gcc -g -O1 -o service service.c",
		"own-malloc":   "gcc -g -O1 -DOWN_MALLOC -o own-malloc service.c",
		"stripped":     "gcc -O1 -s -o stripped service.c",
		"static":       "gcc -O1 -static -o static service.c",
		"names-cc":     "g++ -g -O1 -o names-cc names.cc",
		"names-rust":   "rustc -g -C opt-level=1 -C symbol-mangling-version=v0 -o names-rust names.rs",
		"names-legacy": "RUSTC_BOOTSTRAP=1 rustc -g -C opt-level=1 -Z unstable-options -C symbol-mangling-version=legacy -o names-legacy names.rs",
	}
	for _, name := range programs {
		compiler := strings.Fields(strings.TrimPrefix(commands[name], "RUSTC_BOOTSTRAP=1 "))[0]
		if _, err := exec.LookPath(compiler); err != nil {
			t.Skipf("%s is not installed", compiler)
		}
		cmd := exec.Command("sh", "-c", commands[name])
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", commands[name], out)
	}
	return dir
}

// installed skips a test without the programs that it needs.
func installed(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// traced runs a program of a directory under a tool, ends it by a signal once it says that it is
// ready, if one is given, and returns where the tool wrote.
func traced(t *testing.T, tool Tool, dir string, end syscall.Signal, command ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "50% of it")
	wrapped, err := tool.Wrap(command, to)
	require.NoError(t, err)
	cmd := exec.Command(wrapped[0], wrapped[1:]...)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var said bytes.Buffer
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	defer time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }).Stop()
	text := make([]byte, len("ready\n"))
	if end != 0 {
		_, err := io.ReadFull(out, text)
		require.NoError(t, err, "%s", said.Bytes())
		if tool == Heaptrack {
			exe, err := os.Readlink("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/exe")
			require.NoError(t, err)
			require.Equal(t, "service", filepath.Base(exe), "the process is the service's own, not a script's")
		}
		require.NoError(t, cmd.Process.Signal(end))
	}
	_, err = io.Copy(io.Discard, out)
	require.NoError(t, err)
	if err := cmd.Wait(); err != nil {
		require.Equal(t, end, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(), "%s", said.Bytes())
	}
	return to
}

func TestToolsSeeWhatTheServiceAllocates(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "service")
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		t.Run(string(tool), func(t *testing.T) {
			to := traced(t, tool, dir, 0, "./service")
			p, err := Read(tool, to)
			require.NoError(t, err)
			requireService(t, p, serviceSites)
			again, err := Read(tool, to)
			require.NoError(t, err)
			require.Equal(t, p, again)
		})
	}
}

// A service that is ended by SIGTERM, which it handles, leaves whole files.
func TestToolsOfAServiceThatIsAskedToEnd(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "service")
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		t.Run(string(tool), func(t *testing.T) {
			p, err := Read(tool, traced(t, tool, dir, syscall.SIGTERM, "./service", "wait"))
			require.NoError(t, err)
			requireService(t, p, serviceSites)
			require.NotContains(t, strings.Join(p.Unseen, "\n"), "ends before")
		})
	}
}

// As a run does it: under the supervisor of package process, whose end sweeps away what is left.
func TestToolsUnderTheSupervisor(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "service")
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		t.Run(string(tool), func(t *testing.T) {
			to := t.TempDir()
			wrapped, err := tool.Wrap([]string{"./service", "wait"}, to)
			require.NoError(t, err)
			log := filepath.Join(t.TempDir(), "log")
			p, err := process.Start(process.Command{Path: wrapped[0], Args: wrapped[1:], Dir: dir, Log: log})
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				text, err := os.ReadFile(log)
				return err == nil && strings.Contains(string(text), "ready")
			}, time.Minute, 50*time.Millisecond)
			require.NoError(t, p.Stop(time.Minute))
			require.Empty(t, p.Swept(), "nothing was left running")
			profile, err := Read(tool, to)
			require.NoError(t, err)
			requireService(t, profile, serviceSites)
		})
	}
}

// A service that SIGTERM kills loses the last records of heaptrack, and none of valgrind's.
func TestToolsOfAServiceThatASignalKills(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "service")
	for _, tool := range []Tool{DHAT, Massif} {
		t.Run(string(tool), func(t *testing.T) {
			p, err := Read(tool, traced(t, tool, dir, syscall.SIGTERM, "./service", "killed"))
			require.NoError(t, err)
			requireService(t, p, serviceSites)
		})
	}
	t.Run("heaptrack", func(t *testing.T) {
		p, err := Read(Heaptrack, traced(t, Heaptrack, dir, syscall.SIGTERM, "./service", "killed"))
		require.NoError(t, err)
		start := siteNamed(t, p, "start")
		require.EqualValues(t, 3000, start.Points[len(start.Points)-1].Bytes)
		require.LessOrEqual(t, p.Total[len(p.Total)-1].Bytes, int64(118200+72704))
		require.Contains(t, strings.Join(p.Unseen, "\n"), "ends before the process did")
	})
}

func TestToolsOfAServiceThatForks(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "service")
	t.Run("heaptrack", func(t *testing.T) {
		p, err := Read(Heaptrack, traced(t, Heaptrack, dir, 0, "./service", "fork"))
		require.NoError(t, err)
		requireService(t, p, serviceSites)
		require.Contains(t, p.Unseen[0], "followed service only")
	})
	t.Run("dhat", func(t *testing.T) {
		p, err := Read(DHAT, traced(t, DHAT, dir, 0, "./service", "fork"))
		require.NoError(t, err)
		requireForked(t, p)
	})
	t.Run("massif", func(t *testing.T) {
		p, err := Read(Massif, traced(t, Massif, dir, 0, "./service", "fork"))
		require.NoError(t, err)
		requireService(t, p, serviceSites)
		require.Contains(t, strings.Join(p.Unseen, "\n"), "other processes: 1, with a lower peak")
	})
	t.Run("shell", func(t *testing.T) {
		p, err := Read(DHAT, traced(t, DHAT, dir, 0, "sh", "-c", "./service; true"))
		require.NoError(t, err)
		leak := siteNamed(t, p, "leak")
		require.EqualValues(t, 50, leak.Points[0].Live)
	})
}

func TestWrapRefusesAStaticProgram(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "static")
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		_, err := tool.Wrap([]string{filepath.Join(dir, "static")}, t.TempDir())
		require.ErrorContains(t, err, "is linked statically")
	}
}

// valgrind replaces a malloc that the program itself defines; heaptrack cannot.
func TestToolsOfAProgramWithItsOwnMalloc(t *testing.T) {
	installed(t, "heaptrack", "valgrind")
	dir := compiled(t, t.TempDir(), "own-malloc")
	_, err := Heaptrack.Wrap([]string{filepath.Join(dir, "own-malloc")}, t.TempDir())
	require.ErrorContains(t, err, "defines malloc itself")
	p, err := Read(DHAT, traced(t, DHAT, dir, 0, "./own-malloc"))
	require.NoError(t, err)
	requireService(t, p, serviceSites)
}

// TestRecord makes the files of testdata.
func TestRecord(t *testing.T) {
	if !*update {
		t.Skip("records testdata anew: -update")
	}
	installed(t, "heaptrack", "valgrind")
	dir := "/usr/src/example"
	require.NoError(t, os.MkdirAll(dir, 0o755))
	compiled(t, dir, "service", "stripped", "names-cc", "names-rust", "names-legacy")
	for _, of := range []struct {
		name    string
		command []string
		tools   []Tool
	}{
		{"service", []string{"./service"}, []Tool{Heaptrack, DHAT, Massif}},
		{"stripped", []string{"./stripped"}, []Tool{Heaptrack, DHAT, Massif}},
		{"names-cc", []string{"./names-cc"}, []Tool{Heaptrack, DHAT, Massif}},
		{"names-rust", []string{"./names-rust"}, []Tool{Heaptrack, DHAT, Massif}},
		{"names-legacy", []string{"./names-legacy"}, []Tool{Heaptrack}},
		{"fork", []string{"./service", "fork"}, []Tool{DHAT, Massif}},
	} {
		for _, tool := range of.tools {
			to := filepath.Join(dir, "memory")
			require.NoError(t, os.RemoveAll(to))
			t.Chdir(dir)
			wrapped, err := tool.Wrap(of.command, to)
			require.NoError(t, err)
			out, err := exec.Command(wrapped[0], wrapped[1:]...).CombinedOutput()
			require.NoError(t, err, "%s", out)
			_, err = Read(tool, to)
			require.NoError(t, err)
			files, err := named(to, string(tool)+".", "")
			require.NoError(t, err)
			t.Chdir(filepath.Join(sourceDir, "testdata"))
			require.NoError(t, os.MkdirAll(of.name, 0o755))
			for i, path := range files {
				record(t, path, filepath.Join(of.name, string(tool)+"."+strconv.Itoa(i+1)))
			}
		}
	}
}

// sourceDir is where the tests start.
var sourceDir = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()

// record copies a file under a name without the process id, compressed if it is large.
func record(t *testing.T, from, to string) {
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	switch {
	case strings.HasSuffix(from, ".zst"):
		to += ".zst"
	case len(text) > 30_000:
		var small bytes.Buffer
		w, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
		require.NoError(t, err)
		_, err = w.Write(text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		text, to = small.Bytes(), to+".gz"
	}
	require.NoError(t, os.WriteFile(to, text, 0o644))
}
