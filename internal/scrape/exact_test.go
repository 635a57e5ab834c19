package scrape

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// simulation is a target that counts, restarts, loses and gains series, and sometimes does not
// answer. It keeps what can be known of its counts from its answers: what it counted between the
// last answer and a crash cannot.
type simulation struct {
	*rand.Rand
	format  expfmt.Format
	created bool // the exposition says when each counter started
	started time.Time
	now     time.Time
	known   []simulated
	down    bool
}

type simulated struct {
	labels   []*dto.LabelPair
	exposed  bool
	value    uint64
	answered uint64 // the value in the last answer that had it
	fresh    bool   // counting anew since then
	truth    uint64 // all that the answers showed
}

func newSimulation(seed uint64) *simulation {
	s := &simulation{Rand: rand.New(rand.NewPCG(seed, 1)), started: t0.Add(-time.Hour)}
	formats := []expfmt.FormatType{expfmt.TypeTextPlain, expfmt.TypeOpenMetrics, expfmt.TypeProtoDelim}
	s.format = expfmt.NewFormat(formats[seed%3])
	s.created = seed%3 == 2 && s.IntN(2) == 0
	for i := range 5 {
		s.known = append(s.known, simulated{
			labels:  []*dto.LabelPair{{Name: proto.String("n"), Value: proto.String(fmt.Sprint(i))}},
			exposed: s.IntN(2) == 0, fresh: true,
		})
	}
	return s
}

// live lets the target live for a second. What answers show is what the caller tells
// [simulation.answer] they are.
func (s *simulation) live() {
	s.now = s.now.Add(time.Second)
	s.down = s.IntN(8) == 0
	if s.IntN(10) == 0 && s.now.Sub(s.started) > 2*time.Second {
		s.started = s.now.Add(-time.Duration(s.IntN(900)) * time.Millisecond)
		for i := range s.known {
			s.known[i].value, s.known[i].fresh = 0, true
		}
	}
	for i := range s.known {
		k := &s.known[i]
		if s.IntN(6) == 0 {
			k.exposed = !k.exposed
		}
		if s.IntN(3) > 0 {
			k.value += s.Uint64N(1000)
		}
	}
}

func (s *simulation) RoundTrip(*http.Request) (*http.Response, error) {
	if s.down {
		return nil, fmt.Errorf("down")
	}
	var body bytes.Buffer
	encoder := expfmt.NewEncoder(&body, s.format)
	for _, f := range s.families() {
		if len(f.Metric) == 0 {
			continue
		}
		if err := encoder.Encode(f); err != nil {
			return nil, err
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			return nil, err
		}
	}
	return (&server{contentType: string(s.format), body: body.String()}).RoundTrip(nil)
}

// families returns the exposition: each count as a counter, a classic and a native histogram, a
// summary; and a gauge.
func (s *simulation) families() []*dto.MetricFamily {
	counter := &dto.MetricFamily{Name: proto.String("c_total"), Type: dto.MetricType_COUNTER.Enum()}
	histogram := &dto.MetricFamily{Name: proto.String("h"), Type: dto.MetricType_HISTOGRAM.Enum()}
	summary := &dto.MetricFamily{Name: proto.String("s"), Type: dto.MetricType_SUMMARY.Enum()}
	gauge := &dto.MetricFamily{Name: proto.String("g"), Type: dto.MetricType_GAUGE.Enum()}
	process := &dto.MetricFamily{Name: proto.String("process_start_time_seconds"), Type: dto.MetricType_GAUGE.Enum()}
	process.Metric = []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(float64(s.started.UnixMilli()) / 1000)}}}
	var created *timestamppb.Timestamp
	if s.created {
		created = timestamppb.New(s.started)
	}
	for i := range s.known {
		k := &s.known[i]
		if !k.exposed {
			continue
		}
		n, x := proto.Uint64(k.value), proto.Float64(float64(k.value))
		counter.Metric = append(counter.Metric, &dto.Metric{Label: k.labels, Counter: &dto.Counter{Value: x, CreatedTimestamp: created}})
		summary.Metric = append(summary.Metric, &dto.Metric{Label: k.labels, Summary: &dto.Summary{SampleCount: n, SampleSum: x, CreatedTimestamp: created}})
		gauge.Metric = append(gauge.Metric, &dto.Metric{Label: k.labels, Gauge: &dto.Gauge{Value: x}})
		h := &dto.Histogram{
			SampleCount: n, SampleSum: x, CreatedTimestamp: created,
			Bucket: []*dto.Bucket{{CumulativeCount: proto.Uint64(k.value / 2), UpperBound: proto.Float64(0.5)}},
			Schema: proto.Int32(3), ZeroThreshold: proto.Float64(1e-9), ZeroCount: proto.Uint64(0),
			PositiveSpan:  []*dto.BucketSpan{{Offset: proto.Int32(0), Length: proto.Uint32(1)}},
			PositiveDelta: []int64{int64(k.value)},
		}
		histogram.Metric = append(histogram.Metric, &dto.Metric{Label: k.labels, Histogram: h})
	}
	return []*dto.MetricFamily{counter, gauge, histogram, process, summary}
}

