package overhead

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"brrtload/internal/signals"
)

// sink receives the spans of arms over OTLP, HTTP and gRPC, and counts them, each arm's at an
// address of its own. Only arms that are to be traced have one: a service that knows where spans
// go may do otherwise than it does by itself. What the sink does with a delivery it does on the
// harness's CPUs and between the hits of all arms.
//
// Note: package signals keeps spans to judge their shape. Here they are counted only: the less the
// harness does while it measures, the better.
type sink struct {
	servers []*http.Server
	urls    []string // by arm; empty of one that is not traced
	serving sync.WaitGroup

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

// newSink listens for the arms that are traced.
func newSink(traced []bool) (*sink, error) {
	s := &sink{urls: make([]string, len(traced)), counts: make([]delivered, len(traced))}
	for arm, is := range traced {
		if !is {
			continue
		}
		listen, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listen for spans: %w", err), s.close())
		}
		server := signals.NewServer(s.handler(arm))
		server.ReadTimeout = time.Minute
		s.urls[arm], s.servers = "http://"+listen.Addr().String(), append(s.servers, server)
		s.serving.Go(func() { server.Serve(listen) }) //nolint:errcheck // it ends by close
	}
	return s, nil
}

func (s *sink) close() error {
	var failed []error
	for _, server := range s.servers {
		failed = append(failed, server.Close())
	}
	s.serving.Wait()
	return errors.Join(failed...)
}

// environment returns the variables that send a traced arm's spans to the collector.
func (s *sink) environment(arm int) []string {
	if s.urls[arm] == "" {
		return nil
	}
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.urls[arm]}
}

// handler takes what an arm delivers.
func (s *sink) handler(arm int) http.Handler {
	rpc := signals.NewRPC(func(sent *collector.ExportTraceServiceRequest) (int64, error) {
		s.add(arm, spansOf(sent), nil)
		return 0, nil
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, r *http.Request) { s.traces(arm, w, r) })
	mux.HandleFunc("POST /", func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, io.LimitReader(r.Body, maxDelivery)) }) //nolint:errcheck // other signals are taken and not counted
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !signals.IsRPC(r) {
			mux.ServeHTTP(w, r)
			return
		}
		body := &counting{from: r.Body}
		r.Body = body
		rpc.ServeHTTP(w, r)
		s.add(arm, delivered{bytes: body.n}, nil)
	})
}

// add adds to what an arm has delivered.
func (s *sink) add(arm int, d delivered, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.counts[arm]
	c.spans, c.roots, c.bytes, c.err = c.spans+d.spans, c.roots+d.roots, c.bytes+d.bytes, errors.Join(c.err, err)
}

// reset forgets what was delivered; the arms are started anew.
func (s *sink) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = make([]delivered, len(s.counts))
}

// of returns what an arm has delivered so far.
func (s *sink) of(arm int) delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[arm]
}

func (s *sink) traces(arm int, w http.ResponseWriter, r *http.Request) {
	d, err := readSpans(r)
	s.add(arm, d, err)
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
	found := spansOf(&sent)
	found.bytes = counted.n
	return found, nil
}

// spansOf counts the spans of a delivery.
func spansOf(sent *collector.ExportTraceServiceRequest) (d delivered) {
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
	return d
}

type counting struct {
	from io.ReadCloser
	n    int64
}

// Close implements io.Closer.
func (c *counting) Close() error { return c.from.Close() }

// Read implements io.Reader.
func (c *counting) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// arrived waits until an arm has delivered this many roots, or delivers no more.
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
