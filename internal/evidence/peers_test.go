package evidence

import (
	"context"
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

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// saveRun saves a run of 30 s with every kind of series, and gives the store and a copy of its data
// directory, which a server may write to.
func saveRun(t *testing.T) (*Store, string) {
	s := create(t)
	put(t, s, 0, 0, "other_total")
	s.Baseline(t0)
	for i := range 31 {
		put(t, s, float64(i), float64(i%20*i), "x_total", "handler", "a") // with a reset
		put(t, s, float64(i), float64(3*i), "x_total", "handler", "b")
		put(t, s, float64(i), float64(i), "d_bucket", "le", "0.1")
		put(t, s, float64(i), float64(2*i), "d_bucket", "le", "1.0")
		put(t, s, float64(i), float64(2*i), "d_bucket", "le", "+Inf")
		b := s.At(at(float64(i)))
		b.Add(labels.FromStrings(model.MetricNameLabel, "depth"), math.Sin(float64(i)))
		addHistogram(b, labels.FromStrings(model.MetricNameLabel, "h"), observations(uint64(i*100)))
		require.NoError(t, b.Commit())
	}
	put(t, s, 17.5, 4, "late_total")
	require.NoError(t, s.Save())
	data := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.CopyFS(data, os.DirFS(filepath.Join(s.dir, dataDir))))
	return s, data
}

// command skips the test where the peer is not installed.
func command(t *testing.T, name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

func TestPromtoolReadsTheBlock(t *testing.T) {
	promtool := command(t, "promtool")
	_, data := saveRun(t)
	listed, err := exec.CommandContext(t.Context(), promtool, "tsdb", "list", data).CombinedOutput()
	require.NoError(t, err, "%s", listed)
	require.Contains(t, string(listed), strconv.FormatInt(t0.UnixMilli(), 10))
	dumped, err := exec.CommandContext(t.Context(), promtool, "tsdb", "dump", data).CombinedOutput()
	require.NoError(t, err, "%s", dumped)
	require.Equal(t, 31, strings.Count(string(dumped), `{__name__="x_total", handler="a"}`))
	require.Equal(t, 2, strings.Count(string(dumped), `{__name__="late_total"}`), "the sample and its zero at t0")
}

func TestPrometheusAnswersTheSame(t *testing.T) {
	server := command(t, "prometheus")
	s, data := saveRun(t)
	settings := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(settings, []byte("{}\n"), 0o644))
	address := freeAddress(t)
	ctx, cancel := context.WithCancel(t.Context())
	process := exec.CommandContext(ctx, server, "--config.file="+settings, "--storage.tsdb.path="+data,
		"--storage.tsdb.retention.time=100y", "--web.listen-address="+address, "--enable-feature=native-histograms")
	var output strings.Builder
	process.Stdout, process.Stderr = &output, &output
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	process.WaitDelay = 10 * time.Second
	require.NoError(t, process.Start())
	defer func() {
		cancel()
		_ = process.Wait() // it ends by the signal
	}()
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + address + "/-/ready")
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond)

	// Ranges begin between two samples: the two versions disagree whether a sample on the edge
	// belongs.
	for _, query := range []string{
		`x_total`, `sum(x_total)`, `rate(x_total[29500ms])`, `increase(x_total[29500ms])`, `max_over_time(depth[29500ms])`,
		`avg_over_time(depth[9500ms])`, `resets(x_total[29500ms])`, `late_total`, `sum_over_time(late_total[40s])`,
		`histogram_quantile(0.9, sum by (le) (rate(d_bucket[29500ms])))`, `max_over_time(sum(x_total)[20s:1s])`, `histogram_count(h)`,
	} {
		want := map[string]float64{}
		answer, err := s.Query(t.Context(), query, run)
		require.NoError(t, err)
		for _, series := range answer.Series {
			want[labels.FromMap(series.Labels).String()] = series.Value
		}
		require.NotEmpty(t, want, query)
		got := instant(t, address, query, run)
		require.Len(t, got, len(want), query)
		for name, value := range want {
			require.InDelta(t, value, got[name], 1e-9*math.Abs(value), "%s: %s", query, name)
		}
	}
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// instant asks a Prometheus server for a query's values at the window's end.
func instant(t *testing.T, address, query string, w facts.Window) map[string]float64 {
	response, err := http.Get(fmt.Sprintf("http://%s/api/v1/query?query=%s&time=%d", address, url.QueryEscape(query), w.End.Unix()))
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
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
	for _, series := range answer.Data.Result {
		value, err := strconv.ParseFloat(series.Value[1].(string), 64)
		require.NoError(t, err)
		values[labels.FromMap(series.Metric).String()] = value
	}
	return values
}
