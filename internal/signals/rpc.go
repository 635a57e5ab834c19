package signals

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // registers what exporters compress with
	"google.golang.org/protobuf/proto"
)

// Export takes the spans of one request in and returns how many of them it refused.
type Export func(*coltrace.ExportTraceServiceRequest) (refused int64, err error)

type service struct {
	coltrace.UnimplementedTraceServiceServer
	export Export
}

// Export implements the collector's service.
func (s service) Export(_ context.Context,
	request *coltrace.ExportTraceServiceRequest) (*coltrace.ExportTraceServiceResponse, error) {
	refused, err := s.export(request)
	if err != nil {
		return nil, err
	}
	return accepted(refused), nil
}

// accepted is the answer to a request of which some spans were refused.
func accepted(refused int64) *coltrace.ExportTraceServiceResponse {
	response := &coltrace.ExportTraceServiceResponse{}
	if refused > 0 {
		response.PartialSuccess = &coltrace.ExportTracePartialSuccess{RejectedSpans: refused,
			ErrorMessage: "spans need a trace id of 16 bytes and a span id of 8"}
	}
	return response
}

// NewRPC returns a collector of spans over gRPC, to be served by a server of [NewServer] beside
// HTTP.
func NewRPC(export Export) *grpc.Server {
	rpc := grpc.NewServer(grpc.MaxRecvMsgSize(maxBody))
	coltrace.RegisterTraceServiceServer(rpc, service{export: export})
	return rpc
}

// NewServer returns a server that speaks HTTP/1.1 and HTTP/2 without TLS, as gRPC needs it.
func NewServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{Handler: handler, Protocols: protocols, IdleTimeout: time.Minute}
}

// IsRPC reports whether a request is gRPC's.
func IsRPC(r *http.Request) bool {
	return r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// serveRPC takes one call in. What could not be read is counted as lost.
func (r *Receiver) serveRPC(w http.ResponseWriter, request *http.Request) {
	if err := r.turn(request.Context()); err != nil {
		r.spans.Lost(Busy)
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Grpc-Status", "14") // unavailable: the exporter tries again
		w.WriteHeader(http.StatusOK)
		return
	}
	defer func() { <-r.room }()
	r.rpc.ServeHTTP(w, request)
	switch w.Header().Get("Grpc-Status") {
	case "0", "12": // taken in; or a service for logs or metrics
	case "8":
		r.spans.Lost(TooLarge)
	default:
		r.spans.Lost(Malformed)
	}
}

// export takes spans in that came over gRPC.
func (r *Receiver) export(request *coltrace.ExportTraceServiceRequest) (int64, error) {
	if r.spans.screen.Secrets() > 0 {
		body, err := proto.Marshal(request)
		if err != nil {
			return 0, err
		}
		if r.spans.screen.Has(body) {
			r.spans.places(request)
			r.spans.screen.Mask(body)
			if request, err = decodeProto(body); err != nil {
				return 0, err
			}
		}
	}
	return r.spans.take(request), nil
}

// listener notices connections that begin with TLS.
type listener struct {
	net.Listener
	tls atomic.Bool
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c, of: l}, nil
}

type connection struct {
	net.Conn
	of   *listener
	read atomic.Bool
}

// Read implements net.Conn.
func (c *connection) Read(b []byte) (int, error) {
	const handshake = 22 // the type of TLS's first record
	n, err := c.Conn.Read(b)
	if n > 0 && c.read.CompareAndSwap(false, true) && b[0] == handshake {
		c.of.tls.Store(true)
	}
	return n, err
}
