package signals

import (
	"encoding/binary"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"brrtload/internal/facts"
	"brrtload/internal/tier"
)

var spanWants = facts.Wants{SpanLabels: map[string]string{"status": "http.status"}, Attributes: []string{"http.status"}}

// loadSent is a load that began the traces below 1000, with spans of the trace's number.
func loadSent(id [16]byte) (uint64, [8]byte, bool) {
	n := binary.BigEndian.Uint64(id[:8])
	return n, [8]byte(binary.BigEndian.AppendUint64(nil, n|1<<32)), n < 1000
}

func traceID(n uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, n), 7)
}
func spanID(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func spanOf(trace, id, parent uint64, name string, kind tracepb.Span_SpanKind) *tracepb.Span {
	s := &tracepb.Span{TraceId: traceID(trace), SpanId: spanID(id), Name: name, Kind: kind, StartTimeUnixNano: id * 1e6, EndTimeUnixNano: 2 * id * 1e6}
	if parent != 0 {
		s.ParentSpanId = spanID(parent)
	}
	if kind == tracepb.Span_SPAN_KIND_SERVER {
		s.Attributes = []*common.KeyValue{{Key: "http.status", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: 200}}}}
	}
	return s
}

const (
	server   = tracepb.Span_SPAN_KIND_SERVER
	internal = tracepb.Span_SPAN_KIND_INTERNAL
)

// whole is a trace of a server span that the load began, with three spans below.
func whole(n uint64) []*tracepb.Span {
	return []*tracepb.Span{
		spanOf(n, 20, 10, "match", internal), spanOf(n, 30, 10, "execute", internal), spanOf(n, 40, 30, "query", internal),
		spanOf(n, 10, n|1<<32, "GET", server),
	}
}

func requestOf(spans ...*tracepb.Span) *coltrace.ExportTraceServiceRequest {
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}}
}

// shapesOf returns the shapes of the traces that are made of these spans.
func shapesOf(spans ...*tracepb.Span) (shapes []map[string]string, counts []uint64) {
	s := NewSpans(spanWants, loadSent, NewScreen(nil))
	s.take(requestOf(spans...))
	s.Settle()
	for _, e := range s.Events() {
		shapes, counts = append(shapes, e.Fields), append(counts, e.Count)
	}
	return shapes, counts
}

func TestTracesAreReducedToTheirShapes(t *testing.T) {
	good := map[string]string{"roots": "1", "root": "server", "joined": "true", "attribute http.status": "200", "child match": "1", "child execute": "1", "deeper query": "1"}
	but := func(changes ...string) map[string]string {
		out := map[string]string{}
		for k, v := range good {
			out[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			if out[changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(out, changes[i])
			}
		}
		return out
	}
	for name, row := range map[string]struct {
		spans []*tracepb.Span
		want  map[string]string
	}{
		"whole":                            {whole(1), good},
		"begun by somebody else":           {whole(1001), but("joined", "")},
		"without a parent":                 {append(whole(1)[:3], spanOf(1, 10, 0, "GET", server)), but("joined", "false")},
		"a child missing":                  {whole(1)[1:], but("child match", "")},
		"a parent missing":                 {append(whole(1)[:1], whole(1)[2:]...), but("orphans", "1", "child execute", "")},
		"another parent than was sent":     {append(whole(1)[:3], spanOf(1, 10, 99, "GET", server)), but("joined", "false")},
		"the root missing":                 {whole(1)[:3], map[string]string{"roots": "0", "orphans": "2"}},
		"two roots":                        {append(whole(1), spanOf(1, 11, 1|1<<32, "GET", server)), but("roots", "2", "deeper GET", "1")},
		"the same id twice":                {append(whole(1), spanOf(1, 20, 10, "match", internal)), but("twins", "1", "child match", "2")},
		"a span that is its own parent":    {append(whole(1), spanOf(1, 50, 50, "self", internal)), but("orphans", "1", "deeper self", "1")},
		"a root that is no server":         {append(whole(1)[:3], spanOf(1, 10, 1|1<<32, "GET", internal)), but("root", "internal", "attribute http.status", "")},
		"two that are each other's parent": {append(whole(1), spanOf(1, 50, 51, "a", internal), spanOf(1, 51, 50, "b", internal)), but("deeper a", "1", "deeper b", "1")},
	} {
		t.Run(name, func(t *testing.T) {
			shapes, counts := shapesOf(row.spans...)
			require.Equal(t, []map[string]string{row.want}, shapes)
			require.Equal(t, []uint64{1}, counts)
		})
	}
	shapes, counts := shapesOf(append(append(whole(1), whole(2)...), whole(3)[3])...)
	require.Len(t, shapes, 2, "as many events as shapes, however many traces")
	require.ElementsMatch(t, []uint64{2, 1}, counts)
}

func TestSpansAreCounted(t *testing.T) {
	s := NewSpans(spanWants, loadSent, NewScreen(nil))
	failed := spanOf(1001, 10, 0, "GET", server)
	failed.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	refused := s.take(requestOf(append(whole(1), failed, &tracepb.Span{Name: "no ids"}, &tracepb.Span{TraceId: traceID(1), SpanId: make([]byte, 8)})...))
	require.EqualValues(t, 2, refused)
	require.Equal(t, map[string]uint64{
		"": 0,
		"name=match kind=internal span_status=unset joined=true":        1,
		"name=execute kind=internal span_status=unset joined=true":      1,
		"name=query kind=internal span_status=unset joined=true":        1,
		"name=GET kind=server span_status=unset joined=true status=200": 1,
		"name=GET kind=server span_status=error status=200":             1,
	}, counted(s.Tally().Counts))
	require.EqualValues(t, 5, s.Tally().Spans)
	require.Equal(t, map[string]uint64{Malformed: 2}, s.Tally().Lost)
}

// A trace is put together from batches that come one after the other, for as long as not too much
// time lies between them.
func TestATraceMayComeInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSpans(spanWants, loadSent, NewScreen(nil))
		for _, one := range whole(1) {
			s.take(requestOf(one))
			time.Sleep(Settled - time.Millisecond)
		}
		s.Settle()
		require.Len(t, s.Events(), 1)
		require.Equal(t, "1", s.Events()[0].Fields["roots"])
	})
}