// answer accounts for an answer: what each series that it had has counted since the answer before
// that had it.
func (s *simulation) answer() {
	for i := range s.known {
		k := &s.known[i]
		if !k.exposed {
			continue
		}
		if k.fresh {
			k.truth += k.value
		} else {
			k.truth += k.value - k.answered
		}
		k.answered, k.fresh = k.value, false
	}
}

// edge is a scrape that succeeded, and the truth then.
type edge struct {
	at     time.Time
	counts map[string]float64
	gauges map[string]float64
}

func (s *simulation) edge() edge {
	e := edge{at: s.now, counts: map[string]float64{}, gauges: map[string]float64{}}
	for i := range s.known {
		k := &s.known[i]
		name := fmt.Sprintf(`{n="%d"}`, i)
		e.counts[name] = float64(k.truth)
		if k.exposed {
			e.gauges[name] = float64(k.value)
		}
	}
	return e
}

func TestCountsAreExactOverAnyWindow(t *testing.T) {
	queries := []string{
		`sum by (n) (increase(c_total[range()] anchored))`,
		`sum by (n) (increase(h_count[range()] anchored))`,
		`sum by (n) (increase(h_sum[range()] anchored))`,
		`sum by (n) (increase(h_bucket{le="+Inf"}[range()] anchored))`,
		`sum by (n) (increase(s_count[range()] anchored))`,
	}
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newSimulation(seed)
			store := newStore(t)
			e := newEndpoint(t, store, s)
			s.now = t0
			scrape(t, e, 0)
			e.Baseline(t0)
			s.answer()
			for i := range s.known { // what was counted before the baseline is nobody's
				s.known[i].truth = 0
			}
			edges := []edge{s.edge()}
			for i := 1; i <= 40; i++ {
				s.live()
				if _, err := tryScrape(t, e, float64(i)); err != nil {
					require.True(t, s.down, err)
					continue
				}
				s.answer()
				edges = append(edges, s.edge())
			}
			asked := queries
			if s.format.FormatType() == expfmt.TypeProtoDelim {
				asked = append(asked, `sum by (n) (histogram_count(increase(h[range()] anchored)))`)
			}
			for range 10 {
				from := s.IntN(len(edges) - 1)
				to := from + 1 + s.IntN(len(edges)-1-from)
				w := facts.Window{Name: "test", Start: edges[from].at, End: edges[to].at}
				for _, query := range asked {
					got := ask(t, store, query, w)
					for n, count := range edges[to].counts {
						require.Equal(t, count-edges[from].counts[n], got[n], "%s of %s from edge %d to %d", query, n, from, to)
					}
				}
				require.Equal(t, edges[to].gauges, ask(t, store, `sum by (n) (g)`, w))
				for query, want := range levels(edges[from+1 : to+1]) {
					require.Equal(t, want, ask(t, store, query, w), "%s from edge %d to %d", query, from, to)
				}
				requireShare(t, store, w, edges[from], edges[to])
			}
		})
	}
}

// levels returns what budgets on a gauge must measure over the scrapes of a window: its start edge
// belongs to the stretch before. Failed scrapes, and those without the series, leave markers that
// count for nothing.
func levels(scrapes []edge) map[string]map[string]float64 {
	most, least, sum, n := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, s := range scrapes {
		for name, value := range s.gauges {
			if n[name] == 0 {
				most[name], least[name] = value, value
			}
			most[name], least[name] = max(most[name], value), min(least[name], value)
			sum[name] += value
			n[name]++
		}
	}
	return map[string]map[string]float64{
		`sum by (n) (max_over_time(g[range()]))`: most, `sum by (n) (min_over_time(g[range()]))`: least,
		`sum by (n) (sum_over_time(g[range()]))`: sum, `sum by (n) (count_over_time(g[range()]))`: n,
	}
}

// requireShare holds a budget such as an error rate, a count among several as a share of all of
// them, to the truth.
func requireShare(t *testing.T, store *evidence.Store, w facts.Window, from, to edge) {
	t.Helper()
	const first = `{n="0"}`
	part, all := to.counts[first]-from.counts[first], 0.0
	for n, count := range to.counts {
		all += count - from.counts[n]
	}
	got := ask(t, store, `sum(increase(c_total{n="0"}[range()] anchored)) / sum(increase(c_total[range()] anchored))`, w)
	if all == 0 || len(got) == 0 {
		require.Zero(t, part, "nothing is known of a series that counted")
		return
	}
	require.Equal(t, part/all, got[`{}`])
}
