package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// answeredByPeers opens the block of a run's directory with promtool and with a Prometheus server,
// as Debian has them, and asks them what our engine was asked.
func answeredByPeers(t *testing.T, run string, ours facts.Evidence) {
	for _, peer := range []string{"prometheus", "promtool"} {
		if _, err := exec.LookPath(peer); err != nil {
			t.Skipf("%s is not installed", peer)
		}
	}
	data := filepath.Join(t.TempDir(), "data") // a server writes beside the block
	require.NoError(t, os.CopyFS(data, os.DirFS(filepath.Join(run, "tsdb"))))
	w, ok := ours.Window(facts.Run)
	require.True(t, ok)

	listed, err := exec.Command("promtool", "tsdb", "list", data).CombinedOutput()
	require.NoError(t, err, "%s", listed)
	require.Equal(t, 2, strings.Count(strings.TrimSpace(string(listed)), "\n")+1, "a heading and one block: %s", listed)
	dumped, err := exec.Command("promtool", "tsdb", "dump", "--match", "brrtload_sent_total",
		"--max-time", strconv.FormatInt(w.End.UnixMilli(), 10), data).CombinedOutput()
	require.NoError(t, err, "%s", dumped)
	stored := value(t, ours, w, `sum(count_over_time(brrtload_sent_total[1h]))`)
	require.InDelta(t, stored, strings.Count(string(dumped), "__name__=\"brrtload_sent_total\""), 0)

	address := serve(t, data)
	// Ranges begin right before a sample. Versions disagree whether one on the edge belongs, and on
	// how far to extrapolate to an edge that is farther away than usual.
	length := fmt.Sprintf("[%dms]", w.End.Sub(w.Start).Milliseconds()+1)
	for _, query := range []string{
		`sum by (request, status) (brrtload_hits_total)`, `sum by (status) (brrtrouter_requests_total)`, `count by (__name__) ({__name__=~".+"})`,
		`max by (handler) (max_over_time(brrtrouter_channel_queue_depth` + length + `))`, `sum(rate(brrtrouter_requests_total` + length + `))`,
		`histogram_quantile(0.9, sum by (le) (rate(brrtrouter_request_duration_seconds_bucket` + length + `)))`,
		`histogram_count(sum(brrtload_latency_seconds))`, `histogram_sum(sum(brrtload_latency_seconds))`, // of quantiles, versions interpolate otherwise
	} {
		answer, err := ours.Query(t.Context(), query, w)
		require.NoError(t, err, query)
		require.NotEmpty(t, answer.Series, query)
		got := theirs(t, address, query, w.End)
		require.Len(t, got, len(answer.Series), query)
		for _, s := range answer.Series {
			name := labels.FromMap(s.Labels).String()
			require.InDelta(t, s.Value, got[name], 1e-9*math.Abs(s.Value), "%s: %s", query, name)
		}
	}
}

func value(t *testing.T, e facts.Evidence, w facts.Window, query string) float64 {
	t.Helper()
	answer, err := e.Query(t.Context(), query, w)
	require.NoError(t, err)
	require.Len(t, answer.Series, 1, query)
	return answer.Series[0].Value
}

// serve starts a Prometheus server on a data directory, and ends it with the test.
func serve(t *testing.T, data string) (address string) {
	t.Helper()
	settings := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(settings, []byte("{}\n"), 0o644))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = listener.Addr().String()
	require.NoError(t, listener.Close())
	var said bytes.Buffer
	server := exec.Command("prometheus", "--config.file="+settings, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y",
		"--web.listen-address="+address, "--enable-feature=native-histograms")
	server.Stdout, server.Stderr = &said, &said
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait() // it ends by the signal
	})
	require.Eventually(t, func() bool {
		answer, err := http.Get("http://" + address + "/-/ready")
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond)
	return address
}

// theirs asks a Prometheus server for a query's values at a time, by their labels.
func theirs(t *testing.T, address, query string, at time.Time) map[string]float64 {
	t.Helper()
	response, err := http.Get(fmt.Sprintf("http://%s/api/v1/query?query=%s&time=%.3f", address, url.QueryEscape(query), float64(at.UnixMilli())/1000))
	require.NoError(t, err)
	defer response.Body.Close() //nolint:errcheck // it was read
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	require.Empty(t, answer.Error, query)
	values := map[string]float64{}
	for _, s := range answer.Data.Result {
		value, err := strconv.ParseFloat(s.Value[1].(string), 64)
		require.NoError(t, err)
		values[labels.FromMap(s.Metric).String()] = value
	}
	return values
}
