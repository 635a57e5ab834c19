//go:build !notelemetry

package events

import (
	"log/slog"
	"time"
)

// Configured states that the configuration was read.
func (l Log) Configured(path string, staticDir, docDir bool, keepAlive time.Duration) {
	l.write(slog.LevelInfo, "Configuration loaded successfully", slog.String("config_path", path),
		slog.Bool("has_static_dir", staticDir), slog.Bool("has_doc_dir", docDir), slog.String("keep_alive",
			keepAlive.String()))
}

// Starting states what the service is about to serve.
func (l Log) Starting(stackSize, routes, handlers int) {
	l.write(slog.LevelInfo, "Service starting with configuration", slog.Int("stack_size", stackSize),
		slog.Int("routes_count", routes), slog.Int("handlers_count", handlers))
}

// StackClamped states that a handler's stack size was out of bounds, and what it is instead, bytes.
func (l Log) StackClamped(handler string, asked, size int) {
	l.write(slog.LevelWarn, "Stack size clamped", slog.String("handler_name", handler),
		slog.Int("asked_bytes", asked), slog.Int("stack_size", size))
}

// StackUnmeasured states why stacks cannot be measured.
func (l Log) StackUnmeasured(reason string) {
	l.write(slog.LevelWarn, "Stack measurement off", slog.String("reason", reason))
}

// SpansUndelivered states that a batch of spans could not be delivered. It has no line at the usual
// level, because a receiver that is down would fill the log: the spans are counted.
func (l Log) SpansUndelivered(err error) {
	l.write(slog.LevelDebug, "Span export failed", slog.String("error", Bounded(err.Error())))
}

// SpansLost states that the last spans could not be delivered.
func (l Log) SpansLost(err error) {
	l.write(slog.LevelWarn, "Spans lost at the end", slog.String("error", Bounded(err.Error())))
}

// Registering states that a handler is being registered.
func (l Log) Registering(handler, controller string) {
	l.write(slog.LevelDebug, "Registering typed handler", slog.String("handler_name", handler),
		slog.String("controller", controller))
}

// Spawned states that a coroutine was started.
func (l Log) Spawned(handler string, stackSize, total int) {
	l.write(slog.LevelInfo, "Coroutine spawned successfully", slog.String("handler_name", handler),
		slog.Int("stack_size", stackSize), slog.Int("total_handlers", total))
}

// SpawnFailed states that a coroutine could not be started.
func (l Log) SpawnFailed(handler, reason string) {
	l.write(slog.LevelError, "Coroutine spawn failed", slog.String("handler_name", handler),
		slog.String("reason", reason))
}

// Replaced states that a handler was registered anew.
func (l Log) Replaced(handler string) {
	l.write(slog.LevelWarn, "Destroying old coroutine - handler replaced", slog.String("handler_name", handler))
}

// SlowMatch states that a route match took this many nanoseconds.
func (l Log) SlowMatch(method, path string, took int64) {
	l.write(slog.LevelWarn, "Slow route matching detected", slog.String("method", method),
		slog.String("path", Bounded(path)), slog.Int64("duration_us", took/1000))
}

// Validated states that a check took this many nanoseconds, and why it refused the request, if it did.
func (l Log) Validated(provider string, took int64, reason string) {
	if l.to == nil {
		return
	}
	attrs := []slog.Attr{slog.String("provider_name", provider), slog.Float64("duration_ms", float64(took/1000)/1000),
		slog.Bool("success", reason == "")}
	if reason != "" {
		attrs = append(attrs, slog.String("reason", reason))
	}
	l.write(slog.LevelInfo, "Security provider validation complete", attrs...)
}
