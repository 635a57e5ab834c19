package signals

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

func zip(t testing.TB, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(body)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func encoded(t testing.TB, spans ...*tracepb.Span) []byte {
	t.Helper()
	body, err := proto.Marshal(requestOf(spans...))
	require.NoError(t, err)
	return body
}

// asJSON writes a trace as the OTLP specification does: ids in hexadecimal, numbers of 64 bits as
// text.
func asJSON(spans ...*tracepb.Span) string {
	var list []string
	for _, s := range spans {
		list = append(list, fmt.Sprintf(`{"traceId":"%X","spanId":"%s","parentSpanId":"%s","name":%q,"kind":%d,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","unheardOf":1,
 "attributes":[{"key":"http.status","value":{"intValue":"200"}}]}`,
			s.TraceId, hex.EncodeToString(s.SpanId), hex.EncodeToString(s.ParentSpanId), s.Name, s.Kind, s.StartTimeUnixNano, s.EndTimeUnixNano))
	}
	return `{"resourceSpans":[{"scopeSpans":[{"spans":[` + strings.Join(list, ",") + `]}]}]}`
}

const (
	protobufType = "application/x-protobuf"
	jsonType     = "application/json"
)

func TestReceiverTakesEveryFormOfATrace(t *testing.T) {
	spans := NewSpans(spanWants, loadSent, NewScreen(nil))
	receiver, err := Listen("127.0.0.1:0", spans)
	require.NoError(t, err)
	for i, row := range []struct {
		body     []byte
		media    string
		encoding string
	}{
		{encoded(t, whole(1)...), protobufType, ""},
		{zip(t, encoded(t, whole(2)...)), protobufType, "gzip"},
		{[]byte(asJSON(whole(3)...)), jsonType + "; charset=utf-8", ""},
		{zip(t, []byte(asJSON(whole(4)...))), jsonType, "gzip"},
		{nil, protobufType, ""},
		{[]byte("{}"), jsonType, "identity"},
	} {
		request, err := http.NewRequest(http.MethodPost, receiver.URL()+"/v1/traces", bytes.NewReader(row.body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", row.media)
		request.Header.Set("Content-Encoding", row.encoding)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.StatusCode, "%d: %s", i, body)
		require.Equal(t, strings.Split(row.media, ";")[0], answer.Header.Get("Content-Type"))
		if row.media == protobufType {
			require.Empty(t, body, "all was taken")
		} else {
			require.Equal(t, "{}", string(body))
		}
	}
	require.NoError(t, receiver.Close())
	spans.Settle()
	events := spans.Events()
	require.Len(t, events, 1, "all of them are the same trace")
	require.EqualValues(t, 4, events[0].Count)
	require.Equal(t, "true", events[0].Fields["joined"])
	require.EqualValues(t, 16, spans.Tally().Spans)
	require.Empty(t, spans.Tally().Lost)
}

// post returns the answer to a body, without a network.
func post(spans *Spans, path, media, encoding string, body io.Reader) *httptest.ResponseRecorder {
	r := &Receiver{spans: spans, room: make(chan struct{}, maxAtOnce)}
	r.bodies.New = func() any { return new(bytes.Buffer) }
	request := httptest.NewRequest(http.MethodPost, path, body)
	request.Header.Set("Content-Type", media)
	request.Header.Set("Content-Encoding", encoding)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)
	return w
}

func TestReceiverRefusesAndSaysWhere(t *testing.T) {
	good := encoded(t, whole(1)...)
	cut := good[:len(good)-3]
	bomb := zip(t, make([]byte, maxBody+1))
	notText := encoded(t, &tracepb.Span{Name: "name"})
	at := bytes.Index(notText, []byte("name"))
	notText[at] = 0xff
	for name, row := range map[string]struct {
		path, media, encoding string
		body                  []byte
		status                int
		says                  string
		lost                  string
	}{
		"metrics":                {"/v1/metrics", protobufType, "", nil, 404, "only spans are taken in here, at /v1/traces", ""},
		"logs":                   {"/v1/logs", protobufType, "", nil, 404, "only spans are taken in here, at /v1/traces", ""},
		"another type":           {"/v1/traces", "text/plain", "", good, 415, "want application/x-protobuf or application/json", Malformed},
		"another encoding":       {"/v1/traces", protobufType, "br", good, 415, "want gzip or no content encoding", Malformed},
		"protobuf cut short":     {"/v1/traces", protobufType, "", cut, 400, "byte 1: not an OTLP trace request: field 1 is cut short or too large", Malformed},
		"text that is not UTF-8": {"/v1/traces", protobufType, "", notText, 400, fmt.Sprintf("byte %d: not an OTLP trace request: name is not UTF-8", at), Malformed},
		"no gzip":                {"/v1/traces", protobufType, "gzip", good, 400, "byte 0: gzip: invalid header", Malformed},
		"gzip cut short":         {"/v1/traces", protobufType, "gzip", zip(t, good)[:50], 400, ": unexpected EOF", Malformed},
		"a bomb":                 {"/v1/traces", protobufType, "gzip", bomb, 413, "a body of more than 16777216 bytes", TooLarge},
		"too large":              {"/v1/traces", protobufType, "", make([]byte, maxBody+1), 413, "a body of more than 16777216 bytes", TooLarge},
		"no JSON":                {"/v1/traces", jsonType, "", []byte("{\n  x"), 400, "(line 2:3)", Malformed},
		"JSON cut short":         {"/v1/traces", jsonType, "", []byte("{ "), 400, "byte 2: not an OTLP trace request", Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			spans := NewSpans(spanWants, loadSent, NewScreen(nil))
			w := post(spans, row.path, row.media, row.encoding, bytes.NewReader(row.body))
			require.Equal(t, row.status, w.Code)
			var status rpcstatus.Status
			said := w.Body.String()
			if row.media != jsonType {
				require.NoError(t, proto.Unmarshal(w.Body.Bytes(), &status), "a status, as OTLP wants it")
				said = status.Message
			}
			require.Contains(t, strings.ReplaceAll(said, "\u00a0", " "), row.says)
			if row.lost == "" {
				require.Empty(t, spans.Tally().Lost)
			} else {
				require.Equal(t, map[string]uint64{row.lost: 1}, spans.Tally().Lost)
			}
			require.Zero(t, spans.Tally().Spans)
		})
	}
}

