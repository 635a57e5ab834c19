package overhead

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// sink receives the spans of all arms over OTLP/HTTP and counts them, each arm's under a path of its own. Every arm is told of it, with telemetry or
// without: none is treated otherwise. What the sink does with a delivery it does on the harness's CPUs and between the hits of all arms.
//
// Note: package signals keeps spans to judge their shape. Here they are counted only: the less the harness does while it measures, the better.
type sink struct {
	server *http.Server
	url    string
	done   chan struct{}

	mu     sync.Mutex
	counts []delivered
}

// delivered is what an arm has sent the sink.
type delivered struct {
	spans, roots int // roots have no parent, or are a server's, whose parent is the caller's
	bytes        int64
	err          error // why a delivery could not be read
}

// maxDelivery bounds a delivery, in bytes once unpacked.
const maxDelivery = 16 << 20

func newSink(arms int) (*sink, error) {
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for spans: %w", err)
	}
	s := &sink{url: "http://" + listen.Addr().String(), counts: make([]delivered, arms), done: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{arm}/v1/traces", s.traces)
	mux.HandleFunc("POST /{arm}/", func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, io.LimitReader(r.Body, maxDelivery)) }) //nolint:errcheck // other signals are taken and not counted
	s.server = &http.Server{Handler: mux, ReadTimeout: time.Minute}
	go func() {
		defer close(s.done)
		s.server.Serve(listen) //nolint:errcheck // it ends by close
	}()
	return s, nil
}

func (s *sink) close() error {
	err := s.server.Close()
	<-s.done
	return err
}

// environment tells an arm where to deliver its spans.
func (s *sink) environment(arm int) []string {
	return []string{fmt.Sprintf("OTEL_EXPORTER_OTLP_ENDPOINT=%s/%d", s.url, arm), "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"}
}

// reset forgets what was delivered; the arms are started anew.
func (s *sink) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = make([]delivered, len(s.counts))
}

// of gives what an arm has delivered so far.
func (s *sink) of(arm int) delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[arm]
}

func (s *sink) traces(w http.ResponseWriter, r *http.Request) {
	arm, err := strconv.Atoi(r.PathValue("arm"))
	if err != nil || arm < 0 || arm >= len(s.counts) {
		http.NotFound(w, r)
		return
	}
	d, err := readSpans(r)
	s.mu.Lock()
	c := &s.counts[arm]
	c.spans, c.roots, c.bytes, c.err = c.spans+d.spans, c.roots+d.roots, c.bytes+d.bytes, errors.Join(c.err, err)
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf") // an empty answer is an empty message: all was taken
}

func readSpans(r *http.Request) (delivered, error) {
	counted := &counting{from: r.Body}
	var body io.Reader = counted
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(counted)
		if err != nil {
			return delivered{bytes: counted.n}, fmt.Errorf("spans: %w", err)
		}
		body = z
	}
	text, err := io.ReadAll(io.LimitReader(body, maxDelivery))
	d := delivered{bytes: counted.n}
	if err != nil {
		return d, fmt.Errorf("spans: %w", err)
	}
	var sent collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(text, &sent); err != nil {
		return d, fmt.Errorf("spans: %w", err)
	}
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			d.spans += len(scope.Spans)
			for _, span := range scope.Spans {
				if len(span.ParentSpanId) == 0 || span.Kind == trace.Span_SPAN_KIND_SERVER {
					d.roots++
				}
			}
		}
	}
	return d, nil
}

type counting struct {
	from io.Reader
	n    int64
}

// Read implements io.Reader.
func (c *counting) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// arrived waits until an arm has delivered so many roots, or delivers no more.
func (s *sink) arrived(ctx context.Context, arm int, roots uint64) delivered {
	last := s.of(arm)
	for until := time.Now().Add(settling); ; {
		d := s.of(arm)
		if d.spans != last.spans {
			last, until = d, time.Now().Add(settling)
		}
		if uint64(d.roots) == roots || time.Now().After(until) || pause(ctx, 20*time.Millisecond) != nil {
			return d
		}
	}
}
