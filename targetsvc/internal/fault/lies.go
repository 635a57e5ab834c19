//go:build !notelemetry

package fault

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	dto "github.com/prometheus/client_model/go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"brrtload/targetsvc/internal/telemetry"
)

// lie has the function of a lie at its seam: exactly one is set.
type lie struct {
	// families changes what was gathered for one scrape. It owns the families but for their label
	// pairs.
	families func(*setting, []*dto.MetricFamily) []*dto.MetricFamily
	// event changes an event about a request, nil when there is none, and says whether to write it.
	event func(*setting, *http.Request, slog.Record) (slog.Record, bool)
	// spans changes what is about to be delivered.
	spans func(*setting, []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan
	// exposition changes the answer to a scrape.
	exposition func(*setting, http.Handler) http.Handler
}

// lies lists the faults in what the telemetry says; the service does what it should.
func lies() []Fault {
	lieOf := func(name, value, does string, read read, l lie) Fault {
		return Fault{name, Lie, value, does, read, seam{lie: l}}
	}
	return []Fault{
		lieOf("requests-miss-every-nth", "N", "brrtrouter_requests_total misses every nth request",
			count, lie{families: requestsMissEveryNth}),
		lieOf("requests-counted-twice", "N", "brrtrouter_requests_total counts every nth request twice",
			count, lie{families: requestsCountedTwice}),
		lieOf("in-flight-leak", "N", "brrtrouter_active_requests does not go down again for every nth request",
			count, lie{families: inFlightLeak}),
		lieOf("counter-reset", "N",
			"once N requests were counted the brrtrouter_ counters begin again at 0, without a restart",
			count, lie{families: counterReset}),
		lieOf("frozen-gauge", "METRIC", "the metric stays as the first scrape finds it",
			metric, lie{families: frozenGauge}),
		lieOf("zero-gauge", "METRIC", "the gauge is 0, such as a stack gauge that is never set",
			metric, lie{families: inFamily(zeroGauge)}),
		lieOf("missing-family", "METRIC", "the metric is left out",
			metric, lie{families: missingFamily}),
		lieOf("changed-type", "METRIC", "the counter is exposed as a gauge, the gauge as a counter",
			metric, lie{families: inFamily(changedType)}),
		lieOf("renamed-label", "METRIC", "the metric's first label has _name after its name",
			metric, lie{families: inFamily(renamedLabel)}),
		lieOf("swapped-label-value", "METRIC", "the values of the metric's last label are exchanged",
			metric, lie{families: inFamily(swappedLabelValue)}),
		lieOf("label-per-request", "METRIC",
			"the counter has a label with a value for each thing counted, as if it were the caller's",
			metric, lie{families: inFamily(labelPerRequest)}),
		lieOf("wrong-histogram-sum", "METRIC", "the histogram's sum is twice what was observed",
			metric, lie{families: inFamily(wrongHistogramSum)}),
		lieOf("histogram-in-milliseconds", "METRIC",
			"the histogram in seconds observes milliseconds, in the same buckets",
			metric, lie{families: inFamily(histogramInMilliseconds)}),
		lieOf("clipped-histogram", "METRIC", "the histogram in seconds observes 25 ms at most",
			metric, lie{families: inFamily(clippedHistogram)}),
		lieOf("early-duration", "HANDLER", "the durations of the handler's requests end before the handler begins",
			handler, lie{families: earlyDuration}),
		lieOf("wait-from-dequeue", "HANDLER", "the wait in the handler's mailbox is measured from where it ends",
			handler, lie{families: waitFromDequeue}),
		lieOf("zero-histogram", "METRIC", "the histogram observes 0 for everything",
			metric, lie{families: inFamily(zeroHistogram)}),
		lieOf("one-bucket-histogram", "METRIC",
			"the histogram in seconds has bounds for microseconds, so that all it observes is in one bucket",
			metric, lie{families: inFamily(oneBucketHistogram)}),
		lieOf("unset-gauge", "METRIC", "the gauge is the largest integer of 64 bits, as if it had never been set",
			metric, lie{families: inFamily(unsetGauge)}),
		lieOf("size-as-mark", "METRIC",
			"brrtrouter_coroutine_stack_used_bytes is what that metric is, such as the size of the stack",
			metric, lie{families: sizeAsMark}),
		lieOf("moves-once", "METRIC",
			"the gauge moves in one scrape, and is in all others as the first scrape finds it",
			metric, lie{families: movesOnce}),
		lieOf("created-ahead", "METRIC", "the creation times of the metric lie an hour ahead",
			metric, lie{families: inFamily(createdAhead)}),
		lieOf("misplaced-exemplar", "METRIC", "each bucket of the histogram has an exemplar above its bound",
			metric, lie{families: inFamily(misplacedExemplar)}),
		lieOf("doubled-allocations", "HANDLER", "what the handler allocated is counted twice",
			handler, lie{families: doubledAllocations}),
		lieOf("swapped-allocations", "HANDLERS",
			"what one of two handlers allocated is counted as the other's, and the other way round",
			twoHandlers, lie{families: swappedAllocations}),
		lieOf("forgotten-leak", "METRIC", "the gauge is no higher than the first scrape finds it, whatever is kept since",
			metric, lie{families: forgottenLeak}),
		lieOf("missing-event", "EVENT", "the log event with that message is left out",
			name, lie{event: missingEvent}),
		lieOf("secret-in-log", "HEADER", "each event that ends or refuses a request repeats that header of it",
			name, lie{event: secretInLog}),
		lieOf("lost-spans", "N", "every nth span is dropped, and counted as delivered",
			count, lie{spans: lostSpans}),
		lieOf("slow-metrics", "DURATION", "/metrics waits that long before it answers",
			duration, lie{exposition: slowMetrics}),
		lieOf("stale-metrics", "DURATION", "/metrics gathers anew only after that time",
			duration, lie{families: staleMetrics}),
		lieOf("truncated-metrics", "BYTES", "/metrics ends after that many bytes as if that were all",
			size, lie{exposition: truncatedMetrics}),
		lieOf("garbage-metrics", "BYTES", "/metrics answers with that many bytes that mean nothing",
			size, lie{exposition: garbageMetrics}),
		lieOf("enormous-metrics", "BYTES", "/metrics has that many bytes of further series after its own",
			size, lie{exposition: enormousMetrics}),
		lieOf("failing-metrics", "N", "/metrics answers every nth scrape with 500",
			count, lie{exposition: failingMetrics}),
	}
}

// metric takes the name of a metric of the service, or of its process.
func metric(text string) (int64, error) {
	for _, prefix := range []string{"brrtrouter_", "go_", "process_"} {
		if strings.HasPrefix(text, prefix) {
			return 0, nil
		}
	}
	return 0, errors.New("want the name of a metric that begins with brrtrouter_, go_ or process_")
}

// Lie puts the lies between the telemetry and those who read it.
func (s *Set) Lie(t *telemetry.Telemetry) {
	t.Rewrite(telemetry.Rewrites{Families: s.families, Event: s.event, Spans: s.spans, Exposition: s.exposition})
}

func (s *Set) families(families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, on := range *s.active.Load() {
		if on.lie.families != nil {
			families = on.lie.families(on, families)
		}
	}
	return families
}

func (s *Set) event(about *http.Request, event slog.Record) (slog.Record, bool) {
	for _, on := range *s.active.Load() {
		if on.lie.event == nil {
			continue
		}
		var kept bool
		if event, kept = on.lie.event(on, about, event); !kept {
			return event, false
		}
	}
	return event, true
}

func (s *Set) spans(spans []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	for _, on := range *s.active.Load() {
		if on.lie.spans != nil {
			spans = on.lie.spans(on, spans)
		}
	}
	return spans
}

func (s *Set) exposition(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := h
		for _, on := range *s.active.Load() {
			if on.lie.exposition != nil {
				next = on.lie.exposition(on, next)
			}
		}
		next.ServeHTTP(w, r)
	})
}
