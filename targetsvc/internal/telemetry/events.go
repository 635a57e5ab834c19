//go:build !notelemetry

package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// events writes the log events of the service, one function each. The zero value writes nothing.
type events struct {
	to      slog.Handler
	rewrite func(*http.Request, slog.Record) (slog.Record, bool) // nil, or the seam for lies
}

func (e events) write(level slog.Level, message string, attrs ...slog.Attr) {
	e.writeAbout(nil, level, message, attrs...)
}

// writeAbout writes an event about a request. It makes the record itself, because a slog.Logger
// would look up its caller, which costs more than the rest.
func (e events) writeAbout(about *http.Request, level slog.Level, message string, attrs ...slog.Attr) {
	if e.to == nil || !e.to.Enabled(context.Background(), level) {
		return
	}
	record := slog.NewRecord(time.Now(), level, message, 0)
	record.AddAttrs(attrs...)
	if e.rewrite != nil {
		var kept bool
		if record, kept = e.rewrite(about, record); !kept {
			return
		}
	}
	// Note: a log that cannot be written has nowhere to say so; the harness sees it as events
	// missing.
	_ = e.to.Handle(context.Background(), record)
}

func (e events) configured(path string, staticDir, docDir bool, keepAlive time.Duration) {
	e.write(slog.LevelInfo, "Configuration loaded successfully", slog.String("config_path", path),
		slog.Bool("has_static_dir", staticDir), slog.Bool("has_doc_dir", docDir), slog.String("keep_alive",
			keepAlive.String()))
}

func (e events) starting(stackSize, routes, handlers int) {
	e.write(slog.LevelInfo, "Service starting with configuration", slog.Int("stack_size", stackSize),
		slog.Int("routes_count", routes), slog.Int("handlers_count", handlers))
}

func (e events) stackClamped(handler string, asked, size int) {
	e.write(slog.LevelWarn, "Stack size clamped", slog.String("handler_name", handler),
		slog.Int("asked_bytes", asked), slog.Int("stack_size", size))
}

func (e events) stackUnmeasured(reason string) {
	e.write(slog.LevelWarn, "Stack measurement off", slog.String("reason", reason))
}

// spansUndelivered has no line at the usual level, because a receiver that is down would fill the
// log: the spans are counted.
func (e events) spansUndelivered(err error) {
	e.write(slog.LevelDebug, "Span export failed", slog.String("error", bounded(err.Error())))
}

func (e events) spansLost(err error) {
	e.write(slog.LevelWarn, "Spans lost at the end", slog.String("error", bounded(err.Error())))
}

func (e events) registering(facts HandlerFacts) {
	e.write(slog.LevelDebug, "Registering typed handler", slog.String("handler_name", facts.Name),
		slog.String("controller", facts.Controller))
}

func (e events) spawned(handler string, stackSize, total int) {
	e.write(slog.LevelInfo, "Coroutine spawned successfully", slog.String("handler_name", handler),
		slog.Int("stack_size", stackSize), slog.Int("total_handlers", total))
}

func (e events) spawnFailed(handler, reason string) {
	e.write(slog.LevelError, "Coroutine spawn failed", slog.String("handler_name", handler),
		slog.String("reason", reason))
}

func (e events) replaced(handler string) {
	e.write(slog.LevelWarn, "Destroying old coroutine - handler replaced", slog.String("handler_name", handler))
}

func (e events) slowMatch(r *http.Request, took int64) {
	e.write(slog.LevelWarn, "Slow route matching detected", slog.String("method", standardMethod(r.Method)),
		slog.String("path", bounded(r.URL.Path)), slog.Int64("duration_us", took/1000))
}

func (e events) validated(provider string, took int64, reason string) {
	if e.to == nil {
		return
	}
	attrs := []slog.Attr{slog.String("provider_name", provider), slog.Float64("duration_ms", float64(took/1000)/1000),
		slog.Bool("success", reason == "")}
	if reason != "" {
		attrs = append(attrs, slog.String("reason", reason))
	}
	e.write(slog.LevelInfo, "Security provider validation complete", attrs...)
}

func (e events) complete(rq *Request, status int, took int64, bytes int) {
	if e.to == nil {
		return
	}
	e.writeAbout(rq.http, slog.LevelInfo, "Request complete", slog.String("request_id", requestID(rq.id)),
		slog.String("trace_id", rq.trace.traceID()),
		slog.String("method", standardMethod(rq.http.Method)), slog.String("path", bounded(rq.http.URL.Path)),
		slog.String("handler_name", rq.handler.name), slog.Int("status", status), slog.Int64("duration_us", took/1000),
		slog.Int("request_bytes", rq.received), slog.Int("response_bytes", bytes))
}

func (e events) aborted(rq *Request, stage Stage) {
	if e.to == nil {
		return
	}
	e.writeAbout(rq.http, slog.LevelInfo, "Request aborted", slog.String("request_id", requestID(rq.id)),
		slog.String("handler_name", rq.handler.name), slog.String("stage", stage.String()))
}

func (e events) panicked(request uint64, handler string, value any) {
	if e.to == nil {
		return
	}
	e.write(slog.LevelError, "Handler panicked", slog.String("request_id", requestID(request)),
		slog.String("handler_name", handler), slog.String("panic", bounded(fmt.Sprint(value))))
}

func (e events) sendFailed(rq *Request, depth int, reason string) {
	if e.to == nil {
		return
	}
	e.writeAbout(rq.http, slog.LevelWarn, "Channel send failed", slog.String("request_id", requestID(rq.id)),
		slog.String("handler_name", rq.handler.name), slog.Int("queue_depth", depth), slog.String("reason", reason))
}

// maxText is the longest text of a caller's that an event repeats, in bytes.
const maxText = 512

func bounded(text string) string {
	if len(text) > maxText {
		return text[:maxText] + "…"
	}
	return text
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

func nextRequestID() uint64 { return requestCount.Add(1) }

func requestID(n uint64) string { return processID + "-" + strconv.FormatUint(n, 16) }