func TestABombIsReadNoFurtherThanItMayBeLarge(t *testing.T) {
	bomb := zip(t, make([]byte, 8*maxBody))
	body := bytes.NewReader(bomb)
	require.Equal(t, http.StatusRequestEntityTooLarge, post(NewSpans(spanWants, loadSent, NewScreen(nil)), "/v1/traces", protobufType, "gzip", body).Code)
	require.Greater(t, body.Len(), len(bomb)/2, "bytes of the body that were not read; one eighth of it is as large as a body may be")
}

func TestReceiverTakesPartAndSaysHowMuchNot(t *testing.T) {
	spans := NewSpans(spanWants, loadSent, NewScreen(nil))
	w := post(spans, "/v1/traces", protobufType, "", bytes.NewReader(encoded(t, append(whole(1), &tracepb.Span{Name: "x"})...)))
	require.Equal(t, http.StatusOK, w.Code)
	var answer coltrace.ExportTraceServiceResponse
	require.NoError(t, proto.Unmarshal(w.Body.Bytes(), &answer))
	require.EqualValues(t, 1, answer.PartialSuccess.RejectedSpans)
	require.EqualValues(t, 4, spans.Tally().Spans)
	w = post(spans, "/v1/traces", jsonType, "", strings.NewReader(strings.Replace(asJSON(whole(2)...), `"traceId":"0`, `"traceId":"+`, 1)))
	require.JSONEq(t, `{"partialSuccess":{"rejectedSpans":"1","errorMessage":"spans need a trace id of 16 bytes and a span id of 8"}}`, w.Body.String(),
		"what is base64 and not hexadecimal is no id")
}

func TestABusyReceiverAsksToTryAgain(t *testing.T) {
	spans := NewSpans(spanWants, loadSent, NewScreen(nil))
	r := &Receiver{spans: spans, room: make(chan struct{})}
	w := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/v1/traces", nil)
	request.Header.Set("Content-Type", protobufType)
	r.ServeHTTP(w, request)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Equal(t, map[string]uint64{Busy: 1}, spans.Tally().Lost)
}

