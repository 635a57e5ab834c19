//go:build !notelemetry

package events

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
)

// About is the request that an event is about.
type About struct {
	HTTP    *http.Request
	ID      uint64 // see [NextID]
	Handler string
}

// Completion is how a request was answered.
type Completion struct {
	TraceID        string // empty when there are no traces
	Method         string
	Status         int
	Took           int64 // nanoseconds
	Received, Sent int   // bytes of the bodies
}

// Complete states that a request was answered.
func (l Log) Complete(rq About, c Completion) {
	if l.to == nil {
		return
	}
	l.writeAbout(rq.HTTP, slog.LevelInfo, "Request complete", slog.String("request_id", requestID(rq.ID)),
		slog.String("trace_id", c.TraceID),
		slog.String("method", c.Method), slog.String("path", Bounded(rq.HTTP.URL.Path)),
		slog.String("handler_name", rq.Handler), slog.Int("status", c.Status), slog.Int64("duration_us", c.Took/1000),
		slog.Int("request_bytes", c.Received), slog.Int("response_bytes", c.Sent))
}

// Aborted states that a request's client went away, and at which stage.
func (l Log) Aborted(rq About, stage string) {
	if l.to == nil {
		return
	}
	l.writeAbout(rq.HTTP, slog.LevelInfo, "Request aborted", slog.String("request_id", requestID(rq.ID)),
		slog.String("handler_name", rq.Handler), slog.String("stage", stage))
}

// SendFailed states that a mailbox with this many requests in it did not take a request.
func (l Log) SendFailed(rq About, depth int, reason string) {
	if l.to == nil {
		return
	}
	l.writeAbout(rq.HTTP, slog.LevelWarn, "Channel send failed", slog.String("request_id", requestID(rq.ID)),
		slog.String("handler_name", rq.Handler), slog.Int("queue_depth", depth), slog.String("reason", reason))
}

// Panicked states that a handler panicked at a request.
func (l Log) Panicked(request uint64, handler string, value any) {
	if l.to == nil {
		return
	}
	l.write(slog.LevelError, "Handler panicked", slog.String("request_id", requestID(request)),
		slog.String("handler_name", handler), slog.String("panic", Bounded(fmt.Sprint(value))))
}

// Request ids are a random number of the process's and a count, so that they are unique across
// restarts.
var (
	processID = func() string {
		var b [4]byte
		_, _ = rand.Read(b[:])
		return fmt.Sprintf("%08x", binary.BigEndian.Uint32(b[:]))
	}()
	requestCount atomic.Uint64
)

// NextID returns the number of a new request.
func NextID() uint64 { return requestCount.Add(1) }

func requestID(n uint64) string { return processID + "-" + strconv.FormatUint(n, 16) }
