package signals

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
)

// grpcTo is a connection to a receiver, as an exporter makes it.
func grpcTo(t *testing.T, r *Receiver) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(r.URL(), "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

func receiving(t *testing.T, secrets ...string) (*Receiver, *Spans) {
	t.Helper()
	spans := NewSpans(spanWants, loadSent, NewScreen(secrets))
	r, err := Listen("127.0.0.1:0", spans)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r, spans
}

// One address takes spans over gRPC and over HTTP, so that it does not matter which of them a
// service speaks.
func TestReceiverSpeaksRPCAndHTTP(t *testing.T) {
	r, spans := receiving(t)
	client := coltrace.NewTraceServiceClient(grpcTo(t, r))
	one := &tracepb.Span{TraceId: make([]byte, 16), SpanId: []byte("12345678"), Name: "a"}
	one.TraceId[0] = 1
	none := &tracepb.Span{Name: "without ids"}
	answer, err := client.Export(t.Context(), requestOf(one))
	require.NoError(t, err)
	require.Zero(t, answer.GetPartialSuccess().GetRejectedSpans())
	answer, err = client.Export(t.Context(), requestOf(one, none), grpc.UseCompressor(gzip.Name))
	require.NoError(t, err)
	require.EqualValues(t, 1, answer.GetPartialSuccess().GetRejectedSpans())
	response, err := http.Post(r.URL()+"/v1/traces", protobufType, strings.NewReader(string(encoded(t, one))))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.EqualValues(t, 3, spans.Tally().Spans)
	require.Empty(t, r.Strange())
}

func TestWhatCannotBeReadOverRPCIsLost(t *testing.T) {
	r, spans := receiving(t)
	conn := grpcTo(t, r)
	err := conn.Invoke(t.Context(), "/opentelemetry.proto.collector.logs.v1.LogsService/Export", requestOf(), requestOf())
	require.Equal(t, codes.Unimplemented, status.Code(err))
	require.Empty(t, spans.Tally().Lost, "logs are no spans")
	big := &tracepb.Span{Name: strings.Repeat("x", maxBody)}
	_, err = coltrace.NewTraceServiceClient(conn).Export(t.Context(), requestOf(big))
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.Equal(t, map[string]uint64{TooLarge: 1}, spans.Tally().Lost)
}

func TestSecretsOverRPCAreMasked(t *testing.T) {
	r, spans := receiving(t, "hush-hush")
	_, err := coltrace.NewTraceServiceClient(grpcTo(t, r)).Export(t.Context(),
		requestOf(&tracepb.Span{TraceId: []byte("1234567890123456"), SpanId: []byte("12345678"), Name: "of hush-hush"}))
	require.NoError(t, err)
	require.Equal(t, map[string]uint64{"the name of a span": 1}, places(spans.screen))
	for labels := range counted(spans.Tally().Counts) {
		require.NotContains(t, labels, "hush-hush")
	}
}

// A service that speaks something else leaves no span, and nobody would know why.
func TestOtherProtocolsAreNoted(t *testing.T) {
	r, _ := receiving(t)
	response, err := http.Post(r.URL()+"/api/v2/spans", jsonType, strings.NewReader("[]"))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Contains(t, r.Strange(), "in HTTP at the path /api/v2/spans;")
	_, err = tls.Dial("tcp", strings.TrimPrefix(r.URL(), "http://"), &tls.Config{InsecureSkipVerify: true})
	require.Error(t, err)
	require.Contains(t, r.Strange(), "in TLS and in HTTP at the path /api/v2/spans; it takes OTLP over HTTP, at /v1/traces, and over gRPC, without TLS")
}
