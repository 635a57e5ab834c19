//go:build !notelemetry

package fault

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestEveryLieActsAtOneSeam(t *testing.T) {
	var list bytes.Buffer
	require.NoError(t, List(&list))
	for _, f := range lies() {
		require.Equal(t, Lie, f.Kind)
		seams := 0
		for _, set := range []bool{f.lie.families != nil, f.lie.event != nil, f.lie.spans != nil, f.lie.exposition != nil} {
			if set {
				seams++
			}
		}
		require.Equal(t, 1, seams, f.Name)
		require.Contains(t, list.String(), f.Name+"="+f.Value+" ")
	}
	require.ErrorContains(t, NewSet().Enable("frozen-gauge", "request_total"), "begins with brrtrouter_")
}

const truth = `# TYPE brrtrouter_active_requests gauge
brrtrouter_active_requests 1
# TYPE brrtrouter_requests_total counter
brrtrouter_requests_total{handler="a",status="200"} 7
brrtrouter_requests_total{handler="a",status="404"} 2
brrtrouter_requests_total{handler="b",status="200"} 3
# TYPE brrtrouter_wait_seconds histogram
brrtrouter_wait_seconds_bucket{handler="a",le="0.001"} 4
brrtrouter_wait_seconds_bucket{handler="a",le="1"} 5
brrtrouter_wait_seconds_bucket{handler="a",le="+Inf"} 6
brrtrouter_wait_seconds_sum{handler="a"} 2.5
brrtrouter_wait_seconds_count{handler="a"} 6
`

func families(t *testing.T, text string) (out []*dto.MetricFamily) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	for _, name := range []string{"brrtrouter_active_requests", requestsTotal, "brrtrouter_wait_seconds"} {
		if parsed[name] != nil {
			out = append(out, parsed[name])
		}
	}
	return out
}

func text(t *testing.T, families []*dto.MetricFamily) string {
	t.Helper()
	var out strings.Builder
	for _, family := range families {
		_, err := expfmt.MetricFamilyToText(&out, family)
		require.NoError(t, err)
	}
	return out.String()
}

func TestLiesAboutFamilies(t *testing.T) {
	for lie, changes := range map[string][]string{ // old, new, old, new
		"requests-miss-every-nth=3": {`"200"} 7`, `"200"} 5`, `"200"} 3`, `"200"} 2`},
		"requests-counted-twice=3":  {`"200"} 7`, `"200"} 9`, `"200"} 3`, `"200"} 4`},
		"in-flight-leak=5":          {"active_requests 1", "active_requests 3"},
		"zero-gauge=brrtrouter_active_requests": {
			"active_requests 1", "active_requests 0"},
		"changed-type=brrtrouter_active_requests": {"active_requests gauge", "active_requests counter"},
		"changed-type=brrtrouter_requests_total":  {"requests_total counter", "requests_total gauge"},
		"missing-family=brrtrouter_active_requests": {
			"# TYPE brrtrouter_active_requests gauge\nbrrtrouter_active_requests 1\n", ""},
		"renamed-label=brrtrouter_requests_total": {`total{handler=`, `total{handler_name=`},
		"swapped-label-value=brrtrouter_requests_total": {
			`status="200"`, `status="404"`, `status="404"`, `status="200"`},
		"wrong-histogram-sum=brrtrouter_wait_seconds": {`_sum{handler="a"} 2.5`, `_sum{handler="a"} 5`},
		"histogram-in-milliseconds=brrtrouter_wait_seconds": {
			`_sum{handler="a"} 2.5`, `_sum{handler="a"} 2004`,
			`le="0.001"} 4`, `le="0.001"} 0`, `le="1"} 5`, `le="1"} 4`},
		"clipped-histogram=brrtrouter_wait_seconds":    {`_sum{handler="a"} 2.5`, `_sum{handler="a"} 0.054000000000000006`, `le="1"} 5`, `le="1"} 6`},
		"zero-histogram=brrtrouter_wait_seconds":       {`_sum{handler="a"} 2.5`, `_sum{handler="a"} 0`, `le="0.001"} 4`, `le="0.001"} 6`, `le="1"} 5`, `le="1"} 6`},
		"one-bucket-histogram=brrtrouter_wait_seconds": {`le="0.001"} 4`, `le="1000"} 6`, `le="1"} 5`, `le="1e+06"} 6`},
		"unset-gauge=brrtrouter_active_requests":       {"active_requests 1", "active_requests 1.8446744073709552e+19"},
		"missing-family=brrtrouter_absent":             {},
		"frozen-gauge=brrtrouter_absent":               {},
	} {
		t.Run(lie, func(t *testing.T) {
			s := NewSet()
			require.NoError(t, s.EnableText(lie))
			told := text(t, s.families(families(t, truth)))
			if diff := cmp.Diff(strings.NewReplacer(changes...).Replace(truth), told); diff != "" {
				t.Errorf("(-want +told):\n%s", diff)
			}
			name, _, _ := strings.Cut(lie, "=")
			require.NoError(t, s.Disable(name))
			require.Equal(t, truth, text(t, s.families(families(t, truth))), "the truth, once it is off")
		})
	}
}

