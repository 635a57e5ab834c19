package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/stacks"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// nativeService is the example on coroutines with stacks of their own.
const nativeService = "../../docs/examples/may-service"

// buildNative builds the example in a directory of its own, and returns that.
func buildNative(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("cargo"); err != nil {
		t.Skip("cargo is not installed")
	}
	dir := t.TempDir()
	for _, name := range []string{"Cargo.toml", "Cargo.lock", "stacks.yaml", "memory.yaml"} {
		text, err := os.ReadFile(filepath.Join(nativeService, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	require.NoError(t, os.CopyFS(filepath.Join(dir, "src"), os.DirFS(filepath.Join(nativeService, "src"))))
	build := exec.Command("cargo", "build", "--quiet", "--release", "--locked")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

// insideStack is what the example knows of a handler's stack, in bytes.
type insideStack struct {
	Configured, Mapped, Used int64
	Canary                   *int64 // where the stack is painted
	Alive                    bool   // the canary at its end
	reported                 bool   // as a metric
}

// Observed stack use is within a page of what the service knows itself: at three depths, with two
// sizes, painted or not.
func TestStacksOfANativeService(t *testing.T) {
	tier.Long(t)
	dir := buildNative(t)
	t.Run("depths", func(t *testing.T) {
		for _, words := range []int{0x2000, 0x2001, 0x8000, 0x8001} {
			for _, kib := range []int{8, 24, 48} {
				inside, seen := looksOf(t, dir, words, kib)
				at := fmt.Sprintf("%#x words, %d KiB: %+v inside, %+v outside", words, kib, inside, seen)
				page := float64(os.Getpagesize())
				require.InDelta(t, inside.Used, seen.Used.Max, page, at)
				require.GreaterOrEqual(t, seen.Used.Max, int64(kib<<10), at)
				require.Equal(t, inside.Mapped, seen.Size, at)
				require.InDelta(t, inside.Configured, seen.Size, page, at)
				require.True(t, inside.Alive, at)
				if words%2 == 0 {
					require.Nil(t, inside.Canary, at)
					require.False(t, inside.reported, at)
					require.Zero(t, seen.Painted, at)
				} else {
					require.NotNil(t, inside.Canary, at)
					require.True(t, inside.reported, at)
					require.InDelta(t, *inside.Canary, seen.Used.Max, page, at)
					require.Equal(t, 1, seen.Painted, at)
				}
			}
		}
	})
	for name, c := range map[string]struct {
		env    []string
		status int
		check  map[string]assertions.Verdict
	}{
		"healthy": {nil, reports.StatusPass, map[string]assertions.Verdict{"stack-used-is-observed": assertions.Pass,
			"stack-size-is-the-mapping": assertions.Pass, "stack-observed-used": assertions.Pass}},
		"larger, healthy": {[]string{"WORDS=0x10001", "KIB=200"}, reports.StatusPass, map[string]assertions.Verdict{
			"stack-used-is-observed": assertions.Pass}},
		"zero": {[]string{"LIE=zero"}, reports.StatusUntruthful, map[string]assertions.Verdict{
			"stack-used-is-observed": assertions.Untruthful, "stack-size-is-the-mapping": assertions.Pass}},
		"words for bytes": {[]string{"LIE=words"}, reports.StatusUntruthful, map[string]assertions.Verdict{
			"stack-used-is-observed": assertions.Untruthful, "stack-size-is-the-mapping": assertions.Untruthful}},
		"the wrong coroutine's stack": {[]string{"LIE=wrong-coroutine", "WORDS=0x4001"}, reports.StatusUntruthful,
			map[string]assertions.Verdict{"stack-used-is-observed": assertions.Untruthful}},
		"nearly full": {[]string{"KIB=120"}, reports.StatusFail, map[string]assertions.Verdict{
			"stack-observed-used": assertions.Fail, "stack-used-is-observed": assertions.Pass}},
		"not painted, nearly full": {[]string{"KIB=120", "WORDS=0x4000"}, reports.StatusFail,
			map[string]assertions.Verdict{
				"stack-observed-used": assertions.Fail, "stack-used-is-observed": assertions.NotApplicable}},
		"overflow": {[]string{"KIB=200"}, reports.StatusUnreachable, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, status := runNative(t, dir, c.env...)
			if status == reports.StatusInconclusive && shortage(r) != "" {
				t.Skip(shortage(r))
			}
			require.Equal(t, c.status, status, "%s\n%v", r.Reason, r.Notes)
			for id, want := range c.check {
				require.Equal(t, want, checkOf(r, id).Verdict, "%s: %s", id, checkOf(r, id).Reason)
			}
			if c.status == reports.StatusUnreachable {
				require.Contains(t, r.Cause, "overflowed its stack")
			}
		})
	}
}

// looksOf starts the example under `brrtload stack`, has it use its stack, and returns what it knows
// and what was seen.
func looksOf(t *testing.T, dir string, words, kib int) (insideStack, stacks.Group) {
	t.Helper()
	port := freePort(t)
	var out, errs bytes.Buffer
	// A pool of other sizes, so that the handler's stack is the one of its size.
	look := exec.Command(program("brrtload"), "stack", "--for", "3s", "-o", "json",
		filepath.Join(dir, "target/release/may-service"), "--listen", "127.0.0.1:"+port, "--stack-size-deep", strconv.Itoa(words),
		"--stack-size-shallow", "0x1000", "--connection-stack-size", "0x1800")
	look.Stdout, look.Stderr = &out, &errs
	look.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, look.Start())
	get := func(path string) (text []byte, err error) {
		answer, err := http.Get("http://127.0.0.1:" + port + path)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		return io.ReadAll(answer.Body)
	}
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := get("/health"); err == nil {
			break
		} else if time.Now().After(end) {
			_ = look.Wait()
			t.Fatalf("the example did not answer: %v, %s", err, &errs)
		}
	}
	_, err := get("/deep?kib=" + strconv.Itoa(kib))
	require.NoError(t, err)
	text, err := get("/debug/stacks")
	require.NoError(t, err)
	metrics, err := get("/metrics")
	require.NoError(t, err)
	require.NoError(t, look.Wait(), "%s", &errs)
	var inside map[string]insideStack
	require.NoError(t, json.Unmarshal(text, &inside), "%s", text)
	var seen stacks.Sample
	require.NoError(t, json.Unmarshal(out.Bytes(), &seen), "%s", &out)
	require.Regexp(t, `^may 0\.3\.\d+$`, seen.Runtime)
	for _, g := range seen.Groups {
		if g.Size == inside["deep"].Mapped && g.Kind == stacks.Coroutine {
			of := inside["deep"]
			of.reported = bytes.Contains(metrics, []byte(`brrtrouter_coroutine_stack_used_bytes{handler="deep"} `))
			return of, g
		}
	}
	t.Fatalf("no coroutine stack of %d bytes in %+v", inside["deep"].Mapped, seen.Groups)
	return insideStack{}, stacks.Group{}
}

// runNative runs the example's scenario with an environment.
func runNative(t *testing.T, dir string, env ...string) (r reports.Report, status int) {
	t.Helper()
	kept := filepath.Join(t.TempDir(), "run")
	run := exec.Command(program("brrtload"), "run", filepath.Join(dir, "stacks.yaml"), "-q", "--dir", kept)
	run.Env = append(append(os.Environ(), "PORT="+freePort(t), "DURATION=2s"), env...)
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, _ := run.CombinedOutput() // its status is looked at
	text, err := os.ReadFile(filepath.Join(kept, "result.json"))
	require.NoError(t, err, "%s", out)
	require.NoError(t, json.Unmarshal(text, &r))
	return r, run.ProcessState.ExitCode()
}
