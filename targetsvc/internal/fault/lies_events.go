//go:build !notelemetry

package fault

import (
	"log/slog"
	"net/http"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func missingEvent(s *setting, _ *http.Request, event slog.Record) (slog.Record, bool) {
	return event, event.Message != s.text
}

func secretInLog(s *setting, about *http.Request, event slog.Record) (slog.Record, bool) {
	if about != nil && about.Header.Get(s.text) != "" {
		event.AddAttrs(slog.String("header", s.text+": "+about.Header.Get(s.text)))
	}
	return event, true
}

func lostSpans(s *setting, spans []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	var kept []sdktrace.ReadOnlySpan
	for _, span := range spans {
		if !s.everyNth() {
			kept = append(kept, span)
		}
	}
	return kept
}
