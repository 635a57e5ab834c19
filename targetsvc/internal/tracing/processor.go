//go:build !notelemetry

package tracing

import (
	"context"
	"fmt"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Note: the SDK's own batch processor counts what it drops nowhere that can be read together with
// the rest, so that ended = exported + dropped + queued could not be checked.

const (
	capacity = 2048                   // spans that may be queued, those being delivered among them
	batch    = 512                    // spans delivered at once, at most
	interval = 200 * time.Millisecond // how long a span waits for others, at most
	patience = 10 * time.Second       // how long one delivery may take
)

// Reason is why a span was dropped.
type Reason string

// The reasons.
const (
	QueueFull    Reason = "queue_full"    // more spans ended than could be delivered
	ExportFailed Reason = "export_failed" // the receiver did not acknowledge the batch, or not all of it
	Shutdown     Reason = "shutdown"      // time ran out, or the span ended after the end
)

// Reasons lists them all.
var Reasons = []Reason{QueueFull, ExportFailed, Shutdown}

// Counts says where the sampled spans are that have ended: Ended = Exported + the sum of Dropped +
// Queued, in every snapshot.
type Counts struct {
	Ended, Exported uint64
	Queued          uint64 // being delivered, or waiting for it
	Dropped         map[Reason]uint64
}

// processor is a bounded queue in front of an exporter, and one goroutine between the two.
type processor struct {
	exporter sdktrace.SpanExporter
	failed   func(error)
	wake     chan struct{} // holds one
	stop     context.CancelFunc
	done     chan struct{}

	mu              sync.Mutex
	rewrite         func([]sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan // nil, or the seam for lies
	waiting         []sdktrace.ReadOnlySpan
	delivering      int
	ended, exported uint64
	dropped         map[Reason]uint64
	closed          bool
}

var _ sdktrace.SpanProcessor = (*processor)(nil)

func newProcessor(exporter sdktrace.SpanExporter, failed func(error)) *processor {
	ctx, stop := context.WithCancel(context.Background())
	p := &processor{exporter: exporter, failed: failed, wake: make(chan struct{}, 1), stop: stop,
		done:    make(chan struct{}),
		dropped: map[Reason]uint64{}}
	go p.run(ctx)
	return p
}

// OnStart implements sdktrace.SpanProcessor.
func (p *processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd takes a span in, or drops it. It never waits for a delivery.
func (p *processor) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
	switch {
	case p.closed:
		p.dropped[Shutdown]++
	case len(p.waiting)+p.delivering >= capacity:
		p.dropped[QueueFull]++
	default:
		p.waiting = append(p.waiting, s)
		if len(p.waiting) == batch {
			p.nudge()
		}
	}
}

func (p *processor) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run delivers batches until the processor is closed and empty, or the context ends.
func (p *processor) run(ctx context.Context) {
	defer close(p.done)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-p.wake:
		case <-ticker.C:
		}
		for p.deliver(ctx) {
		}
		if p.finished(ctx) {
			return
		}
	}
}

// finished reports whether nothing will come any more. What the context's end left waiting is
// dropped.
func (p *processor) finished(ctx context.Context) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		p.dropped[Shutdown] += uint64(len(p.waiting))
		p.waiting = nil
	}
	return p.closed && len(p.waiting) == 0
}

// deliver sends one batch and reports whether another is to follow at once: a full one waits, or
// the processor is closed.
func (p *processor) deliver(ctx context.Context) bool {
	spans := p.take(ctx)
	if len(spans) == 0 {
		return false
	}
	err := p.export(ctx, spans)
	p.mu.Lock()
	p.delivering = 0
	switch {
	case err == nil:
		p.exported += uint64(len(spans))
	case ctx.Err() != nil:
		p.dropped[Shutdown] += uint64(len(spans))
	default:
		p.dropped[ExportFailed] += uint64(len(spans))
	}
	more := len(p.waiting) >= batch || p.closed
	p.mu.Unlock()
	if err != nil {
		p.failed(fmt.Errorf("deliver %d spans: %w", len(spans), err))
	}
	return more
}

// take moves a batch from waiting to delivering.
func (p *processor) take(ctx context.Context) []sdktrace.ReadOnlySpan {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	n := min(len(p.waiting), batch)
	spans := append([]sdktrace.ReadOnlySpan(nil), p.waiting[:n]...)
	rest := copy(p.waiting, p.waiting[n:])
	clear(p.waiting[rest:])
	p.waiting = p.waiting[:rest]
	p.delivering = n
	return spans
}

func (p *processor) export(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p.mu.Lock()
	rewrite := p.rewrite
	p.mu.Unlock()
	if rewrite != nil {
		spans = rewrite(spans)
	}
	return p.exporter.ExportSpans(ctx, spans)
}

// ForceFlush implements sdktrace.SpanProcessor: it has what waits delivered soon, and does not wait
// for it.
func (p *processor) ForceFlush(context.Context) error {
	p.nudge()
	return nil
}

// Shutdown implements sdktrace.SpanProcessor: it delivers what waits for as long as the context
// lasts, and drops the rest. Spans that end later are dropped.
func (p *processor) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.nudge()
	defer p.stop()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.stop() // also ends the delivery under way
		p.nudge()
		<-p.done
		return fmt.Errorf("spans not delivered at the end: %w", ctx.Err())
	}
}

func (p *processor) counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := Counts{Ended: p.ended, Exported: p.exported, Queued: uint64(len(p.waiting) + p.delivering),
		Dropped: map[Reason]uint64{}}
	for _, reason := range Reasons {
		c.Dropped[reason] = p.dropped[reason]
	}
	return c
}