func TestLabelPerRequestKeepsTheSum(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("label-per-request", requestsTotal))
	told := text(t, s.families(families(t, truth)))
	require.Contains(t, told, `brrtrouter_requests_total{handler="a",status="404"} 0`)
	require.Equal(t, 2, strings.Count(told, `",handler="a",status="404"} 1`))
	require.Equal(t, 12, strings.Count(told, "{caller="))
	require.Contains(t, told, `brrtrouter_requests_total{caller="6",handler="a",status="200"} 1`)

	busy := strings.Replace(truth, `"200"} 7`, `"200"} 12345`, 1)
	told = text(t, s.families(families(t, busy)))
	require.Contains(t, told, `brrtrouter_requests_total{handler="a",status="200"} 2345`, "what is beyond the bound is counted together")
	require.Equal(t, manyCallers+5, strings.Count(told, "{caller="))
}

func TestLabelPairsThatAreSharedAreLeftAlone(t *testing.T) {
	for _, lie := range []string{"renamed-label", "swapped-label-value"} {
		s := NewSet()
		require.NoError(t, s.Enable(lie, requestsTotal))
		gathered := families(t, truth)
		shared := map[*dto.Metric][]*dto.LabelPair{}
		for _, metric := range gathered[1].Metric {
			shared[metric] = metric.Label
		}
		require.NotEqual(t, truth, text(t, s.families(gathered)))
		for metric, labels := range shared {
			metric.Label = labels
		}
		require.Equal(t, truth, text(t, gathered), lie)
	}
}

// later is what is true after the truth.
var later = strings.NewReplacer("active_requests 1", "active_requests 4", `"200"} 7`, `"200"} 17`).Replace(truth)

func TestFrozenGaugeStaysAsFirstScraped(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("frozen-gauge", "brrtrouter_active_requests"))
	require.Equal(t, truth, text(t, s.families(families(t, truth))))
	told := text(t, s.families(families(t, later)))
	require.Equal(t, strings.ReplaceAll(later, "active_requests 4", "active_requests 1"), told)
}

func TestAGaugeMovesOnce(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("moves-once", "brrtrouter_active_requests"))
	told := func(truth string) string { return text(t, s.families(families(t, truth))) }
	require.Equal(t, truth, told(truth))
	require.Equal(t, truth, told(truth))
	require.Equal(t, later, told(later))
	require.Equal(t, strings.ReplaceAll(later, "active_requests 4", "active_requests 1"), told(later))
}

