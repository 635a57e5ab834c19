package prometheus

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"brrtload/internal/scrape"
)

// recorded answers as Prometheus 2.42.0 did: of two replicas of the bundled service, of which the
// second counts each request twice, scraped every two seconds for twelve.
func recorded(t *testing.T, change func(query string, w http.ResponseWriter) (done bool)) *Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.FormValue("query")
		if change != nil && change(query, w) {
			return
		}
		file := ""
		switch {
		case r.URL.Path == "/prefix/api/v1/metadata":
			file = "testdata/metadata.json"
		case query == "time()":
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"scalar","result":[1795938372.229,"1795938372.229"]}}`)
			return
		case strings.HasPrefix(query, "max by"):
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[
{"metric":{"instance":"127.0.0.1:18101","job":"shop"},"value":[1795938372.413,"1795938371.425"]},
{"metric":{"instance":"127.0.0.1:18102","job":"shop"},"value":[1795938372.413,"1795938370.753"]}]}}`)
			return
		default:
			file = "testdata/matrix.json"
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(text)
	}))
	t.Cleanup(server.Close)
	s, err := New(Settings{URL: server.URL + "/prefix/", Match: `{job="shop"}`, HTTP: config.DefaultHTTPClientConfig,
		Timeout: 500 * time.Millisecond})
	require.NoError(t, err)
	return s
}

// now is the time of the recording.
var now = time.UnixMilli(1795938372229)

func TestReadPutsSamplesTogetherToScrapes(t *testing.T) {
	s := recorded(t, nil)
	read, err := s.Read(t.Context(), now.Add(-12*time.Second), now, Clock{Ahead: time.Hour})
	require.NoError(t, err)
	require.Empty(t, read.Doubt)
	require.Empty(t, read.Left)
	require.Equal(t, "up", read.Metric)
	require.Len(t, read.Endpoints, 2)
	for n, one := range read.Endpoints {
		require.Equal(t, fmt.Sprintf("127.0.0.1:1810%d", n+1), one.Name)
		require.Equal(t, one.Name, one.Labels.Get("endpoint"))
		require.Len(t, one.Rounds, 6)
		require.InDelta(t, 2, one.Interval().Seconds(), 0.01)
		require.Equal(t, []string{"instance", "job"}, one.Added)
		last := one.Rounds[5]
		require.InDelta(t, 0, now.Add(-time.Hour).Sub(last.At).Seconds(), 3, "times are by our clock")
		require.Equal(t, []float64{602, 1140}[n], valueOf(t, last, "brrtrouter_requests_total"))
		kinds := map[string]string{}
		for _, f := range one.Families {
			kinds[f.Name] = f.Type
		}
		require.Equal(t, map[string]string{"brrtrouter_requests_total": "counter", "brrtrouter_request_body_bytes": "histogram",
			"brrtrouter_active_requests": "gauge", "go_memstats_alloc_bytes_total": "counter",
			"go_memstats_alloc_bytes":    "unknown", // of OpenMetrics' two families with one name it keeps the other
			"process_start_time_seconds": "gauge", "up": "unknown"}, kinds)
	}
}

func valueOf(t *testing.T, round scrape.KeptRound, name string) float64 {
	t.Helper()
	i := slices.IndexFunc(round.Samples, func(x scrape.KeptSample) bool { return x.Labels.Get(model.MetricNameLabel) == name })
	require.GreaterOrEqual(t, i, 0, name)
	return round.Samples[i].Value
}

func TestNewestAndClock(t *testing.T) {
	s := recorded(t, nil)
	newest, err := s.Newest(t.Context(), "up")
	require.NoError(t, err)
	require.Equal(t, []Newest{{"127.0.0.1:18101", time.UnixMilli(1795938371425)}, {"127.0.0.1:18102", time.UnixMilli(1795938370753)}}, newest)
	require.Equal(t, `{__name__="up",job="shop"}`, s.only("up"))
	clock, err := s.Clock(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, now, clock.Now, time.Millisecond)
	require.InDelta(t, time.Until(now).Seconds(), clock.Ahead.Seconds(), 1)
}

// Without metadata the types follow from names and labels.
func TestReadWithoutMetadata(t *testing.T) {
	s := recorded(t, func(query string, w http.ResponseWriter) bool {
		if query == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		return query == ""
	})
	read, err := s.Read(t.Context(), now.Add(-12*time.Second), now, Clock{})
	require.NoError(t, err)
	for _, f := range read.Endpoints[0].Families {
		want := map[string]string{"brrtrouter_requests_total": "counter", "brrtrouter_request_body_bytes": "histogram",
			"go_memstats_alloc_bytes_total": "counter"}[f.Name]
		if want == "" {
			want = "unknown"
		}
		require.Equal(t, want, f.Type, f.Name)
	}
}

