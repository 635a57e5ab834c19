package memory

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeTools makes a directory with programs and heaptrack's files, which becomes the PATH, and
// returns it. The programs do nothing.
func fakeTools(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		text := "\x7fnot really"
		if filepath.Base(name) == "heaptrack" {
			text = "#!/bin/sh\nLIB_REL_PATH=\"../elsewhere\"\nLIBEXEC_REL_PATH=\"../elsewhere/run\"\n"
		}
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	}
	t.Setenv("PATH", filepath.Join(root, "bin"))
	t.Setenv("LD_PRELOAD", "")
	return root
}

func TestWrapHeaptrack(t *testing.T) {
	for _, places := range [][2]string{
		{"elsewhere/", "elsewhere/run/"}, // as the script says
		{"lib/heaptrack/", "lib/heaptrack/libexec/"},
		{"lib64/heaptrack/", "lib64/heaptrack/libexec/"},
	} {
		root := fakeTools(t, "bin/heaptrack", "bin/env", "bin/service", places[0]+"libheaptrack_preload.so", places[1]+"heaptrack_interpret")
		dir := filepath.Join(t.TempDir(), "made")
		command, err := Heaptrack.Wrap([]string{"service", "--port", "80"}, dir)
		require.NoError(t, err)
		require.Equal(t, []string{filepath.Join(root, "bin/env"), "LD_PRELOAD=" + filepath.Join(root, places[0], "libheaptrack_preload.so"),
			"DUMP_HEAPTRACK_OUTPUT=" + dir + "/heaptrack.$$.raw", "service", "--port", "80"}, command)
		require.DirExists(t, dir)
		t.Setenv("LD_PRELOAD", "/lib/other.so")
		command, err = Heaptrack.Wrap([]string{"service"}, dir)
		require.NoError(t, err)
		require.Contains(t, command[1], "libheaptrack_preload.so:/lib/other.so")
		_, err = Heaptrack.Wrap([]string{"service"}, "run$$")
		require.ErrorContains(t, err, "heaptrack replaces $$ in it; choose another")
	}
	fakeTools(t, "bin/heaptrack", "bin/service")
	_, err := Heaptrack.Wrap([]string{"service"}, t.TempDir())
	require.ErrorContains(t, err, "run `apt-get install --reinstall heaptrack libheaptrack`")
}

func TestWrapValgrind(t *testing.T) {
	root := fakeTools(t, "bin/valgrind", "bin/service")
	dir := filepath.Join(t.TempDir(), "50%")
	for tool, want := range map[Tool]string{DHAT: "--dhat-out-file=", Massif: "--massif-out-file="} {
		command, err := tool.Wrap([]string{"service", "-v"}, dir)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(root, "bin/valgrind"), command[0])
		require.Contains(t, command, "--tool="+string(tool))
		require.Contains(t, command, "--trace-children=yes")
		require.Contains(t, command, want+dir+"%/"+string(tool)+".%p")
		require.Equal(t, []string{"--", "service", "-v"}, command[len(command)-3:])
	}
}

func TestWrapSaysWhatIsMissing(t *testing.T) {
	fakeTools(t, "bin/service")
	_, err := Heaptrack.Wrap([]string{"service"}, t.TempDir())
	require.ErrorContains(t, err, "heaptrack is not installed")
	require.ErrorContains(t, err, "run `apt-get install heaptrack`")
	for _, tool := range []Tool{DHAT, Massif} {
		_, err := tool.Wrap([]string{"service"}, t.TempDir())
		require.ErrorContains(t, err, "run `apt-get install valgrind`")
	}
	_, err = Pprof.Wrap([]string{"service"}, t.TempDir())
	require.ErrorContains(t, err, "over HTTP, and wraps no command")
	_, err = Tool("memray").Wrap([]string{"service"}, t.TempDir())
	require.ErrorContains(t, err, `unknown memory tool "memray"; want one of [pprof heaptrack dhat massif]`)
	_, err = DHAT.Wrap(nil, t.TempDir())
	require.ErrorContains(t, err, "no command to trace; give target.command")
}

func TestWrapRefusesWhatAToolSeesNothingOf(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	root := fakeTools(t, "bin/valgrind", "bin/heaptrack", "bin/env", "bin/bash", "lib/heaptrack/libheaptrack_preload.so",
		"lib/heaptrack/libexec/heaptrack_interpret")
	script := filepath.Join(root, "start.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/usr/bin/env -S bash -e\nexec ./service\n"), 0o755))
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		_, err := tool.Wrap([]string{self}, t.TempDir())
		require.ErrorContains(t, err, "is a Go program (go", tool)
		require.ErrorContains(t, err, "use pprof")
		_, err = tool.Wrap([]string{"nosuch"}, t.TempDir())
		require.ErrorContains(t, err, "correct target.command")
		_, err = tool.Wrap([]string{"./nosuch"}, t.TempDir())
		require.NoError(t, err, "it may be relative to where the target is started")
	}
	for _, program := range []string{"bash", script} {
		_, err = Heaptrack.Wrap([]string{program}, t.TempDir())
		require.ErrorContains(t, err, "runs in a shell, and heaptrack does not follow what a shell starts")
		_, err = DHAT.Wrap([]string{program}, t.TempDir())
		require.NoError(t, err)
	}
}
