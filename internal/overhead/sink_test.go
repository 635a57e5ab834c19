package overhead

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// A program that is told where spans go may do otherwise than by itself, so that only those that
// are traced are told.
func TestOnlyTracedArmsAreToldWhereSpansGo(t *testing.T) {
	with, without := Command{Proof: Proof{Roots: true}}, Command{}
	arms := []Arm{{Role: Baseline, Command: without}, {Role: Twin, Command: without}, {Role: Candidate, Command: with}, {Role: Variant}, {Role: Level}}
	require.Equal(t, []bool{false, false, true, true, false}, traced(arms))
	arms[2].Command = without
	require.Equal(t, make([]bool, 5), traced(arms))
	s, err := newSink([]bool{false, true})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	require.Empty(t, s.environment(0))
	require.Equal(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.urls[1]}, s.environment(1), "the protocol is the program's to choose")
}

func TestSinkCountsSpansOfEitherProtocol(t *testing.T) {
	s, err := newSink([]bool{true, true})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	sent := &collector.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{{
		Spans: []*trace.Span{{Name: "root"}, {Name: "child", ParentSpanId: []byte("12345678")}}}}}}}
	body, err := proto.Marshal(sent)
	require.NoError(t, err)
	response, err := http.Post(s.urls[0]+"/v1/traces", "application/x-protobuf", bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	conn, err := grpc.NewClient(strings.TrimPrefix(s.urls[1], "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	_, err = collector.NewTraceServiceClient(conn).Export(t.Context(), sent)
	require.NoError(t, err)
	require.Equal(t, delivered{spans: 2, roots: 1, bytes: int64(len(body))}, s.of(0))
	require.Eventually(t, func() bool { return s.of(1).bytes == int64(len(body)+5) }, 1e10, 1e6, "a message of gRPC has five bytes before it")
	require.Equal(t, 2, s.of(1).spans)
	require.Equal(t, 1, s.of(1).roots)
}
