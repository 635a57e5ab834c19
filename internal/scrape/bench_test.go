package scrape

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
)

// exposition returns about 10,000 series as real services have them: seven in ten are histograms'
// buckets, the rest counters and gauges.
func exposition(format expfmt.Format) string {
	registry := prometheus.NewRegistry()
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_duration_seconds", Help: "Duration."}, []string{"handler", "zone"})
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."}, []string{"handler", "method", "status"})
	depth := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "queue_depth", Help: "Depth."}, []string{"handler"})
	registry.MustRegister(duration, requests, depth)
	for i := range 500 {
		duration.WithLabelValues(fmt.Sprint("handler", i), "a").Observe(float64(i) / 100)
	}
	for i := range 2000 {
		requests.WithLabelValues(fmt.Sprint("handler", i), "GET", "200").Add(float64(i))
	}
	for i := range 1000 {
		depth.WithLabelValues(fmt.Sprint("handler", i)).Set(float64(i))
	}
	families, err := registry.Gather()
	must(err)
	var body bytes.Buffer
	encoder := expfmt.NewEncoder(&body, format)
	for _, f := range families {
		must(encoder.Encode(f))
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		must(closer.Close())
	}
	return body.String()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// exposing is the environment variable that makes the test binary serve an exposition of that
// format, for a benchmark of the other side.
const exposing = "BRRTLOAD_TEST_EXPOSE"

func TestMain(m *testing.M) {
	if kind := os.Getenv(exposing); kind != "" {
		serveExposition(kind)
	}
	os.Exit(m.Run())
}

// kinds are the formats that an endpoint may answer in.
var kinds = map[string]expfmt.FormatType{"text": expfmt.TypeTextPlain, "OpenMetrics": expfmt.TypeOpenMetrics, "protobuf": expfmt.TypeProtoDelim}

// serveExposition serves until it is killed. Its address is the first line that it prints.
func serveExposition(kind string) {
	format := expfmt.NewFormat(kinds[kind])
	body := []byte(exposition(format))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", string(format))
		_, _ = w.Write(body)
	}))
	fmt.Println(server.URL)
	for {
		time.Sleep(time.Hour) // an empty select is a deadlock where cgo is off
	}
}

// expose starts a process that exposes 10,000 series.
func expose(b *testing.B, kind string) (url string) {
	child := exec.CommandContext(b.Context(), os.Args[0])
	child.Env = append(os.Environ(), exposing+"="+kind)
	out, err := child.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, child.Start())
	b.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait() // it ends by the signal
	})
	url, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(b, err)
	return strings.TrimSpace(url)
}

// cpu is what this process has used of it.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkScrape is what scraping 10,000 series costs the harness: fetched by HTTP from another
// process, parsed, recorded; garbage collected. %core is the share of a core that a scrape a second
// takes.
func BenchmarkScrape(b *testing.B) {
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		b.Run(kind, func(b *testing.B) {
			e, err := New(Target{Name: "target", URL: expose(b, kind)}, newStore(b))
			require.NoError(b, err)
			defer e.Close()
			r := scrape(b, e, 0)
			b.ReportAllocs()
			n, before := 0, cpu(b)
			for b.Loop() {
				n++
				scrape(b, e, float64(n))
			}
			used := (cpu(b) - before).Seconds() / float64(n)
			b.ReportMetric(float64(r.Series), "series")
			b.ReportMetric(used*1e9/float64(r.Series), "cpu-ns/series")
			b.ReportMetric(100*used, "%core")
		})
	}
}
