// Package signals takes log events and spans in.
//
// In go a service's log, line by line, and the spans that it exports over OTLP/HTTP to a [Receiver]; out come counts by chosen labels, which package
// run writes into the evidence as series, and the shapes of what was seen, as events for package assertions. Secrets are found and masked on
// the way by a [Screen]. Memory is bounded everywhere, whatever comes in; what could not be counted is counted as lost.
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
	"sync"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"brrtload/internal/diag"
)

// Receiver is an OTLP/HTTP receiver for spans: protobuf and JSON, plain and gzip, at /v1/traces. It takes no logs and no metrics.
type Receiver struct {
	spans  *Spans
	server *http.Server
	listen net.Listener
	room   chan struct{} // a place for each body that is read at once
	bodies sync.Pool
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
	r := &Receiver{spans: spans, listen: listen, room: make(chan struct{}, maxAtOnce)}
	r.bodies.New = func() any { return new(bytes.Buffer) }
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: bodyTime, ReadTimeout: bodyTime, MaxHeaderBytes: 64 << 10}
	r.done.Go(func() { _ = r.server.Serve(listen) }) // it ends with Close
	return r, nil
}

// URL gives the endpoint that exporters are to be told.
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

// refusal is an answer other than 200.
type refusal struct {
	status int
	reason string // for which something is lost; empty when nothing is
	error
}

// ServeHTTP takes one body in.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
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
		response := &coltrace.ExportTraceServiceResponse{}
		if refused > 0 {
			response.PartialSuccess = &coltrace.ExportTracePartialSuccess{RejectedSpans: refused, ErrorMessage: "spans need a trace id of 16 bytes and a span id of 8"}
		}
		answer(w, asJSON, http.StatusOK, response)
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

// receive reads a body and takes its spans in. It gives how many spans it refused; the error is a refusal of the whole.
func (r *Receiver) receive(w http.ResponseWriter, request *http.Request, media string) (int64, error) {
	decode := decodeProto
	switch {
	case request.URL.Path != "/v1/traces":
		return 0, refusal{http.StatusNotFound, "", errors.New("only spans are taken in here, at /v1/traces")}
	case request.Method != http.MethodPost:
		return 0, refusal{http.StatusMethodNotAllowed, "", errors.New("want POST")}
	case media == "application/json":
		decode = decodeJSON
	case media != "application/x-protobuf":
		return 0, refusal{http.StatusUnsupportedMediaType, Malformed, errors.New("want application/x-protobuf or application/json")}
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
