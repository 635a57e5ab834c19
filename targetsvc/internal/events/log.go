//go:build !notelemetry

// Package events writes the log events of the service, a function each.
//
// Messages and attributes are known here alone; which facts are written is decided by package
// telemetry.
package events

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Log writes events. The zero value writes nothing. It is safe for concurrent use.
type Log struct {
	to slog.Handler
	// Rewrite, if not nil, gets an event and the request that it is about, nil when there is none,
	// and reports whether to write it. It is the seam at which events are made to lie.
	Rewrite func(*http.Request, slog.Record) (slog.Record, bool)
}

// To returns a log of the events from a level on, one JSON object a line.
func To(w io.Writer, level slog.Level) Log {
	return Log{to: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})}
}

func (l Log) write(level slog.Level, message string, attrs ...slog.Attr) {
	l.writeAbout(nil, level, message, attrs...)
}

// writeAbout writes an event about a request. It makes the record itself, because a slog.Logger
// would look up its caller, which costs more than the rest.
func (l Log) writeAbout(about *http.Request, level slog.Level, message string, attrs ...slog.Attr) {
	if l.to == nil || !l.to.Enabled(context.Background(), level) {
		return
	}
	record := slog.NewRecord(time.Now(), level, message, 0)
	record.AddAttrs(attrs...)
	if l.Rewrite != nil {
		var kept bool
		if record, kept = l.Rewrite(about, record); !kept {
			return
		}
	}
	// Note: a log that cannot be written has nowhere to say so; the harness sees it as events
	// missing.
	_ = l.to.Handle(context.Background(), record)
}

// maxText is the longest text of a caller's that telemetry repeats, in bytes.
const maxText = 512

// Bounded cuts a text of a caller's that is too long to be repeated.
func Bounded(text string) string {
	if len(text) > maxText {
		return text[:maxText] + "…"
	}
	return text
}
