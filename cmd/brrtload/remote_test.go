package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// prometheus starts the installed Prometheus with a receiver of remote write and returns its address.
func prometheus(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus")
	}
	dir, address := t.TempDir(), "127.0.0.1:"+freePort(t)
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte("global: {scrape_interval: 1h}\n"), 0o644))
	cmd := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--web.enable-remote-write-receiver", "--enable-feature=native-histograms")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		answer, err := http.Get("http://" + address + "/-/ready")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, time.Minute, 100*time.Millisecond)
	return "http://" + address
}

// asked returns the value of an instant query at a time, and false when nothing matches.
func askPrometheus(t *testing.T, address, query string, at time.Time) (float64, bool) {
	t.Helper()
	answer, err := http.Get(address + "/api/v1/query?" + url.Values{"query": {query}, "time": {fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000)}}.Encode())
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	var found struct {
		Status string
		Data   struct{ Result []struct{ Value [2]any } }
	}
	require.NoError(t, json.Unmarshal(text, &found), "%s", text)
	require.Equal(t, "success", found.Status, "%s: %s", query, text)
	if len(found.Data.Result) == 0 {
		return 0, false
	}
	require.Len(t, found.Data.Result, 1, "%s", text)
	v, err := strconv.ParseFloat(found.Data.Result[0].Value[1].(string), 64)
	require.NoError(t, err)
	return v, true
}

// lastCount returns the count of the last native histogram of a range.
func lastCount(t *testing.T, address, query string, at time.Time) string {
	t.Helper()
	answer, err := http.Get(address + "/api/v1/query?" + url.Values{"query": {query}, "time": {fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000)}}.Encode())
	require.NoError(t, err)
	defer answer.Body.Close()
	var found struct {
		Data struct {
			Result []struct{ Histograms [][2]json.RawMessage }
		}
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&found))
	require.Len(t, found.Data.Result, 1)
	list := found.Data.Result[0].Histograms
	require.NotEmpty(t, list)
	var h struct{ Count string }
	require.NoError(t, json.Unmarshal(list[len(list)-1][1], &h))
	return h.Count
}

// A real Prometheus takes a run, of whichever version of remote write it knows: its counts are the
// ledger's, native histograms are native, and every series has ended when the run has.
func TestPrometheusTakesARunByRemoteWrite(t *testing.T) {
	tier.Long(t)
	address, dir := prometheus(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "s.yaml"), []byte(`
target: {bundled: {}}
stages: [{rate: 50, duration: 4s}]
requests: [{name: missing, get: /no/such/route, expect: [404]}]
`), 0o644))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	began := time.Now()
	out, err := exec.CommandContext(ctx, program("brrtload"), "run", filepath.Join(dir, "s.yaml"), "--dir", filepath.Join(dir, "night-1"),
		"--remote-write", address+"/api/v1/write").CombinedOutput()
	require.Contains(t, []int{0, 4}, exitCode(err), "%s", out)
	require.NotContains(t, string(out), "remote write:")
	end, took := time.Now(), time.Since(began)
	over := fmt.Sprintf("[%ds]", int(took.Seconds())+5)
	for query, want := range map[string]float64{
		`sum(last_over_time(brrtload_hits_total{brrtload_run="night-1",status="404"}` + over + `))`:            200,
		`sum(last_over_time(brrtrouter_requests_total{brrtload_run="night-1",status="404"}` + over + `))`:      200,
		`max(last_over_time(brrtload_dropped{brrtload_run="night-1"}` + over + `))`:                            0,
		`count(count by (brrtload_run) (last_over_time({__name__=~"brrtload_.+|brrtrouter_.+"}` + over + `)))`: 1,
	} {
		got, found := askPrometheus(t, address, query, end)
		require.True(t, found, query)
		require.Equal(t, want, got, query)
	}
	require.Equal(t, "200", lastCount(t, address, `brrtload_latency_seconds{brrtload_run="night-1"}`+over, end))
	_, found := askPrometheus(t, address, `count({brrtload_run="night-1"})`, end.Add(time.Second))
	require.False(t, found, "every series has its staleness marker")
}
