// Package signals takes log events and spans in.
//
// In go a service's log, line by line, and the spans that it exports over OTLP to a [Receiver]; out
// come counts by chosen labels, which package run writes into the evidence as series, and the
// shapes of what was seen, as events for package assertions. Secrets are found and masked on the
// way by a [Screen]. Memory is bounded everywhere, whatever comes in; what could not be counted is
// counted as lost.
package signals

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"brrtload/internal/diag"
)

// Receiver is an OTLP receiver for spans, over HTTP (protobuf and JSON, at /v1/traces) and over
// gRPC, plain and gzip, all at one address. It takes no logs and no metrics.
type Receiver struct {
	spans  *Spans
	server *http.Server
	rpc    *grpc.Server
	listen *listener
	room   chan struct{} // a place for each body that is read at once
	bodies sync.Pool
	path   atomic.Value // a string: the first that is none of OTLP's
	done   sync.WaitGroup
}

const (
	maxBody    = 16 << 20        // bytes, decompressed
	maxAtOnce  = 4               // bodies read at once
	patience   = 2 * time.Second // that a body waits for its turn
	bodyTime   = 10 * time.Second
	retryAfter = "1" // second
)

// Listen starts a receiver at a loopback address; port 0 is any.
func Listen(address string, spans *Spans) (*Receiver, error) {
	listen, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("span receiver: %w", err)
	}
	r := &Receiver{spans: spans, listen: &listener{Listener: listen}, room: make(chan struct{}, maxAtOnce)}
	r.bodies.New = func() any { return new(bytes.Buffer) }
	r.rpc = NewRPC(r.export)
	r.server = NewServer(r)
	r.server.ReadHeaderTimeout, r.server.ReadTimeout, r.server.MaxHeaderBytes = bodyTime, bodyTime, 64<<10
	r.done.Go(func() { _ = r.server.Serve(r.listen) }) // it ends with Close
	return r, nil
}

// URL returns the endpoint for exporters.
func (r *Receiver) URL() string { return "http://" + r.listen.Addr().String() }

// Close ends the receiver. Bodies under way are taken in first, for a second at most.
func (r *Receiver) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = r.server.Close()
	}
	r.done.Wait()
	return err
}

// Strange reports in words which protocol something spoke that is not taken in here; nothing when
// nothing did.
func (r *Receiver) Strange() string {
	var spoken []string
	if r.listen.tls.Load() {
		spoken = append(spoken, "TLS")
	}
	if path, _ := r.path.Load().(string); path != "" {
		spoken = append(spoken, "HTTP at the path "+path)
	}
	if len(spoken) == 0 {
		return ""
	}
	return fmt.Sprintf("the receiver of spans was spoken to in %s; it takes OTLP over HTTP, at /v1/traces, and over gRPC, without TLS", strings.Join(spoken, " and in "))
}

// refusal is an answer other than 200.
type refusal struct {
	status int
	reason string // for which something is lost; empty when nothing is
	error
}

// ServeHTTP takes one body in.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if IsRPC(request) {
		r.serveRPC(w, request)
		return
	}
	media, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type"))
	asJSON := media == "application/json"
	refused, err := r.receive(w, request, media)
	var no refusal
	switch {
	case errors.As(err, &no):
		if no.reason != "" {
			r.spans.Lost(no.reason)
		}
		if no.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", retryAfter)
		}
		answer(w, asJSON, no.status, &rpcstatus.Status{Message: diag.Printable(no.Error())})
	default:
		answer(w, asJSON, http.StatusOK, accepted(refused))
	}
}

func answer(w http.ResponseWriter, asJSON bool, status int, message proto.Message) {
	media, encode := "application/x-protobuf", proto.Marshal
	if asJSON {
		media, encode = "application/json", protojson.Marshal
	}
	body, err := encode(message)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(body) // an exporter that has left will try again
}

// receive reads a body and takes its spans in. It gives how many spans it refused; the error is a
// refusal of the whole.
func (r *Receiver) receive(w http.ResponseWriter, request *http.Request, media string) (int64, error) {
	decode := decodeProto
	switch {
	case request.URL.Path != "/v1/traces":
		if at := request.URL.Path; at != "/v1/logs" && at != "/v1/metrics" {
			r.path.CompareAndSwap(nil, diag.Printable(r.spans.screen.Masked(at)))
		}
		return 0, refusal{http.StatusNotFound, "", errors.New("only spans are taken in here, at /v1/traces")}
	case request.Method != http.MethodPost:
		return 0, refusal{http.StatusMethodNotAllowed, "", errors.New("want POST")}
	case media == "application/json":
		decode = decodeJSON
	case media != "application/x-protobuf":
		return 0, refusal{http.StatusUnsupportedMediaType, Malformed,
			errors.New("want application/x-protobuf or application/json")}
	}
	if err := r.turn(request.Context()); err != nil {
		return 0, err
	}
	defer func() { <-r.room }()
	buffer := r.bodies.Get().(*bytes.Buffer)
	defer r.bodies.Put(buffer)
	buffer.Reset()
	if err := read(buffer, w, request); err != nil {
		return 0, err
	}
	body := buffer.Bytes()
	parsed, err := decode(body)
	if err == nil && r.spans.screen.Has(body) {
		r.spans.places(parsed)
		r.spans.screen.Mask(body)
		parsed, err = decode(body)
	}
	if err != nil {
		return 0, refusal{http.StatusBadRequest, Malformed, err}
	}
	return r.spans.take(parsed), nil
}

// turn waits until a body may be read.
func (r *Receiver) turn(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r.room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return refusal{http.StatusServiceUnavailable, Busy, ctx.Err()}
	case <-timer.C:
		return refusal{http.StatusTooManyRequests, Busy, errors.New("too many bodies at once")}
	}
}

// read reads the body, decompressed.
func read(to *bytes.Buffer, w http.ResponseWriter, request *http.Request) error {
	var from io.Reader = http.MaxBytesReader(w, request.Body, maxBody)
	switch encoding := request.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(from)
		if err != nil {
			return refusal{http.StatusBadRequest, Malformed, fmt.Errorf("byte 0: %w", err)}
		}
		from = unzipped
	default:
		return refusal{http.StatusUnsupportedMediaType, Malformed, errors.New("want gzip or no content encoding")}
	}
	n, err := to.ReadFrom(io.LimitReader(from, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case n > maxBody, errors.As(err, &tooLarge):
		return refusal{http.StatusRequestEntityTooLarge, TooLarge, fmt.Errorf("a body of more than %d bytes", maxBody)}
	case err != nil:
		return refusal{http.StatusBadRequest, Malformed, fmt.Errorf("byte %d: %w", n, err)}
	}
	return nil
}
