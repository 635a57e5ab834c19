package remotewrite

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
)

// receiver is a server of remote write that keeps what it took, of either version.
type receiver struct {
	t     *testing.T
	mu    sync.Mutex
	took  map[string][]taken // by the series' labels
	kinds []remote.WriteMessageType
}

type taken struct {
	at     int64
	value  float64
	counts *histogram.Histogram
}

// Store implements the storage of client_golang's handler.
func (r *receiver) Store(request *http.Request, kind remote.WriteMessageType) (*remote.WriteResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(request.Body)
	require.NoError(r.t, err)
	r.kinds = append(r.kinds, kind)
	answer, stats := remote.NewWriteResponse(), remote.WriteResponseStats{}
	if kind == remote.WriteV2MessageType {
		var sent writev2.Request
		require.NoError(r.t, sent.Unmarshal(body))
		for _, series := range sent.Timeseries {
			b := labels.NewScratchBuilder(0)
			lset, err := series.ToLabels(&b, sent.Symbols)
			require.NoError(r.t, err)
			for _, s := range series.Samples {
				r.took[lset.String()] = append(r.took[lset.String()], taken{at: s.Timestamp, value: s.Value})
				stats.Samples++
			}
			for _, h := range series.Histograms {
				r.took[lset.String()] = append(r.took[lset.String()], taken{at: h.Timestamp, counts: h.ToIntHistogram()})
				stats.Histograms++
			}
		}
	} else {
		var sent prompb.WriteRequest
		require.NoError(r.t, sent.Unmarshal(body))
		for _, series := range sent.Timeseries {
			b := labels.NewScratchBuilder(0)
			lset := series.ToLabels(&b, nil)
			for _, s := range series.Samples {
				r.took[lset.String()] = append(r.took[lset.String()], taken{at: s.Timestamp, value: s.Value})
			}
			for _, h := range series.Histograms {
				r.took[lset.String()] = append(r.took[lset.String()], taken{at: h.Timestamp, counts: h.ToIntHistogram()})
			}
		}
	}
	answer.Add(stats)
	return answer, nil
}

// write sends a counter and a native histogram through a store, and ends the run.
func write(t *testing.T, address string) error {
	t.Helper()
	s, err := New(address)
	require.NoError(t, err)
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	defer store.Close()
	store.Tee(s.Take)
	s.Begin("run-1", "2")
	t0 := time.UnixMilli(1_000_000)
	h := &histogram.Histogram{Schema: 6, ZeroThreshold: 1e-12, PositiveSpans: []histogram.Span{{Offset: -640, Length: 1}}}
	for i := range 3 {
		at := t0.Add(time.Duration(i) * time.Second)
		b := store.At(at)
		b.Add(labels.FromStrings("__name__", "up", "job", "x"), float64(i))
		series := b.Series(labels.FromStrings("__name__", "latency"))
		more := h.Copy()
		more.Count, more.Sum, more.PositiveBuckets = uint64(i+1), float64(i), []int64{int64(i + 1)}
		b.Append(series, evidence.Sample{Histogram: more})
		require.NoError(t, b.Commit())
	}
	refused := store.At(t0) // a batch that is not stored is not sent
	refused.Add(labels.FromStrings("__name__", "up", "job", "x"), 7)
	require.Error(t, refused.Commit())
	return s.Close()
}

func TestASinkWritesWhatTheServerKnows(t *testing.T) {
	for name, accepted := range map[string]remote.MessageTypes{
		"2.0 and 1.0": {remote.WriteV1MessageType, remote.WriteV2MessageType}, "2.0": {remote.WriteV2MessageType}, "1.0": {remote.WriteV1MessageType},
	} {
		t.Run(name, func(t *testing.T) {
			r := &receiver{t: t, took: map[string][]taken{}}
			server := httptest.NewServer(remote.NewWriteHandler(r, accepted))
			defer server.Close()
			require.NoError(t, write(t, server.URL+"/api/v1/write"))

			up := r.took[`{__name__="up", brrtload_run="run-1", brrtload_shard="2", job="x"}`]
			require.Len(t, up, 4)
			for i := range 3 {
				require.Equal(t, taken{at: 1_000_000 + 1000*int64(i), value: float64(i)}, up[i])
			}
			require.Equal(t, int64(1_002_001), up[3].at)
			require.True(t, value.IsStaleNaN(up[3].value), "a series ends with its marker")

			native := r.took[`{__name__="latency", brrtload_run="run-1", brrtload_shard="2"}`]
			require.Len(t, native, 4)
			require.Equal(t, int32(6), native[2].counts.Schema)
			require.Equal(t, uint64(3), native[2].counts.Count)
			require.Equal(t, []int64{3}, native[2].counts.PositiveBuckets)
			require.True(t, value.IsStaleNaN(native[3].counts.Sum))
			want := remote.WriteV2MessageType
			if name == "1.0" {
				want = remote.WriteV1MessageType
			}
			require.Equal(t, want, r.kinds[len(r.kinds)-1])
		})
	}
}

// A server that cannot be reached holds no run up.
func TestAServerThatIsNotThereEndsInSeconds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	s, err := New("http://" + listener.Addr().String() + "/api/v1/write")
	require.NoError(t, err)
	s.patience = 200 * time.Millisecond
	s.Begin("run", "")
	for i := range 100_000 {
		s.Take(labels.FromStrings("__name__", "x"), int64(i), evidence.Sample{Value: 1})
	}
	began := time.Now()
	require.ErrorContains(t, s.Close(), "100001 of 100001 samples were not taken")
	require.Less(t, time.Since(began), closing)
}

func TestWhatIsLostIsReported(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no room", http.StatusBadRequest)
	}))
	defer server.Close()
	require.ErrorContains(t, write(t, server.URL), "8 of 8 samples were not taken")
	for _, bad := range []string{"", "127.0.0.1:9090", "ftp://x/y", "http://"} {
		_, err := New(bad)
		require.Error(t, err, bad)
	}
}