func TestMemoryIsBoundedByTracesThatNeverEnd(t *testing.T) {
	tier.Long(t)
	s := NewSpans(spanWants, loadSent, NewScreen(nil))
	for n := range uint64(3 * maxTraces) {
		s.take(requestOf(spanOf(n+1000, 10, 0, fmt.Sprint("name ", n), server)))
		require.LessOrEqual(t, len(s.young)+len(s.old), maxTraces)
	}
	tally := s.Tally()
	require.EqualValues(t, 3*maxTraces, tally.Spans)
	require.Len(t, tally.Counts, maxCounts+1)
	require.LessOrEqual(t, len(s.names), maxNames+1)
	require.Positive(t, tally.Lost[TooMany])
	require.Positive(t, tally.Lost[TooEarly], "traces that had to make room")

	s = NewSpans(spanWants, loadSent, NewScreen(nil))
	for n := range uint64(2 * maxHeld / maxSpans) {
		for id := range uint64(maxSpans) {
			s.take(requestOf(spanOf(n+1000, id+1, 0, "x", internal)))
		}
		under := 0
		for _, traces := range []map[[16]byte]*trace{s.young, s.old} {
			for _, one := range traces {
				under += len(one.spans)
			}
		}
		require.LessOrEqual(t, under, maxHeld+2*maxSpans)
		require.LessOrEqual(t, len(s.free), maxFree)
	}

	s = NewSpans(spanWants, loadSent, NewScreen(nil))
	for n := range uint64(2 * maxSpans) {
		s.take(requestOf(spanOf(1, n+1, 0, "x", server)))
	}
	require.EqualValues(t, maxSpans, s.Tally().Lost[TooManySpans])
}

func TestTheSlowestTracesAreKept(t *testing.T) {
	s := NewSpans(spanWants, loadSent, NewScreen(nil))
	for n := range uint64(100) {
		took := (n*37 + 5) % 100
		spans := whole(n)
		spans[3].StartTimeUnixNano, spans[3].EndTimeUnixNano = 1e9, 1e9+took*1e6
		s.take(requestOf(spans...))
	}
	s.Settle()
	slowest := s.Slowest()
	require.Len(t, slowest, keepSlowest)
	for i, one := range slowest {
		require.InDelta(t, float64(99-i)/1e3, one.Seconds, 1e-9)
		require.True(t, one.Ours)
		require.EqualValues(t, 99-i, (one.Seq*37+5)%100)
		depths := map[string]int{}
		for _, part := range one.Spans {
			depths[part.Name] = part.Depth
		}
		require.Equal(t, map[string]int{"GET": 0, "match": 1, "execute": 1, "query": 2}, depths)
	}
}
