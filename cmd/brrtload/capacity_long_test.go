package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
	"brrtload/reports"
)

// seekKnee searches three times.
func seekKnee(t *testing.T, found *knees, args ...string) {
	t.Helper()
	for range 3 {
		dir := filepath.Join(t.TempDir(), "capacity")
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program("brrtload"), append(args, "--dir", dir)...)
		out, ended := cmd.CombinedOutput()
		t.Logf("%s", out)
		r, err := reports.Read(dir)
		require.NoError(t, err)
		if r.Capacity.Limit != reports.LimitService { // a machine that others use cannot always tell
			require.Equal(t, reports.LimitGenerator, r.Capacity.Limit, "%s", r.Reason)
			require.Equal(t, reports.StatusInconclusive, exitCode(ended))
			require.NotEmpty(t, shortage(r), "%s", r.Reason)
		} else {
			require.NoError(t, ended)
			found.First = append(found.First, r.Capacity.Broke[0].ID)
		}
		found.Limit = append(found.Limit, r.Capacity.Limit)
		found.Found = append(found.Found, r.Capacity.Knee)
		found.Low, found.High = append(found.Low, r.Capacity.Low), append(found.High, r.Capacity.High)
		found.Pressure = append(found.Pressure, r.Where.Pressure)
	}
}

const refusing = `
budgets:
  - id: errors
    why: a service that refuses has no room left
    expr: sum(increase(brrtload_unexpected_total[range()] anchored)) / sum(increase(brrtload_hits_total[range()] anchored))
    must: "< 1%"
  - id: p99
    why: a queue that grows
    expr: histogram_quantile(0.99, sum(increase(brrtload_latency_seconds[range()] anchored)))
    must: "< 500ms"
`

// The knee of the bundled service follows from its settings: coroutines ÷ latency answers a second,
// and a hundredth of the hits may be refused. The mailbox is large enough for a machine that stalls for
// a quarter of a second, and small enough to fill within a probe.
func TestCapacityOfTheBundledServiceIsWhatItsSettingsSay(t *testing.T) {
	tier.Long(t)
	const coroutines, latency, refused = 4, 50 * time.Millisecond, 0.01
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.yaml"), []byte(refusing), 0o644))
	scenario := filepath.Join(dir, "s.yaml")
	require.NoError(t, os.WriteFile(scenario, fmt.Appendf(nil, `
target: {bundled: {args: [--mailbox, "24", --coroutines, "%d"]}}
scrape: {interval: 1s}
stages: [{rate: 50, duration: 2s}]
credentials: {key: {api_key: {header: X-API-Key, value: test-key}}}
requests: [{name: get pet, get: /pets/1, credential: key}]
assert: [./b.yaml]
`, coroutines), 0o644))
	found := knees{Computed: coroutines / latency.Seconds() / (1 - refused)}
	seekKnee(t, &found, "capacity", scenario, "--fault", "handler-latency="+latency.String(), "--min", "40", "--max", "320", "--probe", "20s")
	keepKnees(t, "bundled", found)
	for _, knee := range found.onAFreeMachine(t) {
		require.InEpsilon(t, found.Computed, knee, 0.05)
	}
}

// pooled is a service with five workers, each of which takes 40 ms.
const pooled = `
import http.server, sys, threading, time
room = threading.Semaphore(5)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        with room:
            time.sleep(0.04)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`

// Three searches of a service that is not ours agree.
func TestCapacityOfAForeignServiceIsRepeatable(t *testing.T) {
	tier.Long(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	dir, port := t.TempDir(), freePort(t)
	program := filepath.Join(dir, "service.py")
	require.NoError(t, os.WriteFile(program, []byte(pooled), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.yaml"), []byte(refusing), 0o644))
	scenario := filepath.Join(dir, "s.yaml")
	require.NoError(t, os.WriteFile(scenario, fmt.Appendf(nil, `
target: {url: "http://127.0.0.1:%s", metrics: none}
stages: [{rate: 50, duration: 2s}]
requests: [{name: home, get: /}]
assert: [./b.yaml]
`, port), 0o644))
	service := exec.Command(python, program, port)
	require.NoError(t, service.Start())
	defer func() {
		_ = service.Process.Kill()
		_ = service.Wait()
	}()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 50*time.Millisecond)
	var found knees
	seekKnee(t, &found, "capacity", scenario, "--min", "60", "--max", "480", "--probe", "15s")
	keepKnees(t, "foreign", found)
	require.Less(t, apart(found.onAFreeMachine(t)), 0.10)
}

// onAFreeMachine returns the knees of searches that ended at the service, while others left the
// machine CPU to spare: without it a service answers less. The test is skipped when none did.
func (k knees) onAFreeMachine(t *testing.T) (found []float64) {
	t.Helper()
	for i, knee := range k.Found {
		if k.Limit[i] == reports.LimitService && k.Pressure[i] <= pressed {
			found = append(found, knee)
		}
	}
	if len(found) == 0 {
		t.Skipf("no search had CPU to spare: CPU pressure %.2f, found %.1f", k.Pressure, k.Found)
	}
	return found
}

// keepKnees writes with -update what was found where [TestEvidenceOfCapacity] judges it again.
func keepKnees(t *testing.T, of string, found knees) {
	if !*update {
		return
	}
	all := map[string]knees{}
	if text, err := os.ReadFile(capacityEvidence); err == nil {
		require.NoError(t, json.Unmarshal(text, &all))
	}
	all[of] = found
	text, err := json.MarshalIndent(all, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(capacityEvidence, append(text, '\n'), 0o644))
}