func TestSecretsInSpansAreFoundAndKeptNowhere(t *testing.T) {
	screen := NewScreen([]string{"hush-hush"})
	for _, media := range []string{protobufType, jsonType} {
		spans := NewSpans(spanWants, loadSent, screen)
		one := whole(1)
		one[0].Name = "GET /?key=hush-hush"
		one[3].Attributes[0].Value = &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "hush-hush"}}
		body := encoded(t, one...)
		if media == jsonType {
			body = []byte(strings.ReplaceAll(asJSON(one...), `{"intValue":"200"}`, `{"stringValue":"hush-hush"}`))
		}
		w := post(spans, "/v1/traces", media, "", bytes.NewReader(body))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		spans.Settle()
		require.NotContains(t, fmt.Sprint(spans.Tally(), spans.Events(), spans.Slowest()), "hush-hush")
		require.Contains(t, fmt.Sprint(spans.Events()), "attribute http.status:*********")
	}
	require.EqualValues(t, 2, places(screen)[`the attribute http.status of spans "GET"`])
	require.EqualValues(t, 2, places(screen)["the name of a span"])
}

func FuzzReceiver(f *testing.F) {
	f.Add(encoded(f, whole(1)...), byte(0))
	f.Add([]byte(asJSON(whole(1)...)), byte(1))
	f.Add(zip(f, encoded(f, whole(1)...)), byte(2))
	f.Add(zip(f, []byte(asJSON(whole(1)...))), byte(3))
	f.Add([]byte("\x0a\xff\xff\xff\xff\x0f"), byte(0))
	f.Add([]byte(`{"resourceSpans":[null,{"scopeSpans":[{"spans":[null,{"links":[{}]}]}]}]}`), byte(1))
	f.Fuzz(func(t *testing.T, body []byte, how byte) {
		spans := NewSpans(spanWants, loadSent, NewScreen([]string{"hush"}))
		media, encoding := protobufType, ""
		if how&1 == 1 {
			media = jsonType
		}
		if how&2 == 2 {
			encoding = "gzip"
		}
		w := post(spans, "/v1/traces", media, encoding, bytes.NewReader(body))
		spans.Settle()
		tally := spans.Tally()
		total := uint64(0)
		for _, c := range tally.Counts {
			total += c.N
		}
		require.Equal(t, tally.Spans, total)
		switch w.Code {
		case http.StatusOK:
		case http.StatusBadRequest:
			require.Regexp(t, `byte \d+: |\(line \d+:\d+\)`, strings.ReplaceAll(w.Body.String(), "\u00a0", " "), "it says where")
			fallthrough
		case http.StatusRequestEntityTooLarge:
			require.Zero(t, tally.Spans)
			require.NotEmpty(t, tally.Lost, "what was refused is counted as lost")
		default:
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		spans.Events()
		spans.Slowest()
	})
}

// BenchmarkSpans is what spans cost from the body to the counts and shapes: batches of 512 as
// exporters send them, six to a trace.
func BenchmarkSpans(b *testing.B) {
	const traces = 85
	for _, compressed := range []bool{false, true} {
		b.Run(fmt.Sprintf("protobuf gzip=%t", compressed), func(b *testing.B) {
			var all []*tracepb.Span
			for n := range uint64(traces) {
				all = append(all, whole(n)...)
				all = append(all, spanOf(n, 50, 10, "channel.wait", internal), spanOf(n, 60, 10, "response.write", internal))
			}
			body, encoding := encoded(b, all...), ""
			if compressed {
				body, encoding = zip(b, body), "gzip"
			}
			spans := NewSpans(spanWants, loadSent, NewScreen([]string{"test-key", "not-the-key", "another-secret-token", "hunter22"}))
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if w := post(spans, "/v1/traces", protobufType, encoding, bytes.NewReader(body)); w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
				spans.Settle()
			}
			b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "spans/s")
		})
	}
}

// BenchmarkMemory is the memory that the intake holds when as many traces as it allows are under
// way and every table is full.
func BenchmarkMemory(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		spans := NewSpans(spanWants, loadSent, NewScreen(nil))
		for n := range uint64(maxTraces) {
			spans.take(requestOf(append(whole(n+1000), spanOf(n+1000, 70, 10, fmt.Sprint("name ", n), internal))...))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		runtime.KeepAlive(spans)
	}
}
