package scrape

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
)

// exposition gives about 10,000 series as real services have them: seven in ten are histograms' buckets, the rest counters and gauges.
func exposition(b *testing.B, format expfmt.Format) string {
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
	require.NoError(b, err)
	var body bytes.Buffer
	encoder := expfmt.NewEncoder(&body, format)
	for _, f := range families {
		require.NoError(b, encoder.Encode(f))
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		require.NoError(b, closer.Close())
	}
	return body.String()
}

// BenchmarkScrape is what one scrape of 10,000 series costs the harness, the network left out.
func BenchmarkScrape(b *testing.B) {
	for name, kind := range map[string]expfmt.FormatType{
		"text": expfmt.TypeTextPlain, "OpenMetrics": expfmt.TypeOpenMetrics, "protobuf": expfmt.TypeProtoDelim,
	} {
		format := expfmt.NewFormat(kind)
		b.Run(name, func(b *testing.B) {
			e := newEndpoint(b, newStore(b), &server{contentType: string(format), body: exposition(b, format)})
			r := scrape(b, e, 0)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				scrape(b, e, float64(n))
			}
			b.ReportMetric(float64(r.Series), "series")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n)/float64(r.Series), "ns/series")
			b.ReportMetric(100*b.Elapsed().Seconds()/float64(n)/time.Second.Seconds(), "%core@1s")
		})
	}
}
