//go:build long && !notelemetry && linux && amd64 && !race

package stack

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSuiteOnArm64 builds this package's tests for arm64 and runs them under qemu's user emulation,
// where that is installed: the assembly for arm64 is then executed, not only compiled.
func TestSuiteOnArm64(t *testing.T) {
	qemu := ""
	for _, name := range []string{"qemu-aarch64-static", "qemu-aarch64"} {
		if path, err := exec.LookPath(name); err == nil {
			qemu = path
			break
		}
	}
	if qemu == "" {
		t.Log("no qemu-aarch64 on PATH (package qemu-user-static): the assembly for arm64 is compiled here, not run")
	}
	binary := filepath.Join(t.TempDir(), "stack.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	if qemu == "" {
		return
	}
	run := exec.CommandContext(t.Context(), qemu, binary, "-test.short", "-test.timeout=60s")
	out, err = run.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "PASS")
}
