package scrape

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestTimesAndExemplarsAreChecked(t *testing.T) {
	const open = "application/openmetrics-text; version=1.0.0"
	began := fmt.Sprintf("# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %d\n", t0.Unix()-100)
	counter := func(created float64) string {
		return began + fmt.Sprintf("# TYPE c counter\nc_total 1\nc_created %f\n# EOF\n", float64(t0.Unix())+created)
	}
	bucket := func(value, ago float64) string {
		return fmt.Sprintf("# TYPE h histogram\nh_bucket{le=\"0.1\"} 1\nh_bucket{le=\"1\"} 3 # {trace_id=\"a\"} %g %f\nh_bucket{le=\"+Inf\"} 3\nh_sum 1\nh_count 3\n# EOF\n",
			value, float64(t0.Unix())-ago)
	}
	sample := func(ago float64) string { return fmt.Sprintf("c_total 1 %d\n", at(-ago).UnixMilli()) }
	for name, row := range map[string]struct {
		contentType, body string
		flaws             []string
	}{
		"no times at all":                {text, "c_total 1\n", nil},
		"stamped now":                    {text, sample(0), nil},
		"stamped by a clock ahead":       {text, sample(-2), nil},
		"stamped 30 s ago":               {text, sample(30), []string{flawLate}},
		"stamped two hours ago":          {text, sample(7200), []string{flawOld}},
		"stamped an hour ahead":          {text, sample(-3600), []string{flawAhead}},
		"created with the process":       {open, counter(-100), nil},
		"created since":                  {open, counter(-50), nil},
		"created by a clock ahead":       {open, counter(0.3), nil},
		"created before the process":     {open, counter(-200), []string{flawTooOld}},
		"created in an hour":             {open, counter(3600), []string{flawUnborn}},
		"an exemplar in its bucket":      {open, bucket(0.5, 1), nil},
		"one at the upper bound":         {open, bucket(1, 1), nil},
		"one below its bucket":           {open, bucket(0.1, 1), []string{flawExemplar}},
		"one above its bucket":           {open, bucket(1.5, 1), []string{flawExemplar}},
		"one from the future":            {open, bucket(0.5, -3600), []string{flawFutureMark}},
		"one from the future, elsewhere": {open, bucket(7, -3600), []string{flawFutureMark, flawExemplar}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, newStore(t), &server{})
			require.Equal(t, row.flaws, take(t, e, 0, []byte(row.body), row.contentType).Flaws)
			require.Empty(t, take(t, e, 1, []byte("c_total 1\n"), text).Flaws)
		})
	}
}

// In the exposition of a sound client library everything is in order; a creation time that is
// always the present is not.
func TestCreationTimesStay(t *testing.T) {
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			registry := prometheus.NewRegistry()
			wait := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "wait_seconds", Help: "Wait.", Buckets: []float64{0.1, 1}})
			start := prometheus.NewGauge(prometheus.GaugeOpts{Name: "process_start_time_seconds", Help: "Start."})
			registry.MustRegister(wait, start)
			start.Set(float64(t0.Unix() - 100))
			e := newEndpoint(t, newStore(t), &server{})
			born := at(-60)
			for i := range 8 {
				wait.(prometheus.ExemplarObserver).ObserveWithExemplar(0.5, prometheus.Labels{"trace_id": "a"})
				body := gathered(t, registry, format, func(m *dto.Metric) time.Time {
					for _, b := range m.GetHistogram().GetBucket() {
						if b.Exemplar != nil {
							b.Exemplar.Timestamp, b.Exemplar.Value = nil, proto.Float64(0.5)
						}
					}
					return born
				})
				flaws := take(t, e, float64(i), body, string(format)).Flaws
				if i > 5 && name != "text" {
					require.Equal(t, []string{flawRecreated}, flaws)
				} else {
					require.Empty(t, flaws)
				}
				if i >= 3 {
					born = at(float64(i)) // from here on, untrue
				}
			}
		})
	}
}

func TestLinesOfMistakes(t *testing.T) {
	const open = "application/openmetrics-text; version=1.0.0"
	for name, row := range map[string]struct{ contentType, body, want string }{
		"a blank line in OpenMetrics":          {open, "# TYPE c counter\n\nc_total 1\n# EOF\n", "line 2: "},
		"a blank line at once, in OpenMetrics": {open, "\n# TYPE c counter\nc_total 1\n# EOF\n", "line 1: "},
		"after a sample, in OpenMetrics":       {open, "# TYPE c counter\nc_total 1\n\n# EOF\n", "line 3: "},
		"a bad value, in OpenMetrics":          {open, "# TYPE c counter\nc_total x\n# EOF\n", "line 2: "},
		"blank lines in text":                  {text, "c 1\n\n\nd x\n", "line 4: "},
		"a blank line at once, in text":        {text, "\n\nd x\n", "line 3: "},
		"text that is not an exposition":       {text, "It works!\n", `the answer is no exposition: line 1: "It works!"; is this the metrics endpoint?`},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, newStore(t), &server{})
			batch := e.store.At(at(0))
			_, err := e.Read(at(0), []byte(row.body), row.contentType, batch)
			require.NoError(t, batch.Commit())
			require.ErrorContains(t, err, row.want)
			require.Equal(t, name == "text that is not an exposition", errors.As(err, new(refusal)), "another try would not mend it")
		})
	}
}