func matrix(series ...string) string {
	return `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(series, ",") + `]}}`
}

func answered(series ...string) func(string, http.ResponseWriter) bool {
	return func(query string, w http.ResponseWriter) bool {
		if strings.HasSuffix(query, "ms]") {
			fmt.Fprint(w, matrix(series...))
		}
		return strings.HasSuffix(query, "ms]")
	}
}

func TestReadLeavesOutWhatIsNoScrapes(t *testing.T) {
	const of = `"job":"shop","instance":"a:1"`
	s := recorded(t, answered(
		`{"metric":{"__name__":"up",`+of+`},"values":[[10,"1"],[20,"0"],[30,"1"]]}`,
		`{"metric":{"__name__":"x_total",`+of+`},"values":[[10,"1"],[30,"3"]]}`,
		`{"metric":{"__name__":"job:x:rate5m",`+of+`},"values":[[10,"1"],[20,"1"]]}`,
		`{"metric":{"__name__":"ALERTS",`+of+`},"values":[[10,"1"]]}`,
		`{"metric":{"__name__":"rule",`+of+`},"values":[[14,"1"],[24,"1"]]}`,
		`{"metric":{"__name__":"total","job":"shop"},"values":[[10,"1"]]}`))
	read, err := s.Read(t.Context(), time.Unix(0, 0), time.Unix(40, 0), Clock{})
	require.NoError(t, err)
	require.Equal(t, []string{"ALERTS", "job:x:rate5m", "rule", "total"}, read.Left)
	require.Len(t, read.Endpoints, 1)
	rounds := read.Endpoints[0].Rounds
	require.Len(t, rounds, 3)
	require.True(t, rounds[1].Failed)
	require.Equal(t, 3.0, valueOf(t, rounds[2], "x_total"))
}

// Samples that two stretches of time share are there once.
func TestReadAsksForStretches(t *testing.T) {
	asked := 0
	s := recorded(t, func(query string, w http.ResponseWriter) bool {
		if !strings.HasSuffix(query, "ms]") {
			return false
		}
		asked++
		fmt.Fprint(w, matrix(fmt.Sprintf(`{"metric":{"__name__":"up","job":"shop","instance":"a:1"},"values":[[%d,"1"],[%d,"1"]]}`,
			(asked-1)*30, asked*30)))
		return true
	})
	read, err := s.Read(t.Context(), time.Unix(0, 0), time.Unix(90, 0), Clock{})
	require.NoError(t, err)
	require.Equal(t, 2, asked, "the second stretch is longer: there was little")
	require.Len(t, read.Endpoints[0].Rounds, 3)
}

func TestReadDoubtsWhatIsThereTwice(t *testing.T) {
	for want, series := range map[string][]string{
		`is scraped by several jobs (pods, shop), so that its counts are there twice; put job="pods" into match`: {
			`{"metric":{"__name__":"up","job":"shop","instance":"a:1"},"values":[[10,"1"]]}`,
			`{"metric":{"__name__":"up","job":"pods","instance":"a:1"},"values":[[11,"1"]]}`},
		`with different values of the label prometheus_replica`: {
			`{"metric":{"__name__":"up","job":"shop","instance":"a:1","prometheus_replica":"a"},"values":[[10,"1"]]}`,
			`{"metric":{"__name__":"up","job":"shop","instance":"a:1","prometheus_replica":"b"},"values":[[11,"1"]]}`},
	} {
		read, err := recorded(t, answered(series...)).Read(t.Context(), time.Unix(0, 0), time.Unix(20, 0), Clock{})
		require.NoError(t, err)
		require.Contains(t, read.Doubt, want)
	}
}

// Each trouble of the API has its words; some end the asking at once.
func TestTroublesOfTheAPI(t *testing.T) {
	status := func(code int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code); fmt.Fprint(w, body) }
	}
	for _, row := range []struct {
		trouble  string
		answer   func(http.ResponseWriter)
		says     string
		hopeless bool
	}{
		{"bad_data", status(400, `{"status":"error","errorType":"bad_data","error":"parse error: \u001b[31m"}`), `status 400: it cannot carry out the query (it says "parse error: `, true},
		{"execution", status(422, `{"status":"error","errorType":"execution","error":"too many samples"}`), `status 422: it cannot carry out the query (it says "too many samples")`, true},
		{"timeout", status(503, `{"status":"error","errorType":"timeout","error":"query timed out"}`), "status 503", false},
		{"no credentials", status(401, "no org id"), `it wants credentials: give scrape: {prometheus: {http:`, true},
		{"too often", status(429, ""), "it limits the rate", false},
		{"no API", status(404, "<html>"), "url is what stands before /api/v1", true},
		{"a page", status(200, "<html>"), "the answer is none of a Prometheus API", true},
		{"no scalar", status(200, `{"status":"success","data":{"resultType":"vector","result":[]}}`), "time() gives a vector, not a scalar", false},
		{"cut short", func(w http.ResponseWriter) { w.Header().Set("Content-Length", "100"); fmt.Fprint(w, "{") }, "the answer was cut short after 1 bytes", false},
		{"slow", func(http.ResponseWriter) { time.Sleep(700 * time.Millisecond) }, "no complete answer in 500ms: it is slow or hangs", false},
		{"partial", status(200, `{"status":"success","warnings":["store \u001b down"],"data":{"resultType":"scalar","result":[1,"1"]}}`), "the answer may be partial: store \uFFFD down", false},
	} {
		t.Run(row.trouble, func(t *testing.T) {
			_, err := recorded(t, func(_ string, w http.ResponseWriter) bool { row.answer(w); return true }).Clock(t.Context())
			require.ErrorContains(t, err, row.says)
			require.NotContains(t, err.Error(), "\x1b")
			require.Equal(t, row.hopeless, Hopeless(err))
		})
	}
	gone, err := New(Settings{URL: "http://ann:secret@127.0.0.1:1", Match: "up", HTTP: config.DefaultHTTPClientConfig})
	require.NoError(t, err)
	_, err = gone.Clock(t.Context())
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "secret")
	require.False(t, Hopeless(err))
}