// channels has what the lies about one handler read.
const channels = `# TYPE brrtrouter_channel_wait_seconds histogram
brrtrouter_channel_wait_seconds_bucket{handler="wait",le="1e-06"} 0
brrtrouter_channel_wait_seconds_bucket{handler="wait",le="1"} 4
brrtrouter_channel_wait_seconds_bucket{handler="wait",le="+Inf"} 4
brrtrouter_channel_wait_seconds_sum{handler="wait"} 2
brrtrouter_channel_wait_seconds_count{handler="wait"} 4
# TYPE brrtrouter_request_duration_seconds histogram
brrtrouter_request_duration_seconds_bucket{handler="wait",le="0.01"} 0
brrtrouter_request_duration_seconds_bucket{handler="wait",le="1"} 4
brrtrouter_request_duration_seconds_bucket{handler="wait",le="+Inf"} 4
brrtrouter_request_duration_seconds_sum{handler="wait"} 1
brrtrouter_request_duration_seconds_count{handler="wait"} 4
brrtrouter_request_duration_seconds_bucket{handler="search",le="0.01"} 0
brrtrouter_request_duration_seconds_bucket{handler="search",le="1"} 1
brrtrouter_request_duration_seconds_bucket{handler="search",le="+Inf"} 1
brrtrouter_request_duration_seconds_sum{handler="search"} 0.5
brrtrouter_request_duration_seconds_count{handler="search"} 1
# TYPE brrtrouter_coroutine_stack_bytes gauge
brrtrouter_coroutine_stack_bytes{handler="wait"} 16385
# TYPE brrtrouter_coroutine_stack_used_bytes gauge
brrtrouter_coroutine_stack_used_bytes{handler="wait"} 4711
`

func TestLiesAboutOneHandler(t *testing.T) {
	for lie, want := range map[string][]string{
		"early-duration=wait":                           {`duration_seconds_bucket{handler="wait",le="0.01"} 4`, `duration_seconds_bucket{handler="search",le="0.01"} 0`},
		"wait-from-dequeue=wait":                        {`wait_seconds_bucket{handler="wait",le="1e-06"} 4`, `channel_wait_seconds_sum{handler="wait"} 4e-06`},
		"size-as-mark=brrtrouter_coroutine_stack_bytes": {`stack_bytes{handler="wait"} 16385`, `stack_used_bytes{handler="wait"} 16385`},
	} {
		s := NewSet()
		require.NoError(t, s.EnableText(lie))
		parser := expfmt.NewTextParser(model.UTF8Validation)
		parsed, err := parser.TextToMetricFamilies(strings.NewReader(channels))
		require.NoError(t, err)
		var all []*dto.MetricFamily
		for _, family := range parsed {
			all = append(all, family)
		}
		told := text(t, s.families(all))
		for _, line := range want {
			require.Contains(t, told, line, lie)
		}
	}
}

func TestCountersBeginAgainOnce(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("counter-reset", "13"))
	require.Equal(t, truth, text(t, s.families(families(t, truth))), "12 requests")
	require.Equal(t, strings.NewReplacer(`"200"} 17`, `"200"} 0`, `"404"} 2`, `"404"} 0`, `"200"} 3`, `"200"} 0`).Replace(later),
		text(t, s.families(families(t, later))), "22 requests")
	more := strings.ReplaceAll(later, `"200"} 17`, `"200"} 18`)
	require.Equal(t, strings.NewReplacer(`"200"} 18`, `"200"} 1`, `"404"} 2`, `"404"} 0`, `"200"} 3`, `"200"} 0`).Replace(more),
		text(t, s.families(families(t, more))), "what was counted since")
}

func TestStaleMetricsAreGatheredAnewAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		require.NoError(t, s.Enable("stale-metrics", "1m"))
		require.Equal(t, truth, text(t, s.families(families(t, truth))))
		time.Sleep(59 * time.Second)
		require.Equal(t, truth, text(t, s.families(families(t, later))))
		time.Sleep(time.Second)
		require.Equal(t, later, text(t, s.families(families(t, later))))
	})
}

