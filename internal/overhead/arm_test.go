package overhead

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryArmRunsACopyOfItsOwn(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho here\n"), 0o755))
	dir := t.TempDir()
	paths := map[string]bool{}
	for _, name := range []string{"baseline", "metrics only"} {
		a, err := Arm{Name: name, Command: Command{Path: program}}.copied(dir)
		require.NoError(t, err)
		out, err := exec.Command(a.Command.Path).Output()
		require.NoError(t, err)
		require.Equal(t, "here\n", string(out))
		paths[a.Command.Path] = true
		one, err := os.Stat(a.Command.Path)
		require.NoError(t, err)
		other, err := os.Stat(program)
		require.NoError(t, err)
		require.False(t, os.SameFile(one, other))
	}
	require.Len(t, paths, 2)
	_, err := Arm{Name: "gone", Command: Command{Path: program + "x"}}.copied(dir)
	require.ErrorContains(t, err, "arm gone")
}

func TestCommandsAreReadAsPeopleTypeThem(t *testing.T) {
	c, err := ParseCommand(`LOG=off ./plain -addr 127.0.0.1:{port} --name 'two words'`)
	require.NoError(t, err)
	require.Equal(t, Command{Path: "./plain", Args: []string{"-addr", "127.0.0.1:{port}", "--name", "two words"}, Env: []string{"LOG=off"}}, c)
	varied, err := c.With("TRACE=1 --quiet")
	require.NoError(t, err)
	require.Equal(t, []string{"LOG=off", "TRACE=1"}, varied.Env)
	require.Equal(t, []string{"-addr", "127.0.0.1:{port}", "--name", "two words", "--quiet"}, varied.Args)
	require.Len(t, c.Args, 4, "the command itself stays")
	for _, wrong := range []string{"", "A=b", "./x 'unclosed"} {
		_, err := ParseCommand(wrong)
		require.Error(t, err, wrong)
	}
}
