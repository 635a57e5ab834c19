package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// The seed's validation of odd sizes, on the bundled service: with an odd size what is reported
// grows by the depth that is asked for, and an overflow is counted for each request; with an even
// one nothing is reported. The other handlers, which keep their odd size, are measured as before.
func TestOddSizesOnTheBundledService(t *testing.T) {
	tier.Long(t)
	const step = 256 // bytes asked for that one more call of the recursion stands for
	odd := func(calls int) oddSize { return drillOdd(t, "0x8001", calls*step) }
	shallow, deeper, deep := odd(40), odd(64), odd(104) // a page itself uses 7 KiB
	used := [3]float64{shallow.used["pet_page"], deeper.used["pet_page"], deep.used["pet_page"]}
	frame := (used[1] - used[0]) / (64 - 40) // of one call, which is larger than the array in it
	require.Equal(t, frame, float64(int(frame)), "used %v", used)
	require.Equal(t, frame, (used[2]-used[1])/(104-64), "each call of the recursion shows, to the byte: used %v", used)
	require.GreaterOrEqual(t, frame, float64(step))
	require.Less(t, frame, 2.0*step)
	for _, d := range []oddSize{shallow, deeper, deep} {
		require.Equal(t, 32769.0, d.size["pet_page"])
		require.Less(t, d.used["pet_page"], d.size["pet_page"])
		require.Zero(t, d.overflows["pet_page"])
	}
	over := odd(160)
	require.Greater(t, over.used["pet_page"], over.size["pet_page"])
	require.Equal(t, over.hits, over.overflows["pet_page"], "each request is counted once")

	even := drillOdd(t, "0x8000", 40*step)
	require.NotContains(t, even.used, "pet_page")
	require.NotContains(t, even.overflows, "pet_page")
	require.Contains(t, even.size, "pet_page")
	require.Contains(t, even.used, "get_pet", "the others have the global size, which is odd")
}

// oddSize is what was reported of stacks, by handler, in bytes, and how many hits the page had.
type oddSize struct {
	size, used, overflows map[string]float64
	hits                  float64
}

// drillOdd runs pages with a stack of a size of their own and a recursion of this many bytes.
func drillOdd(t *testing.T, size string, depth int) oddSize {
	t.Helper()
	dir := t.TempDir()
	scenario := filepath.Join(dir, "odd.yaml")
	require.NoError(t, os.WriteFile(scenario, fmt.Appendf(nil, `
target:
  bundled: {args: [--track-stacks=false], faults: {deep-recursion: "%d"}}
  env: {BRRTR_STACK_SIZE: "0x20001", BRRTR_STACK_SIZE__PET_PAGE: %q}
stages: [{rate: 60, duration: 1s}]
requests: [{get: /page/7}]
`, depth, size), 0o644))
	kept := filepath.Join(dir, "run")
	run := exec.Command(program("brrtload"), "run", scenario, "-q", "--dir", kept)
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, _ := run.CombinedOutput() // what it comes to is not the question here
	values := func(expr string) map[string]float64 {
		answer, err := exec.Command(program("brrtload"), "query", kept, expr, "-o", "json").Output()
		require.NoError(t, err, "%s: %s", expr, out)
		var found struct {
			Series []struct {
				Labels map[string]string
				Value  float64
			}
		}
		require.NoError(t, json.NewDecoder(strings.NewReader(string(answer))).Decode(&found))
		all := map[string]float64{}
		for _, s := range found.Series {
			all[s.Labels["handler"]] = s.Value
		}
		return all
	}
	return oddSize{
		size:      values("brrtrouter_coroutine_stack_bytes"),
		used:      values("brrtrouter_coroutine_stack_used_bytes"),
		overflows: values("increase(brrtrouter_coroutine_stack_overflows_total[range()] anchored)"),
		hits:      values(`sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))`)[""],
	}
}