func TestLiesAboutEvents(t *testing.T) {
	about := httptest.NewRequest("GET", "/", nil)
	about.Header.Set("X-Api-Key", "hush")
	event := slog.NewRecord(time.Now(), slog.LevelInfo, "Request complete", 0)
	s := NewSet()
	require.NoError(t, s.Enable("secret-in-log", "X-API-Key"))
	told, is := s.event(about, event)
	require.True(t, is)
	var written []string
	told.Attrs(func(a slog.Attr) bool { written = append(written, a.String()); return true })
	require.Equal(t, []string{"header=X-API-Key: hush"}, written)
	told, is = s.event(nil, event)
	require.True(t, is)
	require.Zero(t, told.NumAttrs(), "an event about no request")

	require.NoError(t, s.Enable("missing-event", "Request complete"))
	_, is = s.event(about, event)
	require.False(t, is)
	event.Message = "Request aborted"
	_, is = s.event(about, event)
	require.True(t, is)
}

func TestLostSpans(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("lost-spans", "3"))
	batch := make([]sdktrace.ReadOnlySpan, 7)
	for i := range batch {
		batch[i] = tracetest.SpanStub{Name: string(rune('a' + i))}.Snapshot()
	}
	var names string
	for _, span := range s.spans(batch) {
		names += span.Name()
	}
	require.Equal(t, "abdeg", names)
	require.Len(t, s.spans(batch[:1]), 1)
	require.Empty(t, s.spans(batch[:1]), "the ninth, over all batches")
}

// scrape asks a lying exposition.
func scrape(s *Set) *httptest.ResponseRecorder {
	request := httptest.NewRequest("GET", "/metrics", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	answer := httptest.NewRecorder()
	s.exposition(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			for line := range strings.Lines(truth) {
				io.WriteString(w, line)
			}
			return
		}
		z := gzip.NewWriter(w)
		z.Write([]byte(truth))
		z.Close()
	})).ServeHTTP(answer, request)
	return answer
}

func TestLiesInTheExposition(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("truncated-metrics", "100"))
	require.Equal(t, truth[:100], scrape(s).Body.String())
	require.NoError(t, s.Disable("truncated-metrics"))

	require.NoError(t, s.Enable("enormous-metrics", "100000"))
	told := scrape(s).Body.String()
	require.True(t, strings.HasPrefix(told, truth))
	require.InDelta(t, 100_000, len(told)-len(truth), 100)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	_, err := parser.TextToMetricFamilies(strings.NewReader(told))
	require.NoError(t, err, "it is an exposition all the same")
	require.NoError(t, s.Disable("enormous-metrics"))

	require.NoError(t, s.Enable("garbage-metrics", "1000"))
	answer := scrape(s)
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, 1000, answer.Body.Len())
	parser = expfmt.NewTextParser(model.UTF8Validation)
	_, err = parser.TextToMetricFamilies(answer.Body)
	require.Error(t, err)
	require.NoError(t, s.Disable("garbage-metrics"))

	require.NoError(t, s.Enable("failing-metrics", "2"))
	require.Equal(t, []int{200, 500, 200}, []int{scrape(s).Code, scrape(s).Code, scrape(s).Code})
}

func TestSlowMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		require.NoError(t, s.Enable("slow-metrics", "30s"))
		began := time.Now()
		require.Equal(t, http.StatusOK, scrape(s).Code)
		require.Equal(t, 30*time.Second, time.Since(began))
	})
}

// Creation times ahead do not change, so that no restart is seen; an exemplar above its bucket's
// bound stands in each bucket that has observations.
func TestLiesAboutCreationTimesAndExemplars(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.EnableText("created-ahead=brrtrouter_requests_total"))
	require.NoError(t, s.EnableText("misplaced-exemplar=brrtrouter_wait_seconds"))
	told := s.families(families(t, truth))
	created := find(requestsTotal, told).Metric[0].Counter.CreatedTimestamp
	require.True(t, created.AsTime().After(time.Now().Add(time.Minute)))
	require.Equal(t, created.AsTime(), find(requestsTotal, s.families(families(t, truth))).Metric[0].Counter.CreatedTimestamp.AsTime())
	for _, bucket := range find("brrtrouter_wait_seconds", told).Metric[0].Histogram.Bucket {
		if math.IsInf(bucket.GetUpperBound(), 1) {
			require.Nil(t, bucket.Exemplar)
			continue
		}
		require.Greater(t, bucket.GetExemplar().GetValue(), bucket.GetUpperBound())
	}
}
